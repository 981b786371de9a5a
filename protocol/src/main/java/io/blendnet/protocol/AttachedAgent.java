package io.blendnet.protocol;

import io.blendnet.domain.BlenderVersion;
import java.util.List;
import java.util.Optional;

/**
 * An agent's answer to {@code POST work/attach}. What it has of the farm's leases it keeps.
 *
 * @param boot changes with every start of the agent
 * @param cores CPU cores that it renders with, at least 1
 * @param memory of the machine, in bytes; 0: unknown
 * @param blender the Blender that it has
 * @param lastReport number of its newest report. A Manager that has taken reports of this boot
 *     reads on behind the last one that it took; any other reads from 0, and finds every report
 *     whose delivery is still here, and how leases ended
 * @param leases what it has and will still deliver
 * @param terminating whether it is about to end
 */
public record AttachedAgent(
    String boot,
    int cores,
    long memory,
    Optional<BlenderVersion> blender,
    long lastReport,
    List<HeldLease> leases,
    boolean terminating) {
  public AttachedAgent {
    leases = List.copyOf(leases);
  }
}
