package io.blendnet.blender;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * macOS. It has neither {@code setsid(1)} nor a signal at a parent's death: the tree is killed by
 * its handles, and the session script leaves when its standard input ends.
 */
final class MacHost implements HostSystem {
  private static final String IN_BUNDLE = "Contents/MacOS/Blender";

  @Override
  public String name() {
    return "macOS";
  }

  @Override
  public List<String> inOwnGroup(List<String> command) {
    return List.copyOf(command);
  }

  @Override
  public void offerToMemoryKiller(ProcessHandle process) {
    // macOS chooses by itself, and offers nothing to be told.
  }

  @Override
  public boolean killTree(ProcessHandle root, String mark) {
    return ProcessTrees.killUntilGone(ProcessTrees.descendantsOf(root));
  }

  @Override
  public void createPrivateFolder(Path folder) throws IOException {
    PosixFiles.createFolder(folder);
  }

  @Override
  public void createPrivateFile(Path file, byte[] content) throws IOException {
    PosixFiles.createFile(file, content);
  }

  @Override
  public List<String> blenderNames() {
    return List.of("blender", "Blender", IN_BUNDLE, "Blender.app/" + IN_BUNDLE);
  }

  @Override
  public List<Path> blenderPlaces() {
    Path home = Path.of(System.getProperty("user.home", "/"));
    List<Path> places = new ArrayList<>();
    for (Path folder : List.of(Path.of("/Applications"), home.resolve("Applications"))) {
      places.addAll(Executables.below(folder, "[Bb]lender*.app", IN_BUNDLE));
      places.addAll(Executables.below(folder, "[Bb]lender*", "Blender.app/" + IN_BUNDLE));
    }
    return places;
  }

  @Override
  public List<String> pythonNames() {
    return List.of("python3.13", "python3.11", "python3.10", "python3");
  }

  @Override
  public Optional<String> nameObstacle(String name) {
    return NameRules.posixObstacle(name);
  }

  @Override
  public HostMemory memory() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new HostMemory(system.getTotalMemorySize(), system.getFreeMemorySize());
  }
}
