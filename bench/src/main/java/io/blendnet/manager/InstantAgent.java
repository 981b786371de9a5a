package io.blendnet.manager;

import io.blendnet.domain.Absence;
import io.blendnet.domain.AgentMachine;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellLooks;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SceneFacts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * An agent that renders nothing: it has the next result at once, with timings as if it had rendered
 * it. From time to time it is lost and comes back with nothing. Thread-safe.
 */
final class InstantAgent {
  private static final long PIXEL_SAMPLES_PER_CORE = 200_000;
  private static final int MOST_CORES = 32;
  private static final int CELLS_UNTIL_LOST = 1_000;
  private static final Duration SYNC = Duration.ofMillis(8);
  private static final Duration SAVE = Duration.ofMillis(10);
  private static final Duration READ_BACK = Duration.ofMillis(4);

  /**
   * What an agent tells.
   *
   * @param lease where it is the result of one
   */
  record Message(FarmEvent event, Optional<Lease> lease) {
    private Message(FarmEvent event) {
      this(event, Optional.empty());
    }

    private Message(FarmEvent event, Lease lease) {
      this(event, Optional.of(lease));
    }
  }

  private record Held(Lease lease, NavigableMap<Integer, Cell> waiting) {}

  private final AgentName name;
  private final int cores;
  private final double pixelSamplesPerSecond;
  private final SceneFacts facts;
  private final SplittableRandom random;
  private final Map<LeaseId, Held> leases = new LinkedHashMap<>();
  private final Deque<FarmEvent> first = new ArrayDeque<>();
  private int cellsUntilLost;

  InstantAgent(int number, SceneFacts facts) {
    this.name = new AgentName("agent-" + number);
    this.random = new SplittableRandom(number);
    this.cores = random.nextInt(2, MOST_CORES + 1);
    this.pixelSamplesPerSecond = cores * PIXEL_SAMPLES_PER_CORE * random.nextDouble(0.5, 2);
    this.facts = facts;
    this.cellsUntilLost = random.nextInt(2 * CELLS_UNTIL_LOST);
    first.add(joining());
  }

  AgentName name() {
    return name;
  }

  private FarmEvent joining() {
    return new FarmEvent.AgentJoined(
        name, new AgentMachine("boot of " + name, cores, 64L << 30, false), List.of());
  }

  synchronized void take(Lease lease) {
    NavigableMap<Integer, Cell> waiting = new TreeMap<>();
    if (lease.work() instanceof Lease.Render(List<Cell> cells, FrameCut _)) {
      for (int number = 0; number < cells.size(); number++) {
        waiting.put(number, cells.get(number));
      }
    }
    leases.put(lease.id(), new Held(lease, waiting));
    notifyAll();
  }

  synchronized void drop(LeaseId lease) {
    leases.remove(lease);
  }

  /** Gives back what it has not begun, which is all but its very next cell. */
  synchronized void giveBack(Effect.Steal steal) {
    Held held = leases.get(steal.lease());
    Set<Integer> returned = new HashSet<>();
    if (held != null) {
      returned.addAll(steal.cells());
      returned.retainAll(held.waiting.keySet());
      if (held.equals(leases.values().iterator().next())) {
        returned.remove(held.waiting.firstKey());
      }
      held.waiting.keySet().removeAll(returned);
      if (held.waiting.isEmpty()) {
        leases.remove(steal.lease());
      }
    }
    first.add(new FarmEvent.CellsReturned(name, steal.lease(), steal.attempt(), returned));
    notifyAll();
  }

  /** Waits until it has something to tell. */
  synchronized Message await() throws InterruptedException {
    while (true) {
      Optional<Message> message = next();
      if (message.isPresent()) {
        return message.get();
      }
      wait();
    }
  }

  /** What it has to tell next, where there is something. */
  synchronized Optional<Message> next() {
    if (!first.isEmpty()) {
      return Optional.of(new Message(first.remove()));
    }
    if (leases.isEmpty()) {
      return Optional.empty();
    }
    Held held = leases.values().iterator().next();
    Lease lease = held.lease;
    return Optional.of(
        switch (lease.work()) {
          case Lease.Open _ -> {
            leases.remove(lease.id());
            yield new Message(
                new FarmEvent.SceneOpened(name, lease.id(), lease.attempt(), facts), lease);
          }
          case Lease.Compose _ -> {
            leases.remove(lease.id());
            yield new Message(
                new FarmEvent.PictureArrived(name, lease.id(), lease.attempt()), lease);
          }
          case Lease.Render render -> deliver(held, render.cut());
        });
  }

  private Message deliver(Held held, FrameCut cut) {
    if (cellsUntilLost-- == 0) {
      cellsUntilLost = 2 * CELLS_UNTIL_LOST;
      leases.clear();
      first.add(joining());
      return new Message(new FarmEvent.AgentAway(name, Absence.LOST, "the connection broke"));
    }
    Map.Entry<Integer, Cell> cell = held.waiting.pollFirstEntry();
    Lease lease = held.lease;
    if (held.waiting.isEmpty()) {
      leases.remove(lease.id());
    }
    return new Message(
        new FarmEvent.CellArrived(
            name,
            lease.id(),
            lease.attempt(),
            cell.getKey(),
            timings(cell.getValue(), cut),
            CellLooks.FINE),
        lease);
  }

  private CellTimings timings(Cell cell, FrameCut cut) {
    double seconds = cut.renderedWork(cell) / pixelSamplesPerSecond * random.nextDouble(0.8, 1.2);
    return new CellTimings(SYNC, Duration.ofNanos((long) (seconds * 1e9)), SAVE, READ_BACK);
  }
}
