package io.blendnet.agent;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.server.ApiException;
import java.util.Optional;

/**
 * Which Manager gives the orders: the latest of the first farm that attached, until the agent ends.
 * Thread-safe.
 */
final class FarmOwnership {
  private Optional<ManagerIdentity> owner = Optional.empty();

  /**
   * Gives the agent to a Manager.
   *
   * @throws ApiException another farm owns the agent, or another Manager gives the orders
   */
  synchronized void attach(ManagerIdentity manager) {
    if (manager.farm().equals(StandAloneTasks.FARM)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "No farm may be called '%s'".formatted(StandAloneTasks.FARM));
    }
    if (owner.isPresent() && !supersedes(manager, owner.get())) {
      throw refusal(manager, owner.get());
    }
    owner = Optional.of(manager);
  }

  private static boolean supersedes(ManagerIdentity manager, ManagerIdentity owner) {
    return manager.equals(owner)
        || (manager.farm().equals(owner.farm()) && manager.epoch() > owner.epoch());
  }

  /**
   * Refuses whoever does not own the agent.
   *
   * @throws ApiException no Manager has attached, or another one
   */
  synchronized void require(ManagerIdentity manager) {
    ManagerIdentity attached =
        owner.orElseThrow(() ->
            new ApiException(
                ErrorCode.NOT_ATTACHED,
                "No Manager has attached to this agent since it started; attach first"));
    if (!manager.equals(attached)) {
      throw refusal(manager, attached);
    }
  }

  private static ApiException refusal(ManagerIdentity manager, ManagerIdentity owner) {
    if (!manager.farm().equals(owner.farm())) {
      return new ApiException(
          ErrorCode.OTHER_FARM,
          "This agent works for the farm %s; start the agent anew to give it to the farm %s"
              .formatted(owner.farm(), manager.farm()));
    }
    if (manager.epoch() == owner.epoch()) {
      return new ApiException(
          ErrorCode.STALE_EPOCH,
          "Another Manager of the farm %s with the same epoch %d gives the orders: one of the two runs on a copied data folder, or this one's folder was put back to an earlier state. Only one of them may run"
              .formatted(owner.farm(), owner.epoch()));
    }
    if (manager.epoch() > owner.epoch()) {
      return new ApiException(
          ErrorCode.STALE_EPOCH,
          "The Manager of epoch %d of the farm %s has not attached; attach first"
              .formatted(manager.epoch(), owner.farm()));
    }
    return new ApiException(
        ErrorCode.STALE_EPOCH,
        "A Manager of the farm %s that started later (epoch %d) gives the orders, not that of epoch %d"
            .formatted(owner.farm(), owner.epoch(), manager.epoch()));
  }
}
