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

/** Nothing of what is decided is done. */
final class IdleActions implements FarmActions {
  @Override
  public void planned(TaskName task, FramePlan plan) {}

  @Override
  public void grant(Lease lease) {}

  @Override
  public void revoke(AgentName agent, LeaseId lease, int attempt) {}

  @Override
  public void steal(Effect.Steal steal) {}

  @Override
  public void forget(AgentName agent, LeaseId lease) {}

  @Override
  public void setAside(AgentName agent, String reason) {}

  @Override
  public void giveBack(AgentName agent, String reason) {}

  @Override
  public void assemble(TaskName task) {}

  @Override
  public void freed(List<BlobId> blobs) {}

  @Override
  public void entered(TaskName task, TaskState state) {}
}
