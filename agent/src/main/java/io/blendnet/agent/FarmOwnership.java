package io.blendnet.agent;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.server.ApiException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Which Manager gives the orders: the latest of the first farm that attached, until the agent ends.
 * Thread-safe.
 */
final class FarmOwnership {
  /** Something done on a Manager's word. */
  @FunctionalInterface
  interface Deed<T> {
    T execute() throws IOException;
  }

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private Optional<ManagerIdentity> owner = Optional.empty();

  /**
   * Gives the agent to a Manager.
   *
   * @param answer taken when no other Manager's order is under way or will be carried out
   * @throws ApiException another farm owns the agent, or another Manager gives the orders
   */
  <T> T attach(ManagerIdentity manager, Supplier<T> answer) {
    if (manager.farm().equals(StandAloneTasks.FARM)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "No farm may be called '%s'".formatted(StandAloneTasks.FARM));
    }
    lock.writeLock().lock();
    try {
      if (owner.isPresent() && !supersedes(manager, owner.get())) {
        throw refusal(manager, owner.get());
      }
      owner = Optional.of(manager);
      return answer.get();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static boolean supersedes(ManagerIdentity manager, ManagerIdentity owner) {
    return manager.equals(owner)
        || (manager.farm().equals(owner.farm()) && manager.epoch() > owner.epoch());
  }

  /**
   * Carries out the owner's order; while that lasts nobody else becomes the owner.
   *
   * @throws ApiException no Manager has attached, or another one
   */
  <T> T obey(ManagerIdentity manager, Deed<T> deed) throws IOException {
    lock.readLock().lock();
    try {
      requireOwner(manager);
      return deed.execute();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Refuses whoever does not own the agent at this moment.
   *
   * @throws ApiException no Manager has attached, or another one
   */
  void require(ManagerIdentity manager) {
    lock.readLock().lock();
    try {
      requireOwner(manager);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Refuses where a Manager has attached.
   *
   * @throws ApiException one has
   */
  void requireNone() {
    lock.readLock().lock();
    try {
      owner.ifPresent(attached -> {
        throw new ApiException(
            ErrorCode.OTHER_FARM,
            "This agent works for the farm %s, whose Manager alone sends files to it. Submit to that Manager"
                .formatted(attached.farm()));
      });
    } finally {
      lock.readLock().unlock();
    }
  }

  private void requireOwner(ManagerIdentity manager) {
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
    if (manager.epoch() > owner.epoch()) {
      return new ApiException(
          ErrorCode.STALE_EPOCH,
          "The Manager of epoch %d of the farm %s gives the orders; that of epoch %d has to attach first"
              .formatted(owner.epoch(), owner.farm(), manager.epoch()));
    }
    if (manager.epoch() == owner.epoch()) {
      return new ApiException(
          ErrorCode.STALE_EPOCH,
          "Another Manager of the farm %s with the same epoch %d gives the orders: one of the two runs on a copy of the other's data folder. Only one of them may run"
              .formatted(owner.farm(), owner.epoch()));
    }
    return new ApiException(
        ErrorCode.STALE_EPOCH,
        "A Manager of the farm %s that started later (epoch %d) gives the orders, not that of epoch %d"
            .formatted(owner.farm(), owner.epoch(), manager.epoch()));
  }
}
