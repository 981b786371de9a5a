package io.blendnet.protocol;

import java.util.List;

/**
 * {@code PUT task/{name}/files}: attaches contents that are stored already to paths of a task, all
 * or none.
 *
 * @param files at most {@value #LIMIT}; of two with the same path the last counts
 */
public record TaskFiles(List<TaskFile> files) {
  /** How many one call may attach. */
  public static final int LIMIT = 10_000;

  /** Longest body that a server takes, in bytes. */
  public static final int BODY_LIMIT = 8 * 1024 * 1024;

  public TaskFiles {
    files = List.copyOf(files);
    if (files.size() > LIMIT) {
      throw new InvalidFieldException(
          "files", "'files' has %d entries, more than %d".formatted(files.size(), LIMIT));
    }
  }
}
