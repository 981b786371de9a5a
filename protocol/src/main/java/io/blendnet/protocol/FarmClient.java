package io.blendnet.protocol;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.TaskName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Calls that every server of a farm answers: API v1. Calls block; virtual threads are welcome, and
 * an interrupt ends a call. Idempotent calls are tried again while the connection fails.
 * Thread-safe.
 */
public abstract sealed class FarmClient implements AutoCloseable
    permits ManagerClient, AgentClient {
  final FarmConnection connection;

  /**
   * @param headers that every call carries
   * @param answerLimit bytes of JSON that an answer may have
   */
  FarmClient(ClientOptions options, Map<String, String> headers, long answerLimit) {
    connection = new FarmConnection(options, headers, answerLimit);
  }

  public final ServerAddress server() {
    return connection.server();
  }

  public final ServerInfo info() throws FarmException, InterruptedException {
    return connection.get("info", ServerInfo.class);
  }

  public final ServerStatus status() throws FarmException, InterruptedException {
    return connection.get("status", ServerStatus.class);
  }

  /** Lines of the server's log, by the time as epoch seconds with a fraction, oldest first. */
  public final Map<String, String> log() throws FarmException, InterruptedException {
    return texts(connection.getTree("log"));
  }

  public final Map<String, TaskInfo> tasks() throws FarmException, InterruptedException {
    Map<String, TaskInfo> tasks = new LinkedHashMap<>();
    for (var entry : connection.getTree("task").properties()) {
      tasks.put(entry.getKey(), connection.convert(entry.getValue(), TaskInfo.class));
    }
    return tasks;
  }

  public final TaskInfo task(TaskName task) throws FarmException, InterruptedException {
    return connection.get(path(task), TaskInfo.class);
  }

  /** Paths of a task's files to the SHA-1 of their content. */
  public final Map<String, String> files(TaskName task) throws FarmException, InterruptedException {
    return texts(connection.getTree(path(task) + "/file"));
  }

  public final FileInfo file(TaskName task, String path)
      throws FarmException, InterruptedException {
    return connection.get(filePath(task, path), FileInfo.class);
  }

  /**
   * Sends what the server lacks of some files; each content once, several at a time. Goes on where
   * a broken connection stopped it, in this call and in a later one.
   *
   * @param progress told of bytes that the server has, those among them that it had before, of all
   *     bytes of the files
   * @throws FarmException the server is out of reach or refuses
   * @throws FileChangedException a file is no longer what was read in it
   * @throws IOException a file cannot be read
   */
  public final SentFiles sendFiles(Collection<OfferedFile> files, TransferProgress progress)
      throws IOException, InterruptedException {
    return FileSender.send(connection, files, progress);
  }

  /**
   * Makes contents that the server has files of a task; creates the task where it is new.
   *
   * @param files contents by where the file lies for the submitter, by the rules of {@link
   *     WirePaths}
   * @throws FarmException.Refused among others with {@link ErrorCode#BLOBS_MISSING} and {@link
   *     BlobsMissing} as data
   */
  public final void attachFiles(TaskName task, Map<String, BlobId> files)
      throws FarmException, InterruptedException {
    List<TaskFile> all =
        files.entrySet().stream()
            .map(file -> new TaskFile(file.getKey(), file.getValue().sha256()))
            .toList();
    for (int from = 0; from < all.size(); from += TaskFiles.LIMIT) {
      connection.put(
          path(task) + "/files",
          new TaskFiles(all.subList(from, Math.min(all.size(), from + TaskFiles.LIMIT))));
    }
  }

  /**
   * Sends a file and makes it a task's; creates the task where it is new.
   *
   * @param path where the file lies for the submitter, by the rules of {@link WirePaths}
   * @throws FarmException the server is out of reach or refuses
   * @throws IOException the file cannot be read
   */
  public final void putFile(TaskName task, String path, Path file, TransferProgress progress)
      throws IOException, InterruptedException {
    OfferedFile offered = OfferedFile.read(file);
    sendFiles(List.of(offered), progress);
    attachFiles(task, Map.of(path, offered.blob()));
  }

  /**
   * Configures a task.
   *
   * @return a warning for the user, empty where there is none
   */
  public final String configure(TaskName task, TaskConfig config)
      throws FarmException, InterruptedException {
    return connection.put(path(task) + "/config", config).message();
  }

  /** Marks a task ready; it starts when an agent is free. */
  public final void run(TaskName task) throws FarmException, InterruptedException {
    connection.post(path(task) + "/run");
  }

  /** Stops a task; the samples done are kept. */
  public final void stop(TaskName task) throws FarmException, InterruptedException {
    connection.post(path(task) + "/stop");
  }

  /** Has nothing new begun of a task until it is resumed. */
  public final void pause(TaskName task) throws FarmException, InterruptedException {
    connection.post(path(task) + "/pause");
  }

  /** Lets a paused task go on. */
  public final void resume(TaskName task) throws FarmException, InterruptedException {
    connection.post(path(task) + "/resume");
  }

  /** Says how urgent a task is. */
  public final void prioritize(TaskName task, TaskPriority priority)
      throws FarmException, InterruptedException {
    connection.put(path(task) + "/priority", priority);
  }

  /** Removes a task that is not running. */
  public final void remove(TaskName task) throws FarmException, InterruptedException {
    connection.delete(path(task));
  }

  public final TaskStatus status(TaskName task) throws FarmException, InterruptedException {
    return connection.get(path(task) + "/status", TaskStatus.class);
  }

  /**
   * Downloads a result: into {@code NAME.part} beside the target, verified, then renamed. An older
   * target is replaced. A part of the same content that an earlier call left, also of another run
   * of the program, is gone on with.
   *
   * @throws FarmException the server is out of reach or refuses, or what came is not what it has
   * @throws IOException the file cannot be written
   */
  public final void download(TaskName task, ResultKind kind, Path target, TransferProgress progress)
      throws IOException, InterruptedException {
    connection.download(path(task) + "/status/result/" + kind.label(), target, progress);
  }

  /** Lines of output by work name. */
  public final Map<String, List<String>> messages(TaskName task)
      throws FarmException, InterruptedException {
    Map<String, List<String>> messages = new LinkedHashMap<>();
    for (var entry : connection.getTree(path(task) + "/messages").properties()) {
      List<String> lines = new ArrayList<>();
      entry.getValue().forEach(line -> lines.add(line.asString()));
      messages.put(entry.getKey(), lines);
    }
    return messages;
  }

  /** Measured timings of cells by work name, as the server gives them. */
  public final JsonNode details(TaskName task) throws FarmException, InterruptedException {
    return connection.getTree(path(task) + "/details");
  }

  /** Ends calls in progress and closes the connections. */
  @Override
  public final void close() {
    connection.close();
  }

  static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
    return texts;
  }

  private static String path(TaskName task) {
    return "task/" + WirePaths.encodePart(task.value());
  }

  private static String filePath(TaskName task, String path) {
    return path(task) + "/file/" + WirePaths.encodeFile(WirePaths.normalise("path", path));
  }
}
