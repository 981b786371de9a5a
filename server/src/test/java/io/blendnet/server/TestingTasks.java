package io.blendnet.server;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.BlobInfo;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileInfo;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskFile;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskResults;
import io.blendnet.protocol.TaskStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Tasks in memory, their contents in a folder. Nothing is rendered. */
final class TestingTasks implements TaskService {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final Path folder;
  private final ConcurrentMap<TaskName, Task> tasks = new ConcurrentHashMap<>();
  private final AtomicInteger names = new AtomicInteger();
  private final AtomicInteger uploads = new AtomicInteger();

  TestingTasks(Path folder) {
    this.folder = folder;
  }

  /** Uploads that began. */
  int uploads() {
    return uploads.get();
  }

  /** Contents that are stored, whole or half. */
  List<Path> contents() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }

  void create(TaskName name) {
    tasks.computeIfAbsent(name, _ -> new Task());
  }

  void putResult(TaskName name, ResultKind kind, ResultFile file) {
    tasks.computeIfAbsent(name, _ -> new Task()).results.put(kind, file);
  }

  Optional<TaskConfig> config(TaskName name) {
    return find(name).config;
  }

  byte[] content(TaskName name, String path) throws IOException {
    return Files.readAllBytes(folder.resolve(file(name, path).id()));
  }

  @Override
  public List<TaskInfo> tasks() {
    return tasks.keySet().stream().sorted().map(this::task).toList();
  }

  @Override
  public TaskInfo task(TaskName name) {
    Task task = find(name);
    return new TaskInfo(
        name.value(),
        NOW,
        Optional.empty(),
        Optional.empty(),
        task.state,
        Optional.empty(),
        0,
        task.priority,
        task.paused,
        task.paused ? Optional.of("it is paused") : Optional.empty(),
        Optional.empty());
  }

  @Override
  public Map<String, String> files(TaskName name) {
    Map<String, String> ids = new ConcurrentHashMap<>();
    find(name).files.forEach((path, file) -> ids.put(path, file.id()));
    return ids;
  }

  @Override
  public FileInfo file(TaskName name, String path) {
    FileInfo file = find(name).files.get(path);
    if (file == null) {
      throw new ApiException(ErrorCode.FILE_NOT_FOUND, "The task has no file '" + path + "'");
    }
    return file;
  }

  @Override
  public FileInfo putFile(TaskName name, String path, Upload upload) throws IOException {
    uploads.incrementAndGet();
    Path stored = folder.resolve(upload.sha1());
    Task task = tasks.get(name);
    if (task != null && task.state != TaskState.CREATED) {
      throw new ApiException(ErrorCode.TASK_STATE, "The task is " + task.state);
    }
    if (!Files.exists(stored)) {
      store(upload, stored);
    }
    var file = new FileInfo(path, new BlobInfo(upload.sha1(), upload.length(), NOW, NOW));
    tasks.computeIfAbsent(name, _ -> new Task()).files.put(path, file);
    return file;
  }

  private void store(Upload upload, Path stored) throws IOException {
    Path part = folder.resolve(upload.sha1() + "." + names.incrementAndGet() + ".part");
    try (OutputStream out = Files.newOutputStream(part)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      byte[] buffer = new byte[65_536];
      for (int n = upload.bytes().read(buffer); n >= 0; n = upload.bytes().read(buffer)) {
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
      String sum = HexFormat.of().formatHex(digest.digest());
      if (!sum.equals(upload.sha1())) {
        throw new ApiException(
            ErrorCode.CHECKSUM_MISMATCH, "SHA-1 is " + sum + ", not " + upload.sha1());
      }
      Files.move(part, stored);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  @Override
  public void putFiles(TaskName name, List<TaskFile> files) {
    Task task = tasks.computeIfAbsent(name, _ -> new Task());
    files.forEach(file -> task.attached.put(file.path(), file.sha256()));
  }

  /** Paths of contents that were attached, to their SHA-256. */
  Map<String, String> attached(TaskName name) {
    return Map.copyOf(find(name).attached);
  }

  @Override
  public List<String> configure(TaskName name, TaskConfig config) {
    find(name).config = Optional.of(config);
    return List.of();
  }

  @Override
  public void run(TaskName name) {
    find(name).state = TaskState.PENDING;
  }

  @Override
  public void stop(TaskName name) {
    find(name).state = TaskState.STOPPED;
  }

  @Override
  public void pause(TaskName name) {
    find(name).paused = true;
  }

  @Override
  public void resume(TaskName name) {
    find(name).paused = false;
  }

  @Override
  public void prioritize(TaskName name, TaskPriority priority) {
    find(name).priority = priority.priority();
  }

  @Override
  public void remove(TaskName name) {
    find(name);
    tasks.remove(name);
  }

  @Override
  public TaskStatus status(TaskName name) {
    return new TaskStatus(
        task(name),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        Optional.empty(),
        TaskResults.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        TaskProgress.NONE);
  }

  @Override
  public ResultFile result(TaskName name, ResultKind kind) {
    ResultFile file = find(name).results.get(kind);
    if (file == null) {
      throw new ApiException(
          ErrorCode.RESULT_NOT_FOUND, "There is no " + kind.label() + " yet; watch the status");
    }
    return file;
  }

  @Override
  public Map<String, List<String>> messages(TaskName name) {
    find(name);
    return Map.of("one", List.of("Fra:1"));
  }

  @Override
  public Map<String, List<Map<String, Object>>> details(TaskName name) {
    if (name.value().equals("broken")) {
      throw new IllegalStateException("a secret detail of the implementation");
    }
    find(name);
    return Map.of("one", List.of(Map.of("render", 1.5)));
  }

  private Task find(TaskName name) {
    Task task = tasks.get(name);
    if (task == null) {
      throw new ApiException(ErrorCode.TASK_NOT_FOUND, "There is no task '" + name + "'");
    }
    return task;
  }

  private static final class Task {
    private final Map<String, FileInfo> files = new ConcurrentHashMap<>();
    private final Map<String, String> attached = new ConcurrentHashMap<>();
    private final Map<ResultKind, ResultFile> results = new ConcurrentHashMap<>();
    private volatile TaskState state = TaskState.CREATED;
    private volatile boolean paused;
    private volatile int priority;
    private volatile Optional<TaskConfig> config = Optional.empty();
  }
}
