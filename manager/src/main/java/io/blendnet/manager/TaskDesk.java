package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.Farm;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskSpec;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.TaskView;
import io.blendnet.protocol.BlobInfo;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileInfo;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskFile;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskResults;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.server.ApiException;
import io.blendnet.server.LackingBlobs;
import io.blendnet.server.ResultFile;
import io.blendnet.server.TaskService;
import io.blendnet.server.Upload;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobConflictException;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoredMessage;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tasks as API v1 sees them. Reads come from the store and the latest snapshot. */
final class TaskDesk implements TaskService {
  /** Blender's own first frame. */
  static final int DEFAULT_FRAME = 1;

  /**
   * API v1 lists all tasks in one answer; of more than this many, the last by name are left out.
   */
  private static final int MOST_TASKS = 10_000;

  private final FarmLoop loop;
  private final FarmStore store;
  private final BlobStore blobs;
  private final Frames frames;
  private final LeaseOrders orders;
  private final Deliveries deliveries;
  private final Previews previews;
  private final AgentDesk agents;
  private final UnusedBlobs unused;

  TaskDesk(
      FarmLoop loop,
      FarmStore store,
      Frames frames,
      LeaseOrders orders,
      Deliveries deliveries,
      Previews previews,
      AgentDesk agents,
      UnusedBlobs unused) {
    this.unused = unused;
    this.loop = loop;
    this.store = store;
    this.blobs = deliveries.blobs();
    this.frames = frames;
    this.orders = orders;
    this.deliveries = deliveries;
    this.previews = previews;
    this.agents = agents;
  }

  /** Goes on with the tasks that were pending or running when the Manager ended. */
  void resume() throws IOException {
    for (TaskRow row : loop.snapshot().rows().values()) {
      if (row.state().isActive()) {
        loop.apply(turn -> resume(turn, row));
      }
    }
  }

  private void resume(Turn turn, TaskRow row) throws IOException {
    try {
      begin(turn, row);
    } catch (IOException | ApiException e) {
      // One task that cannot go on does not keep the others.
      turn.enter(row.name(), TaskState.STOPPED, "It cannot go on: " + Reason.of(e));
    }
  }

  @Override
  public List<TaskInfo> tasks() {
    FarmSnapshot now = loop.snapshot();
    return reading(() ->
        TaskPages.read(store, EnumSet.allOf(TaskState.class), MOST_TASKS).stream()
            .sorted(Comparator.comparing(TaskRow::created).thenComparing(TaskRow::name))
            .map(row -> info(row, now))
            .toList());
  }

  @Override
  public TaskInfo task(TaskName task) {
    FarmSnapshot now = loop.snapshot();
    return info(row(task, now), now);
  }

  @Override
  public Map<String, String> files(TaskName task) throws IOException {
    row(task);
    Map<String, String> files = new TreeMap<>();
    for (FileRow file : userFiles(task)) {
      files.put(file.path(), blobs.sha1(file.blob()));
    }
    return files;
  }

  @Override
  public FileInfo file(TaskName task, String path) throws IOException {
    row(task);
    FileRow file =
        store
            .file(task, path)
            .orElseThrow(() ->
                new ApiException(
                    ErrorCode.FILE_NOT_FOUND, "Task '%s' has no file '%s'".formatted(task, path)));
    return info(path, blob(file.blob()));
  }

  @Override
  public FileInfo putFile(TaskName task, String path, Upload upload)
      throws IOException, InterruptedException {
    loop.apply(turn -> changeable(turn, task));
    Blob blob = receive(upload);
    loop.call(turn -> {
      changeable(turn, task);
      if (turn.row(task).isEmpty()) {
        turn.create(task);
      }
      store.file(task, path).ifPresent(before -> deliveries.discard(turn, List.of(before.blob())));
      turn.change(new StoreChange.PutFile(new FileRow(task, path, blob.id())));
      return blob;
    });
    return info(path, blob);
  }

  private Blob receive(Upload upload) throws IOException {
    Optional<Blob> known = blobs.findBySha1(upload.sha1());
    if (known.isPresent()
        && known.get().size() == upload.length()
        && blobs.missing(List.of(known.get().id())).isEmpty()) {
      return known.get();
    }
    unused.makeRoom(upload.length());
    BlobExpectation expected =
        BlobExpectation.NONE.withSize(upload.length()).withSha1(upload.sha1());
    try {
      return blobs.put(upload.bytes(), expected);
    } catch (BlobMismatchException e) {
      throw new ApiException(ErrorCode.CHECKSUM_MISMATCH, Reason.of(e));
    } catch (BlobConflictException e) {
      throw new ApiException(ErrorCode.CONFLICT, Reason.of(e));
    } catch (StorageFullException e) {
      throw new ApiException(
          ErrorCode.STORAGE_FULL, "The Manager cannot take the file. " + Reason.of(e));
    }
  }

  @Override
  public void putFiles(TaskName task, List<TaskFile> files) throws IOException {
    loop.apply(turn -> changeable(turn, task));
    requireStored(files);
    loop.apply(turn -> {
      if (changeable(turn, task).isEmpty()) {
        turn.create(task);
      }
      Map<String, BlobId> before = new HashMap<>();
      store.files(task).forEach(file -> before.put(file.path(), file.blob()));
      List<BlobId> replaced = new ArrayList<>();
      for (TaskFile file : files) {
        BlobId blob = new BlobId(file.sha256());
        Optional.ofNullable(before.get(file.path()))
            .filter(other -> !other.equals(blob))
            .ifPresent(replaced::add);
        turn.change(new StoreChange.PutFile(new FileRow(task, file.path(), blob)));
      }
      deliveries.discard(turn, replaced);
    });
  }

  /** By this they are asked for, so that none goes before the task refers to it. */
  private void requireStored(List<TaskFile> files) throws IOException {
    LackingBlobs.refuse(
        blobs,
        files.stream().map(file -> new BlobId(file.sha256())).toList(),
        "Send %d contents first; nothing was changed");
  }

  @Override
  public List<String> configure(TaskName task, TaskConfig config) {
    return reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(changeable(turn, task), task);
          turn.update(
              Rows.withPriority(
                  Rows.withConfig(row, SceneOrders.json(config)),
                  config.priority().orElse(TaskPriority.USUAL)));
          return List.<String>of();
        }));
  }

  /** The task's row, empty for a new task; refuses one that may no longer be changed. */
  private static Optional<TaskRow> changeable(Turn turn, TaskName task) throws IOException {
    Optional<TaskRow> row = turn.row(task);
    if (row.isPresent() && row.get().state() != TaskState.CREATED) {
      throw new ApiException(
          ErrorCode.TASK_STATE,
          "Task '%s' is %s; only a CREATED one can be changed. Submit under another name"
              .formatted(task, row.get().state()));
    }
    return row;
  }

  @Override
  public void run(TaskName task) {
    reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(turn.row(task), task);
          if (row.state().isActive()) {
            return row;
          }
          if (!row.state().mayBecome(TaskState.PENDING)) {
            throw new ApiException(
                ErrorCode.TASK_STATE,
                "Task '%s' is %s and cannot be run again".formatted(task, row.state()));
          }
          begin(turn, row);
          return row;
        }));
  }

  private void begin(Turn turn, TaskRow row) throws IOException {
    TaskConfig config = SceneOrders.config(row);
    SceneOrder scene = orders.begin(row);
    Optional<FramePlan> plan = TaskNotes.parse(row.plan()).plan();
    List<DeliveryRow> stored = plan.isPresent() ? turn.deliveries(row.name()) : List.of();
    List<Lease> held =
        plan.isPresent()
            ? store.leases(row.name()).stream()
                .map(lease -> LeaseRows.lease(lease, plan.get().cut()))
                .toList()
            : List.of();
    TaskSpec spec =
        TaskSpec.fresh(
                row.name(),
                SceneOrders.key(scene),
                config.frame().orElse(DEFAULT_FRAME),
                config.strategy().orElse(Strategy.AUTO),
                config.agentsNum().orElse(0),
                row.created())
            .placed(row.priority(), row.paused())
            .goingOn(plan, stored.stream().map(DeliveryRow::cell).toList(), held);
    turn.update(Rows.withState(row, TaskState.PENDING, turn.now(), ""));
    plan.ifPresent(known -> turn.after(() -> refold(row.name(), known, stored)));
    turn.decide(new FarmEvent.TaskReady(spec));
  }

  private void refold(TaskName task, FramePlan plan, List<DeliveryRow> stored) {
    frames.begin(task, plan);
    stored.forEach(
        delivery -> frames.fold(task, delivery.cell(), delivery.rendered(), delivery.blob()));
  }

  @Override
  public void stop(TaskName task) {
    reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(turn.row(task), task);
          if (row.state() == TaskState.STOPPED) {
            return row;
          }
          if (!row.state().isActive()) {
            throw new ApiException(
                ErrorCode.TASK_STATE,
                "Task '%s' is %s; only a PENDING or RUNNING one can be stopped"
                    .formatted(task, row.state()));
          }
          turn.decide(new FarmEvent.TaskStopped(task));
          if (existing(turn.row(task), task).state().isActive()) {
            turn.enter(task, TaskState.STOPPED, Farm.STOPPED_BY_USER);
          }
          return row;
        }));
  }

  @Override
  public void pause(TaskName task) {
    reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(turn.row(task), task);
          if (row.state() != TaskState.CREATED && !row.state().isActive()) {
            throw new ApiException(
                ErrorCode.TASK_STATE,
                "Task '%s' is %s; only one that is CREATED, PENDING or RUNNING can be paused"
                    .formatted(task, row.state()));
          }
          if (!row.paused()) {
            turn.update(Rows.withPaused(row, true));
            turn.message(task, Turn.MANAGER_WORK, "Paused by the user");
            turn.decide(new FarmEvent.TaskPaused(task));
          }
          return row;
        }));
  }

  @Override
  public void resume(TaskName task) {
    reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(turn.row(task), task);
          if (row.paused()) {
            turn.update(Rows.withPaused(row, false));
            turn.message(task, Turn.MANAGER_WORK, "Resumed by the user");
            turn.decide(new FarmEvent.TaskResumed(task));
          }
          return row;
        }));
  }

  @Override
  public void prioritize(TaskName task, TaskPriority priority) {
    int wanted = priority.priority();
    reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(turn.row(task), task);
          if (row.state() == TaskState.COMPLETED) {
            throw new ApiException(
                ErrorCode.TASK_STATE,
                "Task '%s' is COMPLETED: nothing of it is left to be done".formatted(task));
          }
          if (row.priority() != wanted) {
            turn.update(Rows.withPriority(row, wanted));
            turn.message(task, Turn.MANAGER_WORK, "Priority %d".formatted(wanted));
            turn.decide(new FarmEvent.TaskPrioritized(task, wanted));
          }
          return row;
        }));
  }

  @Override
  public void remove(TaskName task) {
    reading(() ->
        loop.call(turn -> {
          TaskRow row = existing(turn.row(task), task);
          if (row.state().isActive()) {
            throw new ApiException(
                ErrorCode.TASK_STATE,
                "Task '%s' is %s; stop it first".formatted(task, row.state()));
          }
          List<BlobId> freed =
              Stream.of(
                      store.files(task).stream().map(FileRow::blob),
                      store.deliveries(task).stream().map(DeliveryRow::blob),
                      Stream.of(row.preview(), row.render(), row.compose())
                          .flatMap(Optional::stream))
                  .flatMap(all -> all)
                  .distinct()
                  .toList();
          turn.remove(row);
          orders.forget(task);
          deliveries.discard(turn, freed);
          previews.forget(task);
          return row;
        }));
  }

  @Override
  public TaskStatus status(TaskName task) {
    FarmSnapshot now = loop.snapshot();
    TaskRow row = row(task, now);
    TaskConfig config = SceneOrders.config(row);
    TaskNotes notes = TaskNotes.parse(row.plan());
    Optional<TaskView> view = Optional.ofNullable(now.tasks().get(task));
    Optional<Integer> samples = notes.plan().map(plan -> plan.cut().samples()).or(config::samples);
    TaskInfo info = info(row, now);
    return new TaskStatus(
        info,
        config.project(),
        samples,
        config.seed(),
        (int) Math.floor(info.done() * samples.orElse(0) + 1e-9),
        view.flatMap(TaskView::remaining),
        results(row),
        config.composeFilepath(),
        notes.workedOn(),
        view.map(TaskView::latestCellSamples)
            .filter(count -> count > 0)
            .or(() -> latestSamples(notes)),
        progress(row, notes, view));
  }

  private static Optional<Integer> latestSamples(TaskNotes notes) {
    return notes.details().stream()
        .max(Comparator.comparing(TaskNotes.CellDetail::stored))
        .map(detail -> detail.cell().samples().size());
  }

  private TaskResults results(TaskRow row) {
    Optional<String> preview =
        row.preview().isPresent() || !row.state().isActive()
            ? sha1(row.preview())
            : previews.current(row.name()).flatMap(ResultFile::sha1);
    return new TaskResults(preview, sha1(row.render()), sha1(row.compose()));
  }

  private Optional<String> sha1(Optional<BlobId> id) {
    return id.map(present -> reading(() -> blobs.sha1(present)));
  }

  private TaskProgress progress(TaskRow row, TaskNotes notes, Optional<TaskView> view) {
    Optional<FrameCut> cut = notes.plan().map(FramePlan::cut);
    boolean active = view.isPresent();
    int stored = active ? view.get().cellsStored() : notes.details().size();
    return new TaskProgress(
        phase(row, view),
        cut.map(taken -> taken.strategy().label()),
        cut.map(FrameCut::reason).orElse(""),
        stored,
        stored + view.map(TaskView::cellsLeased).orElse(0),
        active ? agents.shares(row.name()) : notes.shares(),
        notes.warnings());
  }

  private String phase(TaskRow row, Optional<TaskView> view) {
    return switch (row.state()) {
      case CREATED -> "Created";
      case STOPPED -> "Stopped";
      case COMPLETED -> "Done";
      case ERROR -> "Failed";
      case PENDING, RUNNING ->
          loop.trouble()
              .map(reason -> "Standing still: " + reason)
              .or(() -> view.map(TaskDesk::activePhase))
              .orElse("Waiting");
    };
  }

  private static String activePhase(TaskView view) {
    if (!view.waiting().isEmpty()) {
      return view.paused() ? "Paused" : "Waiting: " + view.waiting();
    }
    if (view.cut().isEmpty()) {
      return "Opening the scene";
    }
    return view.done() < 1 ? "Rendering" : "Making the picture";
  }

  @Override
  public ResultFile result(TaskName task, ResultKind kind) throws IOException {
    TaskRow row = row(task);
    return switch (kind) {
      case PREVIEW ->
          row.preview().isPresent()
              ? file(blob(row.preview().get()), "image/png")
              : previews.newest(task).orElseThrow(() -> notThere(task, kind));
      case RENDER ->
          file(blob(row.render().orElseThrow(() -> notThere(task, kind))), "image/x-exr");
      case COMPOSE -> {
        Blob picture = blob(row.compose().orElseThrow(() -> notThere(task, kind)));
        yield file(picture, TaskNotes.parse(row.plan()).outputs().getFirst().contentType());
      }
    };
  }

  private static ApiException notThere(TaskName task, ResultKind kind) {
    return new ApiException(
        ErrorCode.RESULT_NOT_FOUND,
        "Task '%s' has no result '%s' yet".formatted(task, kind.label()));
  }

  /** The composed files, the picture first. */
  List<TaskNotes.Output> outputs(TaskName task) {
    return TaskNotes.parse(row(task).plan()).outputs();
  }

  /** One composed file. */
  ResultFile output(TaskName task, String path) throws IOException {
    TaskNotes.Output output =
        outputs(task).stream()
            .filter(candidate -> candidate.path().equals(path))
            .findFirst()
            .orElseThrow(() ->
                new ApiException(
                    ErrorCode.FILE_NOT_FOUND,
                    "Task '%s' has no output '%s'".formatted(task, path)));
    return file(blob(new BlobId(output.blob())), output.contentType());
  }

  private ResultFile file(Blob blob, String contentType) throws IOException {
    return ResultFile.withSha1(
        blobs.file(blob.id()), blob.size(), blobs.sha1(blob.id()), contentType);
  }

  @Override
  public Map<String, List<String>> messages(TaskName task) {
    row(task);
    return reading(() -> {
      Map<String, List<String>> messages = new LinkedHashMap<>();
      for (StoredMessage stored : store.lastMessages(task, Turn.MOST_MESSAGES)) {
        MessageRow message = stored.message();
        messages.computeIfAbsent(message.work(), _ -> new ArrayList<>()).add(message.line());
      }
      return messages;
    });
  }

  @Override
  public Map<String, List<Map<String, Object>>> details(TaskName task) {
    TaskRow row = row(task);
    List<TaskNotes.CellDetail> details =
        row.state().isActive()
            ? reading(() -> store.deliveries(task)).stream().map(TaskNotes.CellDetail::of).toList()
            : TaskNotes.parse(row.plan()).details();
    return details.stream()
        .collect(
            Collectors.groupingBy(
                detail -> detail.agent().value(),
                TreeMap::new,
                Collectors.mapping(TaskDesk::detail, Collectors.toList())));
  }

  private static Map<String, Object> detail(TaskNotes.CellDetail measured) {
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("lease", measured.lease());
    detail.put("attempt", measured.attempt());
    detail.put("tile", measured.cell().tile());
    detail.put("samples", measured.cell().samples());
    detail.put("timings", measured.timings());
    detail.put("stored", measured.stored());
    return detail;
  }

  private TaskInfo info(TaskRow row, FarmSnapshot now) {
    return new TaskInfo(
        row.name().value(),
        row.created(),
        row.started(),
        row.ended(),
        row.state(),
        SceneOrders.config(row).frame(),
        done(row, now),
        row.priority(),
        row.paused(),
        waiting(row, now),
        row.error());
  }

  private Optional<String> waiting(TaskRow row, FarmSnapshot now) {
    if (!row.state().isActive()) {
      return Optional.empty();
    }
    return loop.trouble()
        .or(() -> Optional.ofNullable(now.tasks().get(row.name())).map(TaskView::waiting))
        .filter(reason -> !reason.isEmpty());
  }

  private static double done(TaskRow row, FarmSnapshot now) {
    if (row.state() == TaskState.COMPLETED) {
      return 1;
    }
    TaskView view = now.tasks().get(row.name());
    return view != null ? view.done() : TaskNotes.parse(row.plan()).done();
  }

  private TaskRow row(TaskName task) {
    return row(task, loop.snapshot());
  }

  private TaskRow row(TaskName task, FarmSnapshot now) {
    TaskRow known = now.rows().get(task);
    return known != null ? known : existing(reading(() -> store.task(task)), task);
  }

  private static TaskRow existing(Optional<TaskRow> row, TaskName task) {
    return row.orElseThrow(
        () -> new ApiException(ErrorCode.TASK_NOT_FOUND, "There is no task '%s'".formatted(task)));
  }

  private List<FileRow> userFiles(TaskName task) throws IOException {
    return store.files(task).stream().filter(file -> !OutputFiles.isOutput(file)).toList();
  }

  private Blob blob(BlobId id) throws IOException {
    return blobs.find(id).orElseThrow(() -> new IOException("The blob store has lost " + id));
  }

  private FileInfo info(String path, Blob blob) throws IOException {
    return new FileInfo(
        path, new BlobInfo(blobs.sha1(blob.id()), blob.size(), blob.created(), blob.created()));
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  /** The store's disk failing is nothing that a caller could handle. */
  private static <T> T reading(Reading<T> reading) {
    try {
      return reading.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
