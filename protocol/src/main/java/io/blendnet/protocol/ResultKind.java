package io.blendnet.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The results of a task. */
public enum ResultKind {
  /** Small picture of what is stored so far. */
  PREVIEW,
  /** The assembled multilayer EXR. */
  RENDER,
  /** The picture that the scene asked for. */
  COMPOSE;

  /** The lower-case name that stands in paths. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<ResultKind> parse(String label) {
    return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
  }
}
