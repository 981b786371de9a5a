package io.blendnet.agent;

import io.blendnet.blender.CellRequest;
import io.blendnet.blender.ComposeRequest;
import io.blendnet.blender.ComposedPicture;
import io.blendnet.blender.RenderedCell;
import io.blendnet.blender.SessionClosedException;
import io.blendnet.blender.SessionException;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.FailureKind;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.FolderTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes leases from the queue and their steps in order, on a thread of its own: one Blender renders
 * at a time.
 */
final class Worker implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** A session that was ended for an earlier lease's sake is opened anew this often. */
  private static final int MOST_REOPENINGS = 3;

  private final LeaseQueue queue;
  private final SceneSessions sessions;
  private final SpareBlender spare;
  private final CellFinisher finisher;
  private final DeliveryShelf shelf;
  private final ShelfRoom room;
  private final Forecast forecast;
  private final BlobCache blobs;
  private final ScheduledExecutorService timer;
  private final Duration sceneIdle;
  private final Consumer<TakenLease> onLeft;
  private final Thread thread = Thread.ofPlatform().name("worker").unstarted(this::run);
  private volatile Optional<StepInProgress> inProgress = Optional.empty();
  private volatile boolean closed;

  /**
   * A worker that begins when it is {@link #start started}.
   *
   * @param sceneIdle how long a scene stays open that nobody renders
   * @param onLeft gets each lease that it is done with, when its last result has been reported
   */
  Worker(
      LeaseQueue queue,
      SceneSessions sessions,
      SpareBlender spare,
      CellFinisher finisher,
      DeliveryShelf shelf,
      ShelfRoom room,
      Forecast forecast,
      BlobCache blobs,
      ScheduledExecutorService timer,
      Duration sceneIdle,
      Consumer<TakenLease> onLeft) {
    this.queue = queue;
    this.sessions = sessions;
    this.spare = spare;
    this.finisher = finisher;
    this.shelf = shelf;
    this.room = room;
    this.forecast = forecast;
    this.blobs = blobs;
    this.timer = timer;
    this.sceneIdle = sceneIdle;
    this.onLeft = onLeft;
  }

  void start() {
    thread.start();
  }

  /** What is being done now. */
  Optional<StepInProgress> inProgress() {
    return inProgress;
  }

  /** How long the scene that is open took to open; absent while none is. */
  Optional<Duration> openingTime() {
    return sessions.openingTime();
  }

  private void run() {
    try {
      while (!closed) {
        if (queue.next().isEmpty()) {
          spare.prepare();
        }
        Optional<TakenLease> lease = queue.take(sceneIdle);
        if (lease.isPresent()) {
          work(lease.get());
        } else {
          sessions.drop();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("The worker ends");
    } finally {
      sessions.close();
    }
  }

  private void work(TakenLease lease) throws InterruptedException {
    LeaseOutput output = new LeaseOutput(lease, timer);
    try {
      Optional<WorkStep> step = lease.next();
      while (step.isPresent() && !closed) {
        if (!take(lease, step.get(), output)) {
          return;
        }
        Optional<TakenLease> composing = queue.takeComposing(lease.order().scene());
        if (composing.isPresent()) {
          work(composing.get());
        }
        step = lease.next();
      }
    } finally {
      output.flush();
      finisher.after(() -> onLeft.accept(lease));
    }
  }

  /**
   * Takes one step.
   *
   * @return false: the lease ends here
   */
  private boolean take(TakenLease lease, WorkStep step, LeaseOutput output)
      throws InterruptedException {
    try {
      takeReopening(lease, step, output);
      return true;
    } catch (SessionClosedException e) {
      if (!closed) {
        fail(lease, step, output, FailureKind.BLENDER, e.getMessage(), List.of());
      }
    } catch (CellWithoutRoomException e) {
      LOG.info("{} of {} found no room", step, lease);
      lease.beginAnew(step);
      return true;
    } catch (SessionException e) {
      fail(lease, step, output, kind(e), e.getMessage(), e.lines());
    } catch (IOException e) {
      LOG.warn("Cannot take a step of {}", lease, e);
      fail(lease, step, output, FailureKind.MACHINE, machineMessage(e), List.of());
    } catch (RuntimeException e) {
      LOG.error("Cannot take the step {} of {}", step, lease, e);
      sessions.kill();
      String message = "The agent cannot do what it was asked: " + e.getMessage();
      fail(lease, step, output, FailureKind.MACHINE, message, List.of());
    } finally {
      inProgress = Optional.empty();
    }
    return false;
  }

  private void takeReopening(TakenLease lease, WorkStep step, LeaseOutput output)
      throws SessionException, IOException, InterruptedException, CellWithoutRoomException {
    for (int reopenings = 0; ; reopenings++) {
      try {
        switch (step) {
          case WorkStep.Open open -> open(lease, open, output);
          case WorkStep.Render render -> render(lease, render, output);
          case WorkStep.Compose compose -> compose(lease, compose, output);
        }
        return;
      } catch (SessionClosedException e) {
        if (!lease.wants(step)) {
          return;
        }
        if (closed || reopenings >= MOST_REOPENINGS) {
          throw e;
        }
        LOG.info("The session was ended under {}; it is opened anew", lease);
      }
    }
  }

  private void open(TakenLease lease, WorkStep.Open step, LeaseOutput output)
      throws SessionException, IOException, InterruptedException {
    if (!beginWhole(lease, step)) {
      return;
    }
    OpenScene scene = scene(lease, step, output);
    LeaseOrder order = lease.order();
    lease.report(
        new WorkReport.Opened(order.task(), order.lease(), order.attempt(), scene.facts()));
  }

  /** Begins a step other than a cell; a notice leaves no time for it. */
  private boolean beginWhole(TakenLease lease, WorkStep step) {
    if (forecast.noticeIsGiven()) {
      lease.returnWaiting(step::equals);
    }
    return lease.begin(step);
  }

  private OpenScene scene(TakenLease lease, WorkStep step, LeaseOutput output)
      throws SessionException, IOException, InterruptedException {
    if (!sessions.isOpen(lease.order().scene())) {
      output.begin("Loading the scene", Optional.empty());
    }
    inProgress = Optional.of(StepInProgress.opening(lease, step));
    return sessions.open(lease.order().scene(), output);
  }

  private void render(TakenLease lease, WorkStep.Render step, LeaseOutput output)
      throws SessionException, IOException, InterruptedException, CellWithoutRoomException {
    awaitRoom(lease, step, output);
    if (returnWhereLate(lease, step)) {
      return;
    }
    OpenScene scene = scene(lease, step, output);
    finisher.awaitRoom();
    CellRequest request =
        new CellRequest(
            lease.order().frame(),
            step.cell(),
            step.overscan(),
            scene.facts().samples(),
            step.exactPattern(),
            shelf.newFile(".exr"));
    boolean rendered = false;
    try {
      // As late as can be: until here it may be given back.
      if (returnWhereLate(lease, step) || !lease.begin(step)) {
        return;
      }
      output.begin("Rendering " + step.cell(), Optional.of(step.number()));
      inProgress = Optional.of(StepInProgress.working(lease, step));
      long start = System.nanoTime();
      RenderedCell cell = scene.session().render(request);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      rendered = true;
      output.tell(cell.warnings());
      List<String> lines = scene.session().telling();
      finisher.finish(
          new CellFinisher.Saved(lease, step, scene, request, cell, took, lines),
          () -> endSession(scene));
    } catch (SessionException e) {
      throw fullDiskOr(e, request);
    } finally {
      if (!rendered) {
        finisher.giveUp(request);
      }
    }
  }

  /** Waits until there is room for a cell's file, or the cell is not wanted any more. */
  private void awaitRoom(TakenLease lease, WorkStep.Render step, LeaseOutput output)
      throws InterruptedException {
    long bytes = forecast.bytesFor(lease.order().scene(), step.cell());
    Optional<String> told = Optional.empty();
    Optional<String> obstacle = room.obstacle(bytes, finisher.unfinished());
    while (obstacle.isPresent() && lease.awaits(step) && !forecast.noticeIsGiven()) {
      if (!obstacle.equals(told)) {
        output.begin(obstacle.get(), Optional.empty());
        told = obstacle;
      }
      room.awaitChange();
      obstacle = room.obstacle(bytes, finisher.unfinished());
    }
  }

  /** Gives a cell back that could not be delivered before the agent ends. */
  private boolean returnWhereLate(TakenLease lease, WorkStep.Render step) {
    SceneOrder scene = lease.order().scene();
    Duration opening = sessions.isOpen(scene) ? Duration.ZERO : openingTime().orElse(Duration.ZERO);
    if (forecast.after(opening).fits(scene, step)) {
      return false;
    }
    lease.returnWaiting(step::equals);
    return !lease.begin(step);
  }

  /** What to throw where the disk may be what is behind a failure. */
  private SessionException fullDiskOr(SessionException failure, CellRequest request)
      throws CellWithoutRoomException {
    if (room.shortage().isPresent()) {
      DeliveryShelf.delete(request.partial());
      if (room.ranOut()) {
        throw new CellWithoutRoomException(failure);
      }
    }
    return failure;
  }

  /** A session that renders something else than asked is not trusted with another cell. */
  private static void endSession(OpenScene scene) {
    scene.session().kill();
  }

  private void compose(TakenLease lease, WorkStep.Compose step, LeaseOutput output)
      throws SessionException, IOException, InterruptedException {
    if (!beginWhole(lease, step)) {
      return;
    }
    OpenScene scene = scene(lease, step, output);
    Path frame = blobs.file(new BlobId(step.frameBlob()));
    Path folder = shelf.newFolder();
    boolean composed = false;
    try {
      output.begin("Composing the picture", Optional.empty());
      inProgress = Optional.of(StepInProgress.working(lease, step));
      ComposedPicture picture =
          scene.session().compose(new ComposeRequest(lease.order().frame(), frame, folder));
      composed = true;
      finisher.deliver(lease, picture, folder);
    } finally {
      if (!composed) {
        FolderTree.discard(folder);
      }
    }
  }

  private void fail(
      TakenLease lease,
      WorkStep step,
      LeaseOutput output,
      FailureKind kind,
      String message,
      List<String> lines) {
    LOG.warn("A step of {} failed ({}): {}", lease, kind, message);
    output.flush();
    Optional<Integer> cell =
        step instanceof WorkStep.Render render ? Optional.of(render.number()) : Optional.empty();
    finisher.fail(lease, CellFinisher.failed(lease, cell, kind, message, lines));
  }

  private static FailureKind kind(SessionException failure) {
    return switch (failure.failure()) {
      case SCENE -> FailureKind.SCENE;
      case MEMORY -> FailureKind.MEMORY;
      case BLENDER -> FailureKind.BLENDER;
      case MACHINE -> FailureKind.MACHINE;
    };
  }

  private String machineMessage(IOException failure) {
    return room.shortage()
        .orElse("The agent cannot use its folder %s: %s".formatted(shelf.folder(), failure));
  }

  /** Ends the Blender in use when a step of this lease is still in progress. */
  void endStepOf(TakenLease lease, LeaseDesk.Opening opening) {
    if (inProgress
        .filter(step -> step.lease().equals(lease))
        .filter(step -> opening == LeaseDesk.Opening.ENDS || !step.opening())
        .isPresent()) {
      LOG.info("The step in progress of {} is ended", lease);
      sessions.kill();
    }
  }

  /**
   * The agent is about to end: gives back what cannot be delivered before, at once, so that others
   * can take it.
   */
  void returnWhatIsLate() {
    Optional<StepInProgress> now = inProgress;
    Optional<Duration> remaining = now.flatMap(forecast::remaining);
    Duration first = remaining.orElse(Duration.ZERO);
    if (remaining.isPresent() && !forecast.canBeAwaited(now.get(), remaining.get())) {
      LOG.info("The step in progress of {} will not be done in time", now.get().lease());
      now.get().lease().returnInWork();
      endStepOf(now.get().lease(), LeaseDesk.Opening.ENDS);
      first = openingTime().orElse(Duration.ZERO);
    }
    Forecast.Plan plan = forecast.after(first);
    now.ifPresent(step -> returnWhatIsLate(step.lease(), plan));
    queue.waiting().forEach(lease -> returnWhatIsLate(lease, plan));
  }

  private static void returnWhatIsLate(TakenLease lease, Forecast.Plan plan) {
    lease.returnWaiting(
        step -> !(step instanceof WorkStep.Render cell && plan.fits(lease.order().scene(), cell)));
  }

  /** Ends the Blender in use, and with it the step in progress, which is not wanted any more. */
  void endStep() {
    sessions.kill();
  }

  /** Ends the step in progress and with it the session. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    sessions.kill();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
