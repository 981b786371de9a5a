package io.blendnet.agent;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.server.ApiException;
import java.util.Optional;

/**
 * Which farm the agent works for: the first that gives it a lease, until the agent ends. Of two
 * Managers of one farm the one that started later gives the orders. Thread-safe.
 */
final class FarmOwnership {
  private Optional<String> owner = Optional.empty();
  private long epoch;

  /**
   * @throws ApiException another farm owns the agent, or a later Manager gives the orders
   */
  synchronized void claim(String farm, long farmEpoch) {
    if (owner.isPresent() && !owner.get().equals(farm)) {
      throw new ApiException(
          ErrorCode.OTHER_FARM,
          "This agent works for the farm %s; start the agent anew to give it to the farm %s"
              .formatted(owner.get(), farm));
    }
    if (farmEpoch < epoch) {
      throw new ApiException(
          ErrorCode.STALE_EPOCH,
          "A Manager of the farm %s that started later (epoch %d) gives the orders, not that of epoch %d"
              .formatted(farm, epoch, farmEpoch));
    }
    owner = Optional.of(farm);
    epoch = farmEpoch;
  }

  /** The owner's id, where the agent has one. */
  synchronized Optional<String> owner() {
    return owner;
  }
}
