package io.blendnet.bench;

import java.util.Optional;

/** What a {@link ChaosFarm} is made to bear. */
enum FaultKind {
  AGENT_KILLED("agent killed"),
  AGENT_SUSPENDED("agent suspended"),
  AGENT_TERMINATED("agent terminated"),
  BLENDER_KILLED("Blender killed"),
  MANAGER_KILLED("Manager killed"),
  MANAGER_SUSPENDED("Manager suspended"),
  LINE_CUT("line cut", FaultyLine.Fault.CUT),
  LINE_CUT_TO_AGENT("line cut towards the agent", FaultyLine.Fault.SERVER_HEARS_NOTHING),
  LINE_CUT_FROM_AGENT("line cut from the agent", FaultyLine.Fault.SERVER_IS_NOT_HEARD),
  LINE_RESETTING("line resets connections", FaultyLine.Fault.RESETTING),
  LINE_SLOW("line slow", FaultyLine.Fault.SLOW);

  private final String words;
  private final Optional<FaultyLine.Fault> line;

  FaultKind(String words) {
    this.words = words;
    this.line = Optional.empty();
  }

  FaultKind(String words, FaultyLine.Fault line) {
    this.words = words;
    this.line = Optional.of(line);
  }

  String words() {
    return words;
  }

  /** Whether it happens to the Manager, and not to an agent. */
  boolean isOfManager() {
    return this == MANAGER_KILLED || this == MANAGER_SUSPENDED;
  }

  /** What happens to an agent's line, where it is that which fails. */
  Optional<FaultyLine.Fault> line() {
    return line;
  }
}
