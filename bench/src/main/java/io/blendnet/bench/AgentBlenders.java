package io.blendnet.bench;

import java.util.List;

/** The Blenders of an agent, as the system sees them. */
public final class AgentBlenders {
  private static final String SANDBOX = "bwrap";

  private AgentBlenders() {}

  /** Those of a process; what they run in, where they run in a sandbox, is not among them. */
  public static List<ProcessHandle> of(ProcessHandle agent) {
    return agent
        .descendants()
        .filter(process ->
            process.info().command().filter(command -> command.endsWith(SANDBOX)).isEmpty())
        .toList();
  }
}
