package io.blendnet.domain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a decision in progress has brought so far, and what it has to look at in the end. */
final class Decision {
  private List<Effect> effects = new ArrayList<>();

  /** Up-time. */
  Duration now = Duration.ZERO;

  /** Agents that may take more now. */
  final Set<AgentWork> freed = new LinkedHashSet<>();

  /** Agents that may take more when all others have looked: a cell was just taken from them. */
  final Set<AgentWork> late = new LinkedHashSet<>();

  /** Tasks of which something has changed. */
  final Set<TaskWork> touched = new LinkedHashSet<>();

  /** Tasks that are over. */
  final Set<TaskWork> ended = new LinkedHashSet<>();

  /** Agents of which something has changed: their leases, their results, or how fast they are. */
  final Set<AgentWork> changedAgents = new LinkedHashSet<>();

  /** Those of them that {@link Steals} has not looked at since. */
  final Set<AgentWork> unweighed = new LinkedHashSet<>();

  /** Tasks of which there may be something to do for agents that found nothing before. */
  final Set<TaskWork> opened = new LinkedHashSet<>();

  /** Whether an agent has come that any task may have waited for. */
  boolean agentCame;

  /** Whether which agents can be given work is not as it was. */
  boolean agentsChanged;

  void begin() {
    effects = new ArrayList<>();
    freed.clear();
    late.clear();
    touched.clear();
    ended.clear();
    changedAgents.clear();
    opened.clear();
    agentCame = false;
    agentsChanged = false;
  }

  void changed(AgentWork agent) {
    changedAgents.add(agent);
    unweighed.add(agent);
  }

  void add(Effect effect) {
    effects.add(effect);
  }

  void note(TaskWork task, String message) {
    effects.add(new Effect.Note(task.spec.name(), message));
  }

  List<Effect> effects() {
    return List.copyOf(effects);
  }
}
