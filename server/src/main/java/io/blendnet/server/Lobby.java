package io.blendnet.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections, from the moment that they are taken, before TLS begins. A connection over which
 * nobody has signed in is a stranger's: there are only so many of these, each for a short while.
 * When one more comes, the oldest goes of the network that has the most: whoever opens thousands
 * pushes out himself, and a client that comes to sign in has its time to do so.
 *
 * <p>Helidon 4.5.0 closes no connection before its first bytes have come, and its listener ends for
 * good when the process runs out of files; both would be at a stranger's hand. Thread-safe.
 */
final class Lobby implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lobby.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /**
   * How many connections there may be.
   *
   * @param strangers over which nobody has signed in
   * @param crowd so many strangers of one network get no more while there is no time for them
   * @param all in all; one more is closed at once
   * @param patience how long a stranger has to sign in, over a slow line, TLS included
   * @param refusals after which a stranger's connection is closed: a new one costs him more
   */
  record Limits(int strangers, int crowd, int all, Duration patience, int refusals) {
    /** A connection takes about 100 kB of memory, and one file of the process. */
    static Limits ofThisProcess() {
      int all = 4096;
      if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
        // The other half is for the server's own files.
        all = Math.clamp(unix.getMaxFileDescriptorCount() / 2, 16, all);
      }
      int strangers = Math.min(256, all / 2);
      return new Limits(strangers, strangers / 2, all, Duration.ofSeconds(30), 100);
    }
  }

  private final Limits limits;
  private final LongSupplier nanoTime;

  /** The oldest first. */
  private final Map<SocketAddress, Stranger> strangers = new LinkedHashMap<>();

  private final Map<ClientNetwork, Integer> strangersOf = new HashMap<>();
  private final Map<SocketAddress, Guest> guests = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lobby").factory());

  /** Was started when the latest connection was taken; used by the listener's thread. */
  private Thread latest = Thread.startVirtualThread(() -> {});

  Lobby(Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    var _ =
        clock.scheduleWithFixedDelay(
            this::sweep, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Takes a new connection in.
   *
   * @throws IOException there are too many of those who have signed in, or it is gone already
   */
  void arrived(SocketChannel channel) throws IOException {
    SocketAddress peer = channel.getRemoteAddress();
    if (peer == null) {
      throw new IOException("The client has gone already");
    }
    requireTime(peer);
    synchronized (strangers) {
      if (strangers.size() >= limits.strangers()) {
        pushOut();
      }
      if (strangers.size() + guests.size() >= limits.all()) {
        sweep();
      }
      if (strangers.size() + guests.size() >= limits.all()) {
        throw new IOException("There are %d connections already".formatted(limits.all()));
      }
      // A peer's port that is used again: what had it before is gone.
      guests.remove(peer);
      drop(peer);
      ClientNetwork network = ClientNetwork.of(peer);
      strangers.put(peer, new Stranger(channel, network, nanoTime.getAsLong()));
      strangersOf.merge(network, 1, Integer::sum);
    }
  }

  /**
   * Takes connections only as fast as they can be served, so that they do not stand in front of
   * requests over connections that are there: a virtual thread that was started at the one before
   * has to have had its turn, and with it all that stood in line before. Meanwhile a crowd's is
   * closed, which costs next to nothing, so that others do not wait behind it.
   */
  private void requireTime(SocketAddress peer) throws IOException {
    if (latest.isAlive()) {
      if (strangersOf(ClientNetwork.of(peer)) >= limits.crowd()) {
        throw new IOException("There is no time for more from there");
      }
      try {
        latest.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("The server is about to end", e);
      }
    }
    latest = Thread.startVirtualThread(() -> {});
  }

  private int strangersOf(ClientNetwork network) {
    synchronized (strangers) {
      return strangersOf.getOrDefault(network, 0);
    }
  }

  /** Whether the latest password that came over a connection was right. */
  boolean trusts(SocketAddress peer) {
    Guest guest = guests.get(peer);
    return guest != null && guest.isTrusted;
  }

  /** A right password came over it. */
  void signedIn(SocketAddress peer) {
    Guest guest = guests.get(peer);
    if (guest != null) {
      guest.isTrusted = true;
      return;
    }
    synchronized (strangers) {
      Stranger stranger = drop(peer);
      if (stranger != null) {
        guests.put(peer, new Guest(stranger.channel));
      }
    }
  }

  /** No password or a wrong one came over it. */
  void refused(SocketAddress peer) {
    Guest guest = guests.get(peer);
    if (guest != null) {
      // A proxy may send several clients' requests over one connection.
      guest.isTrusted = false;
      return;
    }
    synchronized (strangers) {
      Stranger stranger = strangers.get(peer);
      if (stranger != null && ++stranger.refusals > limits.refusals()) {
        close(stranger.channel);
      }
    }
  }

  /** Connections over which nobody has signed in. */
  int strangers() {
    synchronized (strangers) {
      return strangers.size();
    }
  }

  /** Forgets what is closed, and closes what had its time. */
  void sweep() {
    long now = nanoTime.getAsLong();
    guests.values().removeIf(guest -> !guest.channel.isOpen());
    synchronized (strangers) {
      strangers
          .values()
          .removeIf(stranger -> {
            boolean isOver =
                !stranger.channel.isOpen() || now - stranger.since > limits.patience().toNanos();
            if (isOver) {
              forget(stranger);
              close(stranger.channel);
            }
            return isOver;
          });
    }
  }

  private void pushOut() {
    Stranger oldest = null;
    int most = 0;
    for (Stranger stranger : strangers.values()) {
      int count =
          stranger.channel.isOpen()
              ? strangersOf.getOrDefault(stranger.network, 0)
              : Integer.MAX_VALUE;
      if (count > most) {
        most = count;
        oldest = stranger;
      }
    }
    if (oldest != null) {
      close(oldest.channel);
      Stranger gone = oldest;
      strangers.values().removeIf(stranger -> stranger == gone);
      forget(gone);
    }
  }

  private @Nullable Stranger drop(SocketAddress peer) {
    Stranger stranger = strangers.remove(peer);
    if (stranger != null) {
      forget(stranger);
    }
    return stranger;
  }

  private void forget(Stranger stranger) {
    strangersOf.computeIfPresent(stranger.network, (_, count) -> count > 1 ? count - 1 : null);
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("A connection did not close: {}", e.toString());
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private static final class Stranger {
    private final SocketChannel channel;
    private final ClientNetwork network;
    private final long since;
    private int refusals;

    Stranger(SocketChannel channel, ClientNetwork network, long since) {
      this.channel = channel;
      this.network = network;
      this.since = since;
    }
  }

  private static final class Guest {
    private final SocketChannel channel;
    private volatile boolean isTrusted = true;

    Guest(SocketChannel channel) {
      this.channel = channel;
    }
  }
}
