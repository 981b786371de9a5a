package io.blendnet.agent;

import io.blendnet.blender.HostMemory;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkStep;
import java.io.Closeable;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the next scene is open when its turn comes, by {@link AheadRule}, and that it
 * goes when nobody needs it any more: its lease was cancelled or given back, another one comes
 * before it, or memory gets short. Looks at the queue four times a second, on a thread of its own.
 */
final class NextScene implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(NextScene.class);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final LeaseQueue queue;
  private final Worker worker;
  private final Forecast forecast;
  private final SceneSessions sessions;
  private final SceneAhead ahead;
  private final Supplier<HostMemory> memory;
  private final Thread thread =
      Thread.ofPlatform().name("next-scene").daemon().unstarted(this::run);

  /** Whether nothing was to do at the last look. */
  private boolean wasIdle;

  NextScene(
      LeaseQueue queue,
      Worker worker,
      Forecast forecast,
      SceneSessions sessions,
      SceneAhead ahead,
      Supplier<HostMemory> memory) {
    this.queue = queue;
    this.worker = worker;
    this.forecast = forecast;
    this.sessions = sessions;
    this.ahead = ahead;
    this.memory = memory;
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(PAUSE);
        lookOnce();
      }
    } catch (InterruptedException e) {
      LOG.debug("No scene is opened ahead any more");
    }
  }

  private void lookOnce() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.error("Cannot tell which scene comes next", e);
    }
  }

  private void look() {
    Optional<StepInProgress> step = worker.inProgress();
    List<TakenLease> waiting = queue.waiting();
    boolean idle = step.isEmpty() && waiting.isEmpty();
    if (forecast.noticeIsGiven() || (idle && wasIdle)) {
      ahead.drop();
    } else if (ahead.order().isPresent() && AheadRule.isShort(memory.get())) {
      LOG.info("Memory is short; the scene that was opened ahead is given up");
      ahead.giveUp();
    } else if (step.isPresent() && !step.get().opening() && isStillAt(step.get())) {
      // The queue was seen between two looks at the same step: the worker took nothing from it.
      look(step.get(), waiting);
    }
    wasIdle = idle;
  }

  private boolean isStillAt(StepInProgress step) {
    return worker.inProgress().filter(now -> now.equals(step)).isPresent();
  }

  private void look(StepInProgress step, List<TakenLease> waiting) {
    SceneOrder present = step.lease().order().scene();
    Optional<SceneOrder> next =
        waiting.stream()
            .filter(lease -> lease.next().isPresent())
            .map(lease -> lease.order().scene())
            .filter(scene -> !scene.equals(present))
            .findFirst();
    if (ahead.order().isPresent()) {
      if (!ahead.order().equals(next)) {
        ahead.drop();
      }
    } else if (next.isPresent() && isTime(step, waiting) && mayBeBeside(present, next.get())) {
      ahead.begin(next.get());
    }
  }

  private boolean isTime(StepInProgress step, List<TakenLease> waiting) {
    SceneOrder present = step.lease().order().scene();
    List<WorkStep> before =
        Stream.concat(
                Stream.of(step.lease()),
                waiting.stream().takeWhile(lease -> lease.order().scene().equals(present)))
            .flatMap(lease -> lease.waiting().stream())
            .toList();
    return AheadRule.isTime(
        before.size(),
        forecast.timeFor(step, before),
        sessions.openingTime().orElse(Duration.ZERO));
  }

  /** Scripts may write to files; those of the next scene are not read meanwhile. */
  private boolean mayBeBeside(SceneOrder present, SceneOrder next) {
    boolean safe =
        !present.trustScripts()
            || Collections.disjoint(present.files().values(), next.files().values());
    return safe && AheadRule.hasRoom(memory.get(), sessions.memory());
  }

  /** Opens nothing further. What is open is left to {@link SceneSessions}. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
