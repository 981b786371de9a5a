package io.blendnet.bench;

import io.blendnet.bench.SecurityTarget.Answer;
import java.io.IOException;
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

  /** A call that is to be refused. */
  @FunctionalInterface
  interface Call {
    Answer call(SecurityTarget target) throws IOException;
  }

  /** That a call is refused, or its connection closed. */
  static SecurityCheck refused(String group, String name, Call call) {
    return new SecurityCheck(
        group,
        "refused: " + name,
        target -> {
          Answer answer = call.call(target);
          return unless(answer.isClosedOrRefusal(), answer.toString());
        });
  }

  static Optional<String> holds() {
    return Optional.empty();
  }

  static Optional<String> unless(boolean holds, String wrong) {
    return holds ? Optional.empty() : Optional.of(wrong);
  }
}
