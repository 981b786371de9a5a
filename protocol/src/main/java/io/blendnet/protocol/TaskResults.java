package io.blendnet.protocol;

import java.util.Optional;

/**
 * The results of a task that are there, each by the SHA-1 of its content (lower-case hex).
 *
 * @param preview small picture of what is stored so far
 * @param render the assembled multilayer EXR
 * @param compose the picture that the scene asked for
 */
public record TaskResults(
    Optional<String> preview, Optional<String> render, Optional<String> compose) {
  public static final TaskResults NONE =
      new TaskResults(Optional.empty(), Optional.empty(), Optional.empty());
}
