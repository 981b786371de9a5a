package io.blendnet.protocol;

import java.util.Map;
import java.util.Optional;

/**
 * What {@code GET resources} says: the machines of the farm.
 *
 * @param manager the Manager's own machine
 * @param agents agents by name
 */
public record ResourceInfo(ManagerMachine manager, Map<String, AgentMachine> agents) {
  public ResourceInfo {
    agents = Map.copyOf(agents);
  }

  /**
   * The machine of the Manager.
   *
   * @param type kind of machine, by the provider's name for it
   * @param created when, ISO 8601
   */
  public record ManagerMachine(
      String id,
      String name,
      Optional<String> ip,
      Optional<String> internalIp,
      Optional<String> type,
      boolean started,
      boolean stopped,
      Optional<String> created) {}

  /**
   * The machine of an agent.
   *
   * @param active whether the Manager can reach it
   * @param created when, ISO 8601
   * @param error why not, or what else is wrong with it: a sentence for the user
   */
  public record AgentMachine(
      String name,
      boolean active,
      Optional<String> id,
      Optional<String> ip,
      Optional<String> internalIp,
      Optional<String> type,
      boolean started,
      boolean stopped,
      Optional<String> created,
      Optional<String> error) {}
}
