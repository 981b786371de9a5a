package io.blendnet.domain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a decision in progress has brought so far, and what it has to look at in the end. */
final class Decision {
  private List<Effect> effects = new ArrayList<>();

  /** Agents that may take more now. */
  final Set<AgentWork> freed = new LinkedHashSet<>();

  /** Tasks of which something has changed. */
  final Set<TaskWork> touched = new LinkedHashSet<>();

  /** Whether there may be something to do for agents that found nothing before. */
  boolean workOpened;

  void begin() {
    effects = new ArrayList<>();
    freed.clear();
    touched.clear();
    workOpened = false;
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
