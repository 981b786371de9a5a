package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskSpec;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The farm loop with its store on the disk, and a thread for each agent that tells one result after
 * the other and waits for each until it is stored, as the lines to real agents do. Neither files
 * nor sockets: what is measured is deciding, storing, and telling what was decided.
 */
public final class FarmInLoop implements FarmActions {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofMillis(50);

  private final Workload workload;
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<AgentName, InstantAgent> agents = new HashMap<>();
  private final AtomicInteger nextFrame;
  private final Times decisions = new Times();
  private final Times commits = new Times();
  private final FarmLoop loop;
  private final AtomicLong reads = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private volatile boolean stopping;

  private FarmInLoop(Workload workload, FarmStore store, AtomicInteger nextFrame)
      throws IOException {
    this.workload = workload;
    this.nextFrame = nextFrame;
    this.loop =
        FarmLoop.start(
            new TimedStore(store, commits),
            this,
            FarmRules.DEFAULT,
            InstantSource.system(),
            System::nanoTime);
  }

  /**
   * Has a farm decide for some time, once all agents are at work and as long again.
   *
   * @param store its finished tasks stay, and those that this run finishes stay too
   * @param history how many finished tasks are in the store
   * @param nextFrame the next frame that this store does not have
   * @param reads whether somebody reads statuses all the time
   */
  public static Measured measure(
      Workload workload,
      int agents,
      FarmStore store,
      int history,
      AtomicInteger nextFrame,
      boolean reads,
      Duration time)
      throws IOException, InterruptedException {
    FarmInLoop farm = new FarmInLoop(workload, store, nextFrame);
    try (Ticks _ = new Ticks(farm.loop::tick, TICK)) {
      farm.begin(agents);
      while (farm.loop.call(_ -> farm.decisions.count()) < workload.decisionsUntilBusy(agents)) {
        farm.pass(LOOK);
      }
      farm.pass(time);
      if (reads) {
        farm.threads.add(Thread.ofPlatform().start(farm::read));
      }
      Beginning beginning = farm.loop.call(_ -> farm.beginAnew());
      farm.pass(time);
      return farm.loop.call(_ -> farm.measured(agents, history, beginning));
    } finally {
      farm.end();
      farm.removeUnfinished(store);
    }
  }

  private record Beginning(long nanoTime, double cpuSeconds) {}

  private Beginning beginAnew() {
    decisions.clear();
    commits.clear();
    reads.set(0);
    return new Beginning(System.nanoTime(), CpuTime.seconds());
  }

  private Measured measured(int agentCount, int history, Beginning beginning) {
    double seconds = (System.nanoTime() - beginning.nanoTime) / 1e9;
    return new Measured(
        workload.words(),
        agentCount,
        history,
        decisions.count() / seconds,
        (CpuTime.seconds() - beginning.cpuSeconds) * 1000 / decisions.count(),
        decisions.spread(),
        commits.spread(),
        (double) decisions.count() / commits.count(),
        reads.get() / seconds);
  }

  private void begin(int agentCount) throws IOException {
    for (int frame = 0; frame < workload.framesAtOnce(agentCount); frame++) {
      submitFrame();
    }
    for (int number = 0; number < agentCount; number++) {
      InstantAgent agent = new InstantAgent(number, workload.facts());
      agents.put(agent.name(), agent);
    }
    // Whatever reads the map does so after this step.
    loop.apply(_ -> {});
    for (InstantAgent agent : agents.values()) {
      threads.add(Thread.ofVirtual().start(() -> work(agent)));
    }
  }

  private void end() throws InterruptedException {
    stopping = true;
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      thread.join();
    }
    loop.close();
  }

  /** Lets time pass, and ends at once where something fails. */
  private void pass(Duration time) throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (failure.isCompletedExceptionally()) {
        throw new IOException("The benchmark failed", failure.exceptionNow());
      }
      Thread.sleep(LOOK);
    }
  }

  private void work(InstantAgent agent) {
    try {
      while (!stopping) {
        InstantAgent.Message message = agent.await();
        loop.apply(turn -> decide(turn, message));
      }
    } catch (InterruptedException e) {
      // Stopped.
    } catch (IOException | RuntimeException e) {
      if (!stopping) {
        failure.completeExceptionally(e);
      }
    }
  }

  private void decide(Turn turn, InstantAgent.Message message) throws IOException {
    long begun = System.nanoTime();
    switch (message.event()) {
      case FarmEvent.CellArrived arrived ->
          turn.decide(arrived, new Keeping(turn, message.lease().orElseThrow(), arrived));
      case FarmEvent.PictureArrived arrived -> {
        turn.decide(arrived);
        bookPicture(turn, message.lease().orElseThrow().task());
      }
      default -> turn.decide(message.event());
    }
    decisions.add(System.nanoTime() - begun);
  }

  private final class Keeping implements Turn.OnDelivery {
    private final Turn turn;
    private final Lease lease;
    private final FarmEvent.CellArrived arrived;

    Keeping(Turn turn, Lease lease, FarmEvent.CellArrived arrived) {
      this.turn = turn;
      this.lease = lease;
      this.arrived = arrived;
    }

    @Override
    public void kept(int attempt) {
      Lease.Render render = (Lease.Render) lease.work();
      Cell cell = render.cells().get(arrived.cell());
      FrameCut cut = render.cut();
      turn.change(
          new StoreChange.PutDelivery(
              new DeliveryRow(
                  lease.task(),
                  cell,
                  cut.rendered(cell),
                  lease.id(),
                  attempt,
                  lease.agent(),
                  blob(),
                  turn.now(),
                  arrived.timings())));
    }

    @Override
    public void dropped() {}
  }

  private void bookPicture(Turn turn, TaskName task) throws IOException {
    Optional<TaskRow> completed = turn.row(task).filter(row -> row.state() == TaskState.COMPLETED);
    if (completed.isPresent()) {
      TaskRow row = completed.get();
      BlobId picture = blob();
      TaskNotes notes =
          TaskNotes.parse(row.plan())
              .withOutputs(
                  List.of(
                      new TaskNotes.Output(
                          "shot.png", "image/png", picture.sha256(), "0".repeat(40), 1)),
                  List.of());
      turn.update(
          Rows.withResults(
              Rows.withPlan(row, notes.json()),
              row.preview(),
              Optional.of(blob()),
              Optional.of(picture)));
    }
  }

  /** What a delivery's content would be called. */
  private BlobId blob() {
    return new BlobId(
        "%016x%016x%016x%016x"
            .formatted(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()));
  }

  private void submitFrame() {
    TaskSpec task = workload.task(nextFrame.getAndIncrement());
    loop.tell(turn -> {
      long begun = System.nanoTime();
      TaskRow row = turn.create(task.name());
      turn.change(new StoreChange.PutFile(new FileRow(task.name(), "shot.blend", blob())));
      TaskRow configured =
          Rows.withConfig(row, SceneOrders.json(TaskConfig.of("shot.blend", task.frame())));
      turn.update(Rows.withState(configured, TaskState.PENDING, turn.now(), ""));
      turn.decide(new FarmEvent.TaskReady(task));
      decisions.add(System.nanoTime() - begun);
    });
  }

  /** Reads what the status of a task is made of, again and again. */
  private void read() {
    List<TaskName> names = List.copyOf(loop.snapshot().rows().keySet());
    for (int i = 0; !stopping; i++) {
      TaskName name = names.get(i % names.size());
      FarmSnapshot now = loop.snapshot();
      boolean isThere = now.rows().containsKey(name) && now.tasks().containsKey(name);
      long shares =
          now.agents().values().stream()
              .filter(agent -> agent.task().equals(Optional.of(name)))
              .count();
      if (isThere || shares >= 0) {
        reads.incrementAndGet();
      }
    }
  }

  private void removeUnfinished(FarmStore store) throws IOException {
    List<StoreChange> removals = new ArrayList<>();
    for (TaskRow row :
        TaskPages.read(
            store,
            EnumSet.complementOf(EnumSet.of(TaskState.COMPLETED, TaskState.ERROR)),
            Integer.MAX_VALUE)) {
      removals.add(new StoreChange.DeleteTask(row.name(), row.version()));
    }
    store.commit(removals);
  }

  private Optional<InstantAgent> agent(AgentName name) {
    return Optional.ofNullable(agents.get(name));
  }

  @Override
  public void planned(TaskName task, FramePlan plan) {}

  @Override
  public void grant(Lease lease) {
    agent(lease.agent()).ifPresent(agent -> agent.take(lease));
  }

  @Override
  public void revoke(AgentName name, LeaseId lease, int attempt) {
    agent(name).ifPresent(agent -> agent.drop(lease));
  }

  @Override
  public void steal(Effect.Steal steal) {
    agent(steal.agent()).ifPresent(agent -> agent.giveBack(steal));
  }

  @Override
  public void forget(AgentName agent, LeaseId lease) {}

  @Override
  public void setAside(AgentName agent, String reason) {}

  @Override
  public void giveBack(AgentName agent, String reason) {}

  @Override
  public void assemble(TaskName task) {
    loop.tell(turn -> {
      long begun = System.nanoTime();
      turn.decide(new FarmEvent.FrameAssembled(task));
      decisions.add(System.nanoTime() - begun);
    });
  }

  @Override
  public void freed(List<BlobId> blobs) {}

  @Override
  public void entered(TaskName task, TaskState state) {
    if (state == TaskState.ERROR || state == TaskState.STOPPED) {
      failure.completeExceptionally(
          new IllegalStateException("Frame %s of the benchmark is %s".formatted(task, state)));
    }
    if (state == TaskState.COMPLETED && !stopping) {
      submitFrame();
    }
  }
}
