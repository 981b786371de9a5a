package io.blendnet.domain;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** An agent, by the witness's books. */
final class BookedAgent {
  final AgentName name;
  Optional<AgentMachine> machine = Optional.empty();
  AgentWork.Presence presence = AgentWork.Presence.SILENT;
  boolean isTerminating;
  boolean isSetAside;
  Duration silentSince = Duration.ZERO;

  /** When its latest lease ended, or it joined. */
  Duration idleSince = Duration.ZERO;

  final Map<LeaseId, BookedLease> live = new LinkedHashMap<>();
  final Map<LeaseId, BookedLease> lapsed = new LinkedHashMap<>();

  BookedAgent(AgentName name) {
    this.name = name;
  }

  /** Its process, where it has joined since the Manager started. */
  String boot() {
    return machine.map(AgentMachine::boot).orElse("");
  }

  long memory() {
    return machine.map(AgentMachine::memory).orElse(0L);
  }

  boolean isUsable() {
    return presence == AgentWork.Presence.HERE && mayBeUsable();
  }

  /** Whether it can be given work, or may be soon. */
  boolean mayBeUsable() {
    return presence != AgentWork.Presence.GONE && !isTerminating && !isSetAside;
  }

  boolean isIdle() {
    return isUsable() && live.isEmpty();
  }
}
