package io.blendnet.agent;

import io.blendnet.protocol.WorkReport;

/**
 * Where the reports of a lease go: into the log that the Manager reads, or to the agent's own
 * tasks. Takes them at once, without waiting for anything; thread-safe.
 */
interface WorkSink {
  void take(WorkReport.OfLease report);
}
