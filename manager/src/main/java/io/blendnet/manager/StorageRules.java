package io.blendnet.manager;

import java.time.Duration;

/**
 * How much a Manager stores, and for how long.
 *
 * @param keepUnused how long a file stays that no task refers to and nobody asks for; an hour in
 *     any case: whoever was told that it is here must have time to refer to it
 * @param limit bytes of files beyond which unused ones go earlier and further uploads are refused;
 *     more than zero. Results go beyond
 */
public record StorageRules(Duration keepUnused, long limit) {
  /** 24 hours; as much as the disk holds. */
  public static final StorageRules DEFAULT = new StorageRules(Duration.ofHours(24), Long.MAX_VALUE);

  public StorageRules {
    if (keepUnused.isNegative()) {
      throw new IllegalArgumentException("A file is kept for no less than no time at all");
    }
    if (limit <= 0) {
      throw new IllegalArgumentException("A Manager stores more than nothing, not " + limit);
    }
  }
}
