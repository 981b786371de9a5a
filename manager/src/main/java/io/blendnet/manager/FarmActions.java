package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import java.util.List;

/**
 * What the farm loop has others do once a decision is stored. Calls come from the loop's thread and
 * return at once; the work is done elsewhere.
 */
interface FarmActions {
  /** How a frame is cut is decided; cells of it follow. */
  void planned(TaskName task, FramePlan plan);

  /** Sends a lease to its agent. */
  void grant(Lease lease);

  /** Tells an agent to drop a lease. */
  void revoke(AgentName agent, LeaseId lease, int attempt);

  /** Asks an agent to give cells back that it has not begun. */
  void steal(Effect.Steal steal);

  /** Nothing of a lease is awaited any more. */
  void forget(AgentName agent, LeaseId lease);

  /** An agent gets no more work until it is started anew. */
  void setAside(AgentName agent, String reason);

  /** Has a rented agent end, and takes it out. */
  void giveBack(AgentName agent, String reason);

  /** Assembles a frame whose cells are all stored. */
  void assemble(TaskName task);

  /** Blobs that were referred to and may be no longer. */
  void freed(List<BlobId> blobs);

  /** A task has another state. */
  void entered(TaskName task, TaskState state);
}
