package io.blendnet.cli;

import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import java.util.List;
import java.util.Optional;

/** A Manager that someone else runs. */
final class RemoteFarm implements Farm {
  private final ManagerClient manager;

  private RemoteFarm(ManagerClient manager) {
    this.manager = manager;
  }

  /** Asks once, so that a wrong address, password or authority is said before anything else. */
  static RemoteFarm connect(ManagerAccess access) throws CommandException, InterruptedException {
    ManagerClient manager = access.connect();
    boolean answered = false;
    try {
      manager.info();
      answered = true;
      return new RemoteFarm(manager);
    } catch (FarmException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    } finally {
      if (!answered) {
        manager.close();
      }
    }
  }

  @Override
  public ManagerClient manager() {
    return manager;
  }

  @Override
  public List<String> agents() {
    return List.of();
  }

  /** Its agents are its owner's business; more may come. */
  @Override
  public Optional<String> failure() {
    return Optional.empty();
  }

  @Override
  public String description() {
    return manager.server().toString();
  }

  @Override
  public void close() {
    manager.close();
  }
}
