package io.blendnet.domain;

/** A task as its user knows it, and what is wrong with it. */
final class SimulatedTask {
  /** What is wrong with a task. */
  enum Ailment {
    NONE,
    CANNOT_BE_OPENED,
    KILLS_AGENTS_THAT_OPEN_IT,
    HAS_A_CELL_THAT_CRASHES_BLENDER,
    HAS_A_CELL_THAT_KILLS_AGENTS,
    CANNOT_BE_COMPOSED,
    /** It is not ill, but its left half is black. */
    HAS_A_BLACK_HALF,
    /** It is not ill, but not every agent is large enough. */
    NEEDS_MEMORY
  }

  static final long MEMORY_NEEDED = 12L << 30;

  /** Where a scene is ill that is so in one place. */
  private static final Tile ILL_PLACE = new Tile(3, 3, 1, 1);

  final TaskSpec spec;
  final SceneFacts facts;
  final Ailment ailment;

  /** Whether the Manager is asked for the assembled frame. */
  boolean isAssembling;

  SimulatedTask(TaskSpec spec, SceneFacts facts, Ailment ailment) {
    this.spec = spec;
    this.facts = facts;
    this.ailment = ailment;
  }

  TaskName name() {
    return spec.name();
  }

  boolean isIllAt(Cell cell) {
    return cell.tile().contains(ILL_PLACE);
  }

  CellLooks looks(Cell cell) {
    return ailment == Ailment.HAS_A_BLACK_HALF && cell.tile().right() <= facts.size().width() / 2
        ? CellLooks.BLACK
        : CellLooks.FINE;
  }

  boolean killsAgents() {
    return ailment == Ailment.KILLS_AGENTS_THAT_OPEN_IT
        || ailment == Ailment.HAS_A_CELL_THAT_KILLS_AGENTS;
  }

  /** What it must end as when nothing troubles it but itself. */
  TaskState due() {
    if (FrameCut.decide(spec.strategy(), facts) instanceof FrameCut.Decision.Refused) {
      return TaskState.ERROR;
    }
    return switch (ailment) {
      case NONE, HAS_A_BLACK_HALF, NEEDS_MEMORY -> TaskState.COMPLETED;
      case CANNOT_BE_OPENED,
          KILLS_AGENTS_THAT_OPEN_IT,
          HAS_A_CELL_THAT_CRASHES_BLENDER,
          HAS_A_CELL_THAT_KILLS_AGENTS,
          CANNOT_BE_COMPOSED ->
          TaskState.ERROR;
    };
  }
}
