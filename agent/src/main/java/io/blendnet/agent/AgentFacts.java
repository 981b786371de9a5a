package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.protocol.ServerInfo.BlenderInfo;
import io.blendnet.server.ServerFacts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the agent tells about itself. */
final class AgentFacts implements ServerFacts {
  private final AgentOptions options;
  private final LeaseDesk desk;
  private final StandAloneTasks tasks;
  private volatile boolean terminating;

  AgentFacts(AgentOptions options, LeaseDesk desk, StandAloneTasks tasks) {
    this.options = options;
    this.desk = desk;
    this.tasks = tasks;
  }

  void terminate() {
    terminating = true;
  }

  @Override
  public String engine() {
    return "Agent";
  }

  @Override
  public String version() {
    return options.version();
  }

  @Override
  public Optional<BlenderInfo> blender() {
    BlenderInstallation blender = options.blender();
    return Optional.of(
        new BlenderInfo(blender.version(), blender.versionString(), blender.buildDate()));
  }

  @Override
  public List<String> runningTasks() {
    return Stream.concat(tasks.running().stream(), desk.tasks().stream())
        .distinct()
        .sorted()
        .toList();
  }

  @Override
  public boolean isTerminating() {
    return terminating;
  }

  @Override
  public Path dataFolder() {
    return options.dataFolder();
  }
}
