package io.blendnet.server;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.FileInfo;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskFile;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The tasks of a server, as API v1 sees them. Called from many threads at once. What the caller did
 * wrong comes out as {@link ApiException}: {@code TASK_NOT_FOUND}, {@code TASK_STATE}, {@code
 * CONFLICT} and so on. Published clients give up after 3 seconds, so that everything but a file
 * answers at once and work follows.
 */
public interface TaskService {
  /** All tasks, the oldest first. */
  List<TaskInfo> tasks();

  TaskInfo task(TaskName task);

  /**
   * Paths of the task's files to the SHA-1 of their content. The first time this may read all of
   * them.
   */
  Map<String, String> files(TaskName task) throws IOException;

  /**
   * A file of a task.
   *
   * @param path normalised by {@link io.blendnet.protocol.WirePaths}
   */
  FileInfo file(TaskName task, String path) throws IOException;

  /**
   * Stores a file; creates the task where it is new. Returns when the content is stored and matches
   * its checksum. The stream may be left unread where the content is there already. Nothing is kept
   * of a content that does not match ({@code CHECKSUM_MISMATCH}).
   *
   * @param path normalised by {@link io.blendnet.protocol.WirePaths}
   * @throws IOException the connection broke or the disk failed
   */
  FileInfo putFile(TaskName task, String path, Upload upload)
      throws IOException, InterruptedException;

  /**
   * Attaches contents that are here already to paths of a task, all or none; creates the task where
   * it is new. Where contents are missing, {@code BLOBS_MISSING} lists them.
   *
   * @param files of two with the same path the last counts
   */
  void putFiles(TaskName task, List<TaskFile> files) throws IOException;

  /**
   * Replaces the configuration of a task that is {@code CREATED}. Repeating the same is a success.
   *
   * @return warnings for the user
   */
  List<String> configure(TaskName task, TaskConfig config);

  /**
   * Marks a task ready that is new, stopped or in error; it goes on from the samples that it has. A
   * success that changes nothing while it is pending or running.
   */
  void run(TaskName task);

  /** Stops a task. A success that changes nothing where it is stopped already. */
  void stop(TaskName task);

  /**
   * Has nothing new begun of a task that has not ended, until it is resumed. A success that changes
   * nothing where it is paused already.
   */
  void pause(TaskName task);

  /** Lets a task go on. A success that changes nothing where it is not paused. */
  void resume(TaskName task);

  /** Says how urgent a task is that has not ended. */
  void prioritize(TaskName task, TaskPriority priority);

  /** Removes a task that is neither pending nor running, with its files. */
  void remove(TaskName task);

  TaskStatus status(TaskName task);

  /**
   * A result that is there, else {@code RESULT_NOT_FOUND}. A preview may be made on the spot.
   *
   * @throws IOException it cannot be made
   */
  ResultFile result(TaskName task, ResultKind kind) throws IOException, InterruptedException;

  /** Lines of output by work name. */
  Map<String, List<String>> messages(TaskName task);

  /** Measured timings of cells by work name. */
  Map<String, List<Map<String, Object>>> details(TaskName task);
}
