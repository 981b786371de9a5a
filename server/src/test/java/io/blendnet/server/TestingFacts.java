package io.blendnet.server;

import io.blendnet.domain.BlenderVersion;
import io.blendnet.protocol.ServerInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Facts of a server that does nothing. */
record TestingFacts(Path dataFolder) implements ServerFacts {
  @Override
  public String engine() {
    return "Manager";
  }

  @Override
  public String version() {
    return "0.0-test";
  }

  @Override
  public Optional<ServerInfo.BlenderInfo> blender() {
    return Optional.of(
        new ServerInfo.BlenderInfo(new BlenderVersion(3, 4, 1), "3.4.1", "2022-12-20"));
  }

  @Override
  public List<String> runningTasks() {
    return List.of("shot 7");
  }

  @Override
  public boolean isTerminating() {
    return false;
  }
}
