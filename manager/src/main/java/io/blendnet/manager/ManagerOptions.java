package io.blendnet.manager;

import io.blendnet.domain.FarmRules;
import io.blendnet.protocol.ServerInfo;
import io.blendnet.security.Credentials;
import io.blendnet.security.ServerIdentity;
import io.blendnet.security.TrustedAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a Manager is set up.
 *
 * @param host address to listen on
 * @param port 1 to 65535, or 0 for any free one
 * @param identity certificate and key of its HTTPS door
 * @param authority what agents' certificates must come from, unless an agent's settings name
 *     another
 * @param user what opens its endpoints
 * @param folder its data: store, blobs, scratch frames; made where missing
 * @param name of this Manager's machine, for {@code GET resources}
 * @param version of the program
 * @param blender the Blender at hand, where there is one; a Manager needs none
 * @param stopWhenIdle how long no task may be active until the Manager wants to end; more than
 *     zero; empty: it stays
 * @param agentIdle how long a rented agent may have nothing to do until it is given back; zero: it
 *     is kept
 * @param storage how much it stores, and for how long
 */
public record ManagerOptions(
    String host,
    int port,
    ServerIdentity identity,
    TrustedAuthority authority,
    Credentials user,
    Path folder,
    String name,
    String version,
    Optional<ServerInfo.BlenderInfo> blender,
    Optional<Duration> stopWhenIdle,
    Duration agentIdle,
    StorageRules storage) {
  /** A machine costs by the second or the minute, and a new one is there after minutes. */
  public static final Duration STANDARD_AGENT_IDLE = FarmRules.DEFAULT.agentIdle();

  public ManagerOptions {
    if (stopWhenIdle.filter(limit -> !limit.isPositive()).isPresent()) {
      throw new IllegalArgumentException("A Manager is idle for longer than no time at all");
    }
    if (agentIdle.isNegative()) {
      throw new IllegalArgumentException("An agent is idle for no less than no time at all");
    }
  }

  /** One that stays, on any free port, and does all else as a Manager does that is told nothing. */
  public static ManagerOptions standard(
      String host,
      ServerIdentity identity,
      TrustedAuthority authority,
      Credentials user,
      Path folder,
      String version) {
    return new ManagerOptions(
        host,
        0,
        identity,
        authority,
        user,
        folder,
        "manager",
        version,
        Optional.empty(),
        Optional.empty(),
        STANDARD_AGENT_IDLE,
        StorageRules.DEFAULT);
  }
}
