package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.TaskName;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.StoreChange;
import java.util.List;

/**
 * Composed files in the store: rows among the task's files, so that the store knows that their
 * blobs are in use. Their paths begin with {@code ../}, which no path of a user's file can.
 */
final class OutputFiles {
  private static final String PREFIX = "../output/";

  private OutputFiles() {}

  static boolean isOutput(FileRow file) {
    return file.path().startsWith(PREFIX);
  }

  static List<StoreChange> changes(TaskName task, List<TaskNotes.Output> outputs) {
    return outputs.stream()
        .<StoreChange>map(output ->
            new StoreChange.PutFile(
                new FileRow(task, PREFIX + output.path(), new BlobId(output.blob()))))
        .toList();
  }
}
