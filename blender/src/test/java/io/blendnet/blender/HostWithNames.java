package io.blendnet.blender;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** This machine, but for the names that Blender and Python have, and without usual places. */
record HostWithNames(List<String> blenderNames, List<String> pythonNames) implements HostSystem {
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
  public List<Path> blenderPlaces() {
    return List.of();
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
