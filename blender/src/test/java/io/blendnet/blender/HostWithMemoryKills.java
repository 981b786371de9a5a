package io.blendnet.blender;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** This machine, but for how often it says that it has killed for lack of memory. */
record HostWithMemoryKills(Supplier<OptionalLong> kills) implements HostSystem {
  private static final HostSystem REAL = HostSystem.current();

  @Override
  public String name() {
    return REAL.name();
  }

  @Override
  public List<String> inOwnGroup(List<String> command) {
    return REAL.inOwnGroup(command);
  }

  @Override
  public void offerToMemoryKiller(ProcessHandle process) {
    REAL.offerToMemoryKiller(process);
  }

  @Override
  public boolean killTree(ProcessHandle root, String mark) {
    return REAL.killTree(root, mark);
  }

  @Override
  public void createPrivateFolder(Path folder) throws IOException {
    REAL.createPrivateFolder(folder);
  }

  @Override
  public void createPrivateFile(Path file, byte[] content) throws IOException {
    REAL.createPrivateFile(file, content);
  }

  @Override
  public List<String> blenderNames() {
    return REAL.blenderNames();
  }

  @Override
  public List<String> pythonNames() {
    return REAL.pythonNames();
  }

  @Override
  public List<Path> blenderPlaces() {
    return REAL.blenderPlaces();
  }

  @Override
  public OptionalLong memoryKills() {
    return kills.get();
  }

  @Override
  public Optional<String> nameObstacle(String name) {
    return REAL.nameObstacle(name);
  }

  @Override
  public HostMemory memory() {
    return REAL.memory();
  }
}
