package io.blendnet.agent;

import io.blendnet.blender.HostMemory;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * When the next scene is opened in a second Blender while the present one renders.
 *
 * <p>Opening a scene keeps one core busy, mostly, and the disk. Done in its turn, it leaves all
 * other cores idle meanwhile; done beside a render it takes one core's share from that, once. So it
 * costs less time ahead than in its turn, whenever that is. What speaks against too early is the
 * memory of two scenes, and that the lease may be cancelled or stolen. So it begins when the last
 * step of the present scene has begun, or when what is left of that scene takes about as long as
 * opening: a large scene takes longer to open than a cell to render. How long the next scene takes
 * to open nobody knows; the present one tells, doubled, since there is a render beside it.
 *
 * <p>Memory: nobody knows either what the next scene takes, and the present one may yet grow. There
 * must be twice what the present Blender has taken at its peak, beside a reserve: once for a scene
 * as large, once for growth. What is opened ahead is given up when only the reserve is left. The
 * reserve is an eighth of the machine's memory, at most 1 GiB; a Blender that reads a scene cannot
 * take that between two looks.
 */
final class AheadRule {
  private static final long MOST_RESERVE = 1L << 30;
  private static final int SHARE_OF_RESERVE = 8;
  private static final int SHARES_NEEDED = 2;
  private static final int OPENING_FACTOR = 2;

  private AheadRule() {}

  /**
   * Whether the present scene is near enough to its end.
   *
   * @param waiting how many steps of the present scene have not begun
   * @param left how long the present scene is still rendered; empty: unknown
   * @param opening how long the present scene took to open
   */
  static boolean isTime(int waiting, Optional<Duration> left, Duration opening) {
    Duration early = opening.multipliedBy(OPENING_FACTOR);
    return waiting == 0 || left.filter(time -> time.compareTo(early) <= 0).isPresent();
  }

  /**
   * Whether there is room for another scene.
   *
   * @param used the most that the present Blender has taken, in bytes; empty: unknown, and no room
   */
  static boolean hasRoom(HostMemory memory, OptionalLong used) {
    return used.isPresent()
        && memory.available() - reserve(memory) >= SHARES_NEEDED * used.getAsLong();
  }

  /** Whether what was opened ahead has to go. */
  static boolean isShort(HostMemory memory) {
    return memory.available() < reserve(memory);
  }

  private static long reserve(HostMemory memory) {
    return Math.min(MOST_RESERVE, memory.total() / SHARE_OF_RESERVE);
  }
}
