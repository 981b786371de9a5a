package io.blendnet.bench;

import java.util.Optional;

/**
 * One line of the checklist.
 *
 * @param group heading that it stands under
 * @param name what holds, as a sentence without a full stop
 * @param probe finds out whether it does
 */
record SecurityCheck(String group, String name, Probe probe) {
  /** Tries it. */
  @FunctionalInterface
  interface Probe {
    /** What was wrong; empty where it holds. */
    Optional<String> look(SecurityTarget target) throws Exception;
  }

  static Optional<String> holds() {
    return Optional.empty();
  }

  static Optional<String> unless(boolean holds, String wrong) {
    return holds ? Optional.empty() : Optional.of(wrong);
  }
}
