package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.domain.BlenderVersion;
import io.blendnet.protocol.ServerInfo.BlenderInfo;
import io.blendnet.protocol.ServerInfo.SceneInfo;
import io.blendnet.server.ServerFacts;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the agent tells about itself. */
final class AgentFacts implements ServerFacts {
  private final AgentOptions options;
  private final SceneRules rules;
  private final LeaseDesk desk;
  private final StandAloneTasks tasks;
  private final EndNotice notice;

  AgentFacts(
      AgentOptions options,
      SceneRules rules,
      EndNotice notice,
      LeaseDesk desk,
      StandAloneTasks tasks) {
    this.options = options;
    this.rules = rules;
    this.notice = notice;
    this.desk = desk;
    this.tasks = tasks;
  }

  /** Cores that the agent renders with. */
  int cores() {
    return options.threads();
  }

  /** Memory of the machine, or what of it this process may use, in bytes; 0: unknown. */
  long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /** The Blender that the agent renders with. */
  BlenderVersion blenderVersion() {
    return options.blender().version();
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
  public Optional<SceneInfo> scenes() {
    return Optional.of(rules.info());
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
    return notice.isGiven();
  }

  @Override
  public Path dataFolder() {
    return options.dataFolder();
  }
}
