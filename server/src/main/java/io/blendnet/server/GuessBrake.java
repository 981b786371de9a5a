package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slows the guessing of passwords. Wrong ones are counted for each network that they come from, and
 * over all. Where there were many, a password waits before it is looked at: the right one as long
 * as a wrong one, so that breaking off early tells nothing, and never longer than {@link #LONGEST},
 * so that nobody can lock the owner out. A network without wrong passwords does not wait at all,
 * unless passwords are guessed from many networks at once and no right one ever came from it.
 *
 * <p>Counts fade by themselves; a right password does not reset them, else whoever shares an
 * address with the owner could go on guessing. Memory is bounded: so many networks are remembered,
 * and so many passwords wait. Thread-safe.
 */
final class GuessBrake {
  private static final Logger LOG = LoggerFactory.getLogger(GuessBrake.class);

  /** Wrong passwords of one network that cost no time: slips of the hand. */
  static final int FREE = 5;

  /** Wrong passwords of all networks until the unknown among them wait. */
  static final int FREE_OF_ALL = 60;

  /** The longest that a password waits. Published clients give up after three seconds. */
  static final Duration LONGEST = Duration.ofSeconds(2);

  /** Passwords of one network that wait at a time; with {@link #LONGEST}, 64 guesses a second. */
  static final int WAITING_OF_ONE = 128;

  /** Passwords that wait at a time; a network of which none does may always have one more. */
  static final int WAITING = 256;

  /** Networks that are remembered. */
  static final int NETWORKS = 10_000;

  private static final Duration SHORTEST = Duration.ofMillis(125);
  private static final Duration OF_STRANGERS = Duration.ofSeconds(1);
  private static final int DOUBLINGS = 4;

  /** What a network can be charged with at most; from there it takes 75 s to be free again. */
  private static final double MOST = 20;

  private static final Duration ONE_FADES_IN = Duration.ofSeconds(5);
  private static final Duration ONE_OF_ALL_FADES_IN = Duration.ofSeconds(1);

  /** Wrong passwords that are recognised when they come again: a program has an old one. */
  private static final int RECOGNISED = 4;

  /** Lets time go by. */
  @FunctionalInterface
  interface Pause {
    void pause(Duration length) throws InterruptedException;
  }

  private final LongSupplier nanoTime;
  private final Pause pause;
  private final Map<ClientNetwork, Standing> standings =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ClientNetwork, Standing> eldest) {
          return size() > NETWORKS;
        }
      };
  private final Map<ClientNetwork, Integer> waitingOf = new LinkedHashMap<>();
  private final Charge all;
  private int waiting;

  /**
   * @param nanoTime nanoseconds from any origin, such as {@link System#nanoTime}: the computer's
   *     clock may jump
   */
  GuessBrake(LongSupplier nanoTime, Pause pause) {
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.all = new Charge(ONE_OF_ALL_FADES_IN, 2 * FREE_OF_ALL, nanoTime.getAsLong());
  }

  /**
   * Waits as long as a password from there has to.
   *
   * @throws ApiException too many wait already ({@code TOO_MANY_REQUESTS})
   */
  void await(ClientNetwork network) throws InterruptedException {
    Duration length = takePlace(network);
    if (length.isZero()) {
      return;
    }
    try {
      pause.pause(length);
    } finally {
      leavePlace(network);
    }
  }

  /** A right password came from there. */
  synchronized void right(ClientNetwork network) {
    standingOf(network).hasBeenRight = true;
  }

  /**
   * A wrong password came from there. The same one again is no guess.
   *
   * @param fingerprint tells it from others, and nothing else
   */
  synchronized void wrong(ClientNetwork network, String fingerprint) {
    Standing standing = standingOf(network);
    if (standing.latest.contains(fingerprint)) {
      return;
    }
    standing.latest.addLast(fingerprint);
    if (standing.latest.size() > RECOGNISED) {
      standing.latest.removeFirst();
    }
    long now = nanoTime.getAsLong();
    if (standing.charge.at(now) < FREE) {
      wrongForFree(network, standing, now);
    } else {
      standing.charge.add(now);
    }
  }

  /**
   * Only what cost its sender nothing counts for all: one who guesses much is slowed by himself.
   */
  private void wrongForFree(ClientNetwork network, Standing standing, long now) {
    boolean manyOfAll = all.at(now) >= FREE_OF_ALL;
    if (all.add(now) >= FREE_OF_ALL && !manyOfAll) {
      LOG.warn("Many wrong passwords from many places; who has not signed in before has to wait");
    }
    if (standing.charge.add(now) >= FREE && !manyOfAll) {
      LOG.warn("Many wrong passwords from {}; whoever signs in from there has to wait", network);
    }
  }

  private synchronized Duration takePlace(ClientNetwork network) {
    Duration length = lengthFor(network);
    if (length.isZero()) {
      return length;
    }
    int ofOne = waitingOf.getOrDefault(network, 0);
    if (ofOne >= WAITING_OF_ONE || (waiting >= WAITING && ofOne > 0)) {
      throw new ApiException(
          ErrorCode.TOO_MANY_REQUESTS,
          "Too many who want to sign in wait already; try again in a few seconds");
    }
    waitingOf.put(network, ofOne + 1);
    waiting++;
    return length;
  }

  private synchronized void leavePlace(ClientNetwork network) {
    waiting--;
    waitingOf.computeIfPresent(network, (_, count) -> count > 1 ? count - 1 : null);
  }

  private Duration lengthFor(ClientNetwork network) {
    Standing standing = standings.get(network);
    long now = nanoTime.getAsLong();
    int over = standing == null ? -1 : (int) standing.charge.at(now) - FREE;
    if (over >= 0) {
      Duration doubled = SHORTEST.multipliedBy(1L << Math.min(over, DOUBLINGS));
      return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }
    boolean isUnknown = standing == null || !standing.hasBeenRight;
    return isUnknown && all.at(now) >= FREE_OF_ALL ? OF_STRANGERS : Duration.ZERO;
  }

  private Standing standingOf(ClientNetwork network) {
    return standings.computeIfAbsent(
        network, _ -> new Standing(new Charge(ONE_FADES_IN, MOST, nanoTime.getAsLong())));
  }

  /** What is known of a network. */
  private static final class Standing {
    private final Charge charge;
    private final Deque<String> latest = new ArrayDeque<>();
    private boolean hasBeenRight;

    Standing(Charge charge) {
      this.charge = charge;
    }
  }

  /** A count that fades. */
  private static final class Charge {
    private final Duration oneFadesIn;
    private final double most;
    private double count;
    private long since;

    Charge(Duration oneFadesIn, double most, long now) {
      this.oneFadesIn = oneFadesIn;
      this.most = most;
      this.since = now;
    }

    double at(long now) {
      double faded = (double) (now - since) / oneFadesIn.toNanos();
      return Math.max(0, count - Math.max(0, faded));
    }

    double add(long now) {
      count = Math.min(most, at(now) + 1);
      since = now;
      return count;
    }
  }
}
