package io.blendnet.agent;

import io.blendnet.domain.AgentMachine;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellLooks;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.Farm;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskSpec;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileInfo;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskFile;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.server.ApiException;
import io.blendnet.server.ResultFile;
import io.blendnet.server.TaskService;
import io.blendnet.server.Upload;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that a user gives to this agent without a Manager, by API v1. A farm of one agent decides
 * about them, and its leases stand in the same queue as a Manager's. Tasks live in memory: they are
 * gone when the agent ends. Thread-safe.
 *
 * <p>Decisions are taken under this object's lock, at once; what they ask for (leases, files) is
 * done by one thread, in order.
 */
final class StandAloneTasks implements TaskService, WorkSink, Closeable {
  /** The farm id of leases that the agent gives to itself. */
  static final String FARM = "stand-alone";

  private static final Logger LOG = LoggerFactory.getLogger(StandAloneTasks.class);
  private static final String PNG = "image/png";
  private static final String EXR = "image/x-exr";

  private final AgentName agent;
  private final LeaseDesk desk;
  private final DeliveryShelf shelf;
  private final BlobCache blobs;
  private final Path folder;
  private final InstantSource clock;
  private final Farm farm = new Farm(new LeaseId(1), FarmRules.DEFAULT);
  private final Map<TaskName, StandAloneTask> tasks = new HashMap<>();
  private final ExecutorService follower =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("stand-alone-tasks").factory());

  /** Belongs to the follower's thread. */
  private final Map<TaskName, StandAloneFrame> frames = new HashMap<>();

  /**
   * @param folder an empty one, for frames
   * @param cores that the agent renders with
   */
  StandAloneTasks(
      AgentName agent,
      LeaseDesk desk,
      DeliveryShelf shelf,
      BlobCache blobs,
      Path folder,
      int cores,
      InstantSource clock) {
    this.agent = agent;
    this.desk = desk;
    this.shelf = shelf;
    this.blobs = blobs;
    this.folder = folder;
    this.clock = clock;
    farm.decide(new FarmEvent.AgentJoined(agent, new AgentMachine("", cores, 0, false), List.of()));
  }

  @Override
  public synchronized List<TaskInfo> tasks() {
    return tasks.values().stream()
        .sorted(
            Comparator.comparing((StandAloneTask task) -> task.created)
                .thenComparing(task -> task.name))
        .map(StandAloneTask::info)
        .toList();
  }

  @Override
  public synchronized TaskInfo task(TaskName name) {
    return find(name).info();
  }

  @Override
  public Map<String, String> files(TaskName name) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    Map<String, Blob> stored;
    synchronized (this) {
      stored = new LinkedHashMap<>(find(name).files);
    }
    // Without the lock: files may have to be read.
    for (Map.Entry<String, Blob> file : stored.entrySet()) {
      files.put(file.getKey(), blobs.sha1(file.getValue().id()));
    }
    return files;
  }

  @Override
  public FileInfo file(TaskName name, String path) throws IOException {
    StandAloneTask task;
    Blob blob;
    synchronized (this) {
      task = find(name);
      blob = task.files.get(path);
    }
    if (blob == null) {
      throw new ApiException(
          ErrorCode.FILE_NOT_FOUND, "The task %s has no file '%s'".formatted(name, path));
    }
    return task.fileInfo(path, blob, blobs.sha1(blob.id()));
  }

  @Override
  public FileInfo putFile(TaskName name, String path, Upload upload) throws IOException {
    synchronized (this) {
      requireChangeable(name);
    }
    Blob blob = store(upload);
    synchronized (this) {
      requireChangeable(name);
      return attach(name, path, blob).fileInfo(path, blob, upload.sha1());
    }
  }

  @Override
  public void putFiles(TaskName name, List<TaskFile> files) throws IOException {
    Map<String, BlobId> wanted = new LinkedHashMap<>();
    files.forEach(file -> wanted.put(file.path(), new BlobId(file.sha256())));
    synchronized (this) {
      requireChangeable(name);
    }
    Collection<BlobId> needed = wanted.values();
    blobs.retain(needed);
    try {
      blobs.require(needed, "%d of %d contents are missing here; send them first");
      Map<String, Blob> found = new LinkedHashMap<>();
      for (Map.Entry<String, BlobId> file : wanted.entrySet()) {
        found.put(file.getKey(), blobs.find(file.getValue()));
      }
      synchronized (this) {
        requireChangeable(name);
        found.forEach((path, blob) -> attach(name, path, blob));
      }
    } finally {
      blobs.release(needed);
    }
  }

  private StandAloneTask attach(TaskName name, String path, Blob blob) {
    StandAloneTask task =
        tasks.computeIfAbsent(name, _ -> new StandAloneTask(name, clock.instant()));
    blobs.retain(List.of(blob.id()));
    Blob before = task.files.put(path, blob);
    if (before != null) {
      blobs.release(List.of(before.id()));
    }
    return task;
  }

  private Blob store(Upload upload) throws IOException {
    Optional<Blob> there =
        blobs.findBySha1(upload.sha1()).filter(blob -> blob.size() == upload.length());
    return there.isPresent()
        ? there.get()
        : blobs.put(
            upload.bytes(), BlobExpectation.NONE.withSize(upload.length()).withSha1(upload.sha1()));
  }

  @Override
  public synchronized List<String> configure(TaskName name, TaskConfig config) {
    StandAloneTask task = find(name);
    if (!task.config.equals(Optional.of(config))) {
      requireChangeable(name);
      task.config = Optional.of(config);
      task.priority = config.priority().orElse(TaskPriority.USUAL);
    }
    return config.agentsNum().filter(wanted -> wanted > 1).isPresent()
        ? List.of("This is a single agent: 'agents_num' has no effect here")
        : List.of();
  }

  @Override
  public synchronized void run(TaskName name) {
    StandAloneTask task = find(name);
    if (task.state.isActive()) {
      return;
    }
    if (!task.state.mayBecome(TaskState.PENDING)) {
      throw wrongState(task, "be run");
    }
    if (task.scene.isEmpty()) {
      TaskConfig config =
          task.config.orElseThrow(() ->
              new ApiException(
                  ErrorCode.NOT_READY, "The task %s has no configuration yet".formatted(name)));
      task.scene = Optional.of(StandAloneScene.of(config, task.files));
    }
    TaskConfig config = task.config.orElseThrow();
    task.become(TaskState.PENDING, "", clock.instant());
    decide(
        new FarmEvent.TaskReady(
            TaskSpec.fresh(
                    name,
                    task.scene.orElseThrow().toString(),
                    config.frame().orElse(1),
                    config.strategy().orElse(Strategy.AUTO),
                    0,
                    task.created)
                .placed(task.priority, task.paused)
                .goingOn(task.plan, task.stored, List.of())));
  }

  @Override
  public synchronized void stop(TaskName name) {
    StandAloneTask task = find(name);
    if (task.state == TaskState.STOPPED) {
      return;
    }
    if (!task.state.mayBecome(TaskState.STOPPED)) {
      throw wrongState(task, "be stopped");
    }
    decide(new FarmEvent.TaskStopped(name));
  }

  @Override
  public synchronized void pause(TaskName name) {
    StandAloneTask task = find(name);
    if (task.state != TaskState.CREATED && !task.state.isActive()) {
      throw wrongState(task, "be paused");
    }
    task.paused = true;
    decide(new FarmEvent.TaskPaused(name));
  }

  @Override
  public synchronized void resume(TaskName name) {
    find(name).paused = false;
    decide(new FarmEvent.TaskResumed(name));
  }

  @Override
  public synchronized void prioritize(TaskName name, TaskPriority priority) {
    StandAloneTask task = find(name);
    if (task.state == TaskState.COMPLETED) {
      throw wrongState(task, "be given a priority");
    }
    task.priority = priority.priority();
    decide(new FarmEvent.TaskPrioritized(name, task.priority));
  }

  @Override
  public synchronized void remove(TaskName name) {
    StandAloneTask task = find(name);
    if (task.state.isActive()) {
      throw wrongState(task, "be removed; stop it first");
    }
    tasks.remove(name);
    List<BlobId> gone = task.blobs();
    follow(() -> {
      closeFrame(name);
      blobs.release(gone);
      task.results.values().forEach(result -> blobs.discard(result.blob().id()));
    });
  }

  @Override
  public synchronized TaskStatus status(TaskName name) {
    return find(name).status(agent.value());
  }

  @Override
  public ResultFile result(TaskName name, ResultKind kind) throws IOException {
    StandAloneTask.Result result;
    synchronized (this) {
      result =
          Optional.ofNullable(find(name).results.get(kind))
              .orElseThrow(() ->
                  new ApiException(
                      ErrorCode.RESULT_NOT_FOUND,
                      "The task %s has no %s yet".formatted(name, kind.label())));
    }
    Blob blob = result.blob();
    return ResultFile.withSha1(
        blobs.file(blob.id()), blob.size(), result.sha1(), result.contentType());
  }

  @Override
  public synchronized Map<String, List<String>> messages(TaskName name) {
    return find(name).messages();
  }

  @Override
  public synchronized Map<String, List<Map<String, Object>>> details(TaskName name) {
    Map<String, List<Map<String, Object>>> copy = new LinkedHashMap<>();
    find(name).details.forEach((work, cells) -> copy.put(work, List.copyOf(cells)));
    return copy;
  }

  /** Names of the tasks that are worked on. */
  synchronized List<String> running() {
    return tasks.values().stream()
        .filter(task -> task.state == TaskState.RUNNING)
        .map(task -> task.name.value())
        .toList();
  }

  /** Whether a task is to be done and not done yet. */
  synchronized boolean areAtWork() {
    return tasks.values().stream().anyMatch(task -> task.state.isActive());
  }

  @Override
  public void take(WorkReport.OfLease report) {
    follow(() -> handle(report));
  }

  /** Stops following; frames in progress are given up. */
  @Override
  public void close() {
    follow(() -> List.copyOf(frames.keySet()).forEach(this::closeFrame));
    follower.shutdown();
    try {
      if (!follower.awaitTermination(10, TimeUnit.SECONDS)) {
        follower.shutdownNow();
      }
    } catch (InterruptedException e) {
      follower.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private StandAloneTask find(TaskName name) {
    StandAloneTask task = tasks.get(name);
    if (task == null) {
      throw new ApiException(
          ErrorCode.TASK_NOT_FOUND, "There is no task %s on this agent".formatted(name));
    }
    return task;
  }

  private void requireChangeable(TaskName name) {
    StandAloneTask task = tasks.get(name);
    if (task != null && task.state != TaskState.CREATED) {
      throw wrongState(task, "be changed");
    }
  }

  private static ApiException wrongState(StandAloneTask task, String verb) {
    return new ApiException(
        ErrorCode.TASK_STATE,
        "The task %s is %s and cannot %s".formatted(task.name, task.state, verb));
  }

  private void follow(Runnable action) {
    try {
      follower.execute(() -> {
        try {
          action.run();
        } catch (RuntimeException e) {
          LOG.error("A task of the agent's own was not followed", e);
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("The agent ends; a task is not followed further", e);
    }
  }

  /** Takes a decision and what follows from it at once; the rest is left to the follower. */
  private synchronized List<Effect> decide(FarmEvent event) {
    List<Effect> effects = farm.decide(event);
    farm.taskViews()
        .forEach(view -> {
          StandAloneTask task = tasks.get(view.name());
          if (task != null) {
            task.view = Optional.of(view);
          }
        });
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Grant(Lease lease) -> grant(lease);
        case Effect.Revoke(AgentName _, LeaseId lease, int attempt) ->
            follow(() -> desk.cancel(new LeaseKey(FARM, lease.value()), attempt));
        case Effect.Plan(TaskName name, var plan) -> {
          StandAloneTask task = find(name);
          task.plan = Optional.of(plan);
          task.warnings.addAll(plan.facts().warnings());
          task.phase = "Rendering";
        }
        case Effect.Keep(Lease lease, int _, Cell cell, int _) ->
            find(lease.task()).stored.add(cell);
        case Effect.Steal steal -> follow(() -> takeBack(steal));
        // There is but one agent: nothing is given back, and no row is kept.
        case Effect.Drop _, Effect.Forget _, Effect.SetAside _, Effect.GiveBack _ -> {}
        case Effect.Assemble(TaskName name) -> {
          find(name).phase = "Assembling";
          follow(() -> assemble(name));
        }
        case Effect.Enter(TaskName name, TaskState state, String reason) ->
            enter(name, state, reason);
        case Effect.Note(TaskName name, String message) ->
            find(name).note("task", List.of(message));
      }
    }
    return effects;
  }

  private void enter(TaskName name, TaskState state, String reason) {
    StandAloneTask task = find(name);
    task.become(state, reason, clock.instant());
    LOG.info("Task {} is {}: {}", name, state, reason);
    if (state == TaskState.COMPLETED) {
      follow(() -> closeFrame(name));
    }
  }

  private void grant(Lease lease) {
    StandAloneTask task = find(lease.task());
    task.phase =
        switch (lease.work()) {
          case Lease.Open _ -> "Opening";
          case Lease.Render _ -> "Rendering";
          case Lease.Compose _ -> "Composing";
        };
    LeaseOrder order =
        new LeaseOrder(
            FARM,
            task.name.value(),
            lease.id().value(),
            lease.attempt(),
            task.config.flatMap(TaskConfig::frame).orElse(1),
            task.scene.orElseThrow(),
            steps(task, lease.work()));
    follow(() -> give(lease, order));
  }

  private static List<WorkStep> steps(StandAloneTask task, Lease.Work work) {
    return switch (work) {
      case Lease.Open _ -> List.of(new WorkStep.Open());
      case Lease.Render(List<Cell> cells, var cut) -> {
        List<WorkStep> steps = new ArrayList<>();
        for (Cell cell : cells) {
          steps.add(new WorkStep.Render(steps.size(), cell, cut.overscan(), cut.exactPattern()));
        }
        yield steps;
      }
      case Lease.Compose _ -> List.of(new WorkStep.Compose(frameOf(task).blob().id().sha256()));
    };
  }

  private static StandAloneTask.Result frameOf(StandAloneTask task) {
    StandAloneTask.Result frame = task.results.get(ResultKind.RENDER);
    if (frame == null) {
      throw new IllegalStateException("No assembled frame of " + task.name);
    }
    return frame;
  }

  private void give(Lease lease, LeaseOrder order) {
    try {
      desk.order(order, this);
    } catch (ApiException | IOException e) {
      if (e instanceof ApiException refused && refused.status() == ErrorCode.UNAVAILABLE.status()) {
        return; // the agent is about to end, and the task is no worse for it
      }
      LOG.warn("The agent cannot give itself the lease {}", lease.id(), e);
      decide(
          new FarmEvent.LeaseFailed(
              agent,
              lease.id(),
              lease.attempt(),
              FailureKind.MACHINE,
              String.valueOf(e.getMessage()),
              List.of()));
    }
  }

  /** What the agent has not begun of a task that was paused. On the follower's thread. */
  private void takeBack(Effect.Steal steal) {
    try {
      LeaseKey key = new LeaseKey(FARM, steal.lease().value());
      Set<Integer> cells = desk.steal(key, steal.attempt(), steal.cells());
      decide(new FarmEvent.CellsReturned(agent, steal.lease(), steal.attempt(), cells));
    } catch (ApiException e) {
      LOG.debug("The lease {} is over, which its last report says", steal.lease(), e);
    }
  }

  /** On the follower's thread. */
  private void handle(WorkReport.OfLease report) {
    LeaseId lease = new LeaseId(report.lease());
    String work = "lease " + report.lease();
    TaskName name = new TaskName(report.task());
    switch (report) {
      case WorkReport.Activity activity -> onTask(name, task -> task.activity = activity.text());
      case WorkReport.Messages messages -> onTask(name, task -> task.note(work, messages.lines()));
      case WorkReport.Opened opened ->
          decide(new FarmEvent.SceneOpened(agent, lease, opened.attempt(), opened.facts()));
      case WorkReport.Rendered rendered -> rendered(name, work, rendered);
      case WorkReport.Composed composed -> composed(name, work, composed);
      case WorkReport.Failed failed -> {
        onTask(name, task -> task.note(work, failed.lines()));
        decide(
            new FarmEvent.LeaseFailed(
                agent,
                lease,
                failed.attempt(),
                failed.failure(),
                failed.message(),
                failed.lines()));
      }
      // The agent is about to end, and its own tasks with it.
      case WorkReport.Returned _ -> {}
    }
  }

  private synchronized void onTask(TaskName name, Consumer<StandAloneTask> change) {
    // A task may have been removed while a last word on it was under way.
    Optional.ofNullable(tasks.get(name)).ifPresent(change);
  }

  private void rendered(TaskName name, String work, WorkReport.Rendered report) {
    Optional<Effect.Keep> keep =
        decide(
                new FarmEvent.CellArrived(
                    agent,
                    new LeaseId(report.lease()),
                    report.attempt(),
                    report.cell(),
                    report.timings(),
                    CellLooks.FINE))
            .stream()
            .filter(Effect.Keep.class::isInstance)
            .map(Effect.Keep.class::cast)
            .findFirst();
    Optional<Path> file = shelf.handOver(report.delivery().id());
    if (keep.isEmpty() || file.isEmpty()) {
      file.ifPresent(DeliveryShelf::delete);
      return;
    }
    try {
      StandAloneFrame frame = frame(name);
      frame.add(keep.get().cell(), report.rendered(), file.get());
      onTask(name, task -> addDetails(task, work, keep.get().cell(), report));
      if (frame.wantsPreview()) {
        keepResult(name, ResultKind.PREVIEW, frame.preview(), PNG);
      }
    } catch (IOException | RuntimeException e) {
      breakTask(name, e);
    } finally {
      DeliveryShelf.delete(file.get());
    }
  }

  private StandAloneFrame frame(TaskName name) throws IOException {
    StandAloneFrame open = frames.get(name);
    if (open != null) {
      return open;
    }
    StandAloneFrame created;
    synchronized (this) {
      created =
          new StandAloneFrame(
              folder.resolve(UUID.randomUUID().toString()), find(name).plan.orElseThrow());
    }
    frames.put(name, created);
    return created;
  }

  private static void addDetails(
      StandAloneTask task, String work, Cell cell, WorkReport.Rendered report) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("tile", cell.tile());
    details.put("samples", cell.samples());
    details.put("timings", report.timings());
    details.put("size", report.delivery().size());
    task.details.computeIfAbsent(work, _ -> new ArrayList<>()).add(details);
  }

  private void assemble(TaskName name) {
    try {
      keepResult(name, ResultKind.RENDER, frame(name).write(), EXR);
      decide(new FarmEvent.FrameAssembled(name));
    } catch (IOException | RuntimeException e) {
      breakTask(name, e);
    }
  }

  private void breakTask(TaskName name, Exception failure) {
    LOG.warn("The frame of task {} cannot be kept", name, failure);
    String message =
        DiskSpace.shortage(folder)
            .orElse("The agent cannot keep the frame in %s: %s".formatted(folder, failure));
    decide(new FarmEvent.TaskBroke(name, message));
  }

  private void composed(TaskName name, String work, WorkReport.Composed report) {
    WorkReport.ComposedFile picture = report.files().getFirst();
    Optional<Path> file = shelf.handOver(picture.delivery().id());
    if (file.isEmpty()) {
      return;
    }
    try {
      keepResult(name, ResultKind.COMPOSE, file.get(), picture.contentType());
      onTask(
          name,
          task -> {
            task.warnings.addAll(report.warnings());
            task.note(work, report.warnings());
            tellOfFurtherFiles(task, report);
          });
      decide(new FarmEvent.PictureArrived(agent, new LeaseId(report.lease()), report.attempt()));
    } catch (IOException | RuntimeException e) {
      breakTask(name, e);
    } finally {
      DeliveryShelf.delete(file.get());
      report.files().forEach(further -> shelf.remove(further.delivery().id()));
    }
  }

  private static void tellOfFurtherFiles(StandAloneTask task, WorkReport.Composed report) {
    if (report.files().size() > 1) {
      task.warnings.add(
          "File Output nodes wrote %d more files, which an agent without a Manager does not keep: %s"
              .formatted(
                  report.files().size() - 1,
                  String.join(
                      ", ",
                      report.files().stream()
                          .skip(1)
                          .map(WorkReport.ComposedFile::path)
                          .toList())));
    }
  }

  /** Takes a file into the blob store as a result in place of the one before. */
  private void keepResult(TaskName name, ResultKind kind, Path file, String contentType)
      throws IOException {
    Blob blob = blobs.adopt(file);
    blobs.retain(List.of(blob.id()));
    var result = new StandAloneTask.Result(blob, blobs.sha1(blob.id()), contentType);
    Optional<StandAloneTask.Result> before;
    synchronized (this) {
      StandAloneTask task = tasks.get(name);
      before =
          task == null ? Optional.of(result) : Optional.ofNullable(task.results.put(kind, result));
    }
    if (before.isPresent()) {
      blobs.release(List.of(before.get().blob().id()));
      blobs.discard(before.get().blob().id());
    }
  }

  /** On the follower's thread. */
  private void closeFrame(TaskName name) {
    StandAloneFrame frame = frames.remove(name);
    if (frame == null) {
      return;
    }
    try {
      frame.close();
    } catch (IOException e) {
      LOG.warn("Cannot close the frame of {}: {}", name, e.toString());
    }
  }
}
