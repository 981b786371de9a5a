package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.TaskView;
import io.blendnet.protocol.BlobInfo;
import io.blendnet.protocol.FileInfo;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskResults;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.storage.spi.Blob;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is known about a task of the agent's own. Guarded by the lock of {@link StandAloneTasks}.
 */
final class StandAloneTask {
  /**
   * A result that is there.
   *
   * @param sha1 lower-case hex
   */
  record Result(Blob blob, String sha1, String contentType) {}

  private static final int MOST_LINES = 5_000;

  final TaskName name;
  final Instant created;
  final Map<String, Blob> files = new TreeMap<>();
  final List<Cell> stored = new ArrayList<>();
  final Map<ResultKind, Result> results = new EnumMap<>(ResultKind.class);
  final Map<String, List<Map<String, Object>>> details = new LinkedHashMap<>();
  final Set<String> warnings = new LinkedHashSet<>();

  TaskState state = TaskState.CREATED;
  Optional<TaskConfig> config = Optional.empty();
  Optional<SceneOrder> scene = Optional.empty();
  Optional<FramePlan> plan = Optional.empty();
  Optional<TaskView> view = Optional.empty();
  Optional<Instant> started = Optional.empty();
  Optional<Instant> workStarted = Optional.empty();
  Optional<Instant> ended = Optional.empty();
  Optional<String> error = Optional.empty();
  int priority = TaskPriority.USUAL;
  boolean paused;
  String phase = "";
  String activity = "";

  private final Map<String, List<String>> messages = new LinkedHashMap<>();
  private int lines;

  StandAloneTask(TaskName name, Instant created) {
    this.name = name;
    this.created = created;
  }

  /** Adds lines to the messages of a piece of work; when there are too many, the oldest go. */
  void note(String work, Collection<String> added) {
    messages.computeIfAbsent(work, _ -> new ArrayList<>()).addAll(added);
    lines += added.size();
    while (lines > MOST_LINES && messages.size() > 1) {
      String oldest = messages.keySet().iterator().next();
      List<String> gone = messages.remove(oldest);
      lines -= gone == null ? 0 : gone.size();
    }
  }

  Map<String, List<String>> messages() {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    messages.forEach((work, text) -> copy.put(work, List.copyOf(text)));
    return copy;
  }

  void become(TaskState next, String reason, Instant now) {
    state = next;
    switch (next) {
      case CREATED -> {}
      case PENDING -> {
        started = Optional.of(started.orElse(now));
        ended = Optional.empty();
        error = Optional.empty();
        phase = "Waiting";
      }
      case RUNNING -> workStarted = Optional.of(workStarted.orElse(now));
      case STOPPED, COMPLETED -> end("", now);
      case ERROR -> {
        error = Optional.of(reason);
        end("", now);
      }
    }
  }

  private void end(String lastPhase, Instant now) {
    ended = Optional.of(now);
    paused = false;
    phase = lastPhase;
    activity = "";
  }

  FileInfo fileInfo(String path, Blob blob, String sha1) {
    return new FileInfo(path, new BlobInfo(sha1, blob.size(), blob.created(), created));
  }

  /** Everything of it in the blob store. */
  List<BlobId> blobs() {
    List<BlobId> all = new ArrayList<>();
    files.values().forEach(blob -> all.add(blob.id()));
    results.values().forEach(result -> all.add(result.blob().id()));
    return all;
  }

  private long storedWork() {
    return stored.stream().mapToLong(Cell::work).sum();
  }

  private double done() {
    return plan.map(known ->
            (double) storedWork() / ((double) known.cut().size().area() * known.cut().samples()))
        .orElse(0.0);
  }

  private int samplesDone() {
    return plan.map(known -> Math.toIntExact(storedWork() / known.cut().size().area())).orElse(0);
  }

  TaskInfo info() {
    return new TaskInfo(
        name.value(),
        created,
        started,
        ended,
        state,
        config.flatMap(TaskConfig::frame),
        done(),
        priority,
        paused,
        waiting(),
        error);
  }

  private Optional<String> waiting() {
    return state.isActive()
        ? view.map(TaskView::waiting).filter(reason -> !reason.isEmpty())
        : Optional.empty();
  }

  TaskStatus status(String agent) {
    return new TaskStatus(
        info(),
        config.flatMap(TaskConfig::project),
        config.flatMap(TaskConfig::samples).or(() -> plan.map(known -> known.cut().samples())),
        config.flatMap(TaskConfig::seed),
        samplesDone(),
        state.isActive() ? view.flatMap(TaskView::remaining) : Optional.empty(),
        new TaskResults(
            sha1(ResultKind.PREVIEW), sha1(ResultKind.RENDER), sha1(ResultKind.COMPOSE)),
        config.flatMap(TaskConfig::composeFilepath),
        workStarted,
        view.map(TaskView::latestCellSamples).filter(samples -> samples > 0),
        progress(agent));
  }

  private Optional<String> sha1(ResultKind kind) {
    return Optional.ofNullable(results.get(kind)).map(Result::sha1);
  }

  private TaskProgress progress(String agent) {
    if (started.isEmpty()) {
      return TaskProgress.NONE;
    }
    int leased = state.isActive() ? view.map(TaskView::cellsLeased).orElse(0) : 0;
    return new TaskProgress(
        paused && waiting().isPresent() ? "Paused" : phase,
        plan.map(known -> known.cut().strategy().label()),
        plan.map(known -> known.cut().reason()).orElse(""),
        stored.size(),
        stored.size() + leased,
        List.of(new TaskProgress.AgentShare(agent, done(), stored.size(), activity)),
        List.copyOf(warnings));
  }
}
