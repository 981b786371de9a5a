package io.blendnet.protocol;

import io.blendnet.domain.AgentName;
import java.util.Map;

/** Calls that a Manager answers. Thread-safe. */
public final class ManagerClient extends FarmClient {
  public ManagerClient(ClientOptions options) {
    super(options);
  }

  public ResourceInfo resources() throws FarmException, InterruptedException {
    return connection.get("resources", ResourceInfo.class);
  }

  /** Adds a machine that someone else started. Repeating the same is a success. */
  public void putAgent(AgentName agent, AgentConfig config)
      throws FarmException, InterruptedException {
    connection.put("agent/" + WirePaths.encodePart(agent.value()) + "/config", config);
  }

  /** Takes an agent out; what it had leased goes back. */
  public void removeAgent(AgentName agent) throws FarmException, InterruptedException {
    connection.delete("agent/" + WirePaths.encodePart(agent.value()));
  }

  /** An agent's log, as in {@link #log()}. */
  public Map<String, String> agentLog(AgentName agent) throws FarmException, InterruptedException {
    return texts(connection.getTree("agent/" + WirePaths.encodePart(agent.value()) + "/log"));
  }
}
