package io.blendnet.manager;

/**
 * What one run of a benchmark came to. Times are in milliseconds.
 *
 * @param history finished tasks in the store; -1 for a farm without loop and store
 * @param cpuPerDecision milliseconds that the deciding thread had a core, storing included
 * @param decision one decision with what is booked for it, without the commit
 * @param commit one commit, on the disk when it returned
 * @param readsPerSecond statuses of tasks read from the snapshot meanwhile; 0: none were
 */
public record Measured(
    String workload,
    int agents,
    int history,
    double decisionsPerSecond,
    double cpuPerDecision,
    Times.Spread decision,
    Times.Spread commit,
    double decisionsPerCommit,
    double readsPerSecond) {
  /** Stands for the history where there is no store. */
  public static final int NO_STORE = -1;

  static Measured alone(
      Workload workload, int agents, Times decisions, double seconds, double cpuSeconds) {
    return new Measured(
        workload.words(),
        agents,
        NO_STORE,
        decisions.count() / seconds,
        cpuSeconds * 1000 / decisions.count(),
        decisions.spread(),
        new Times().spread(),
        0,
        0);
  }
}
