package io.blendnet.blender;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Windows: trees by {@code taskkill /T} and by handles, privacy by access control lists. */
final class WindowsHost implements HostSystem {
  @Override
  public String name() {
    return "Windows";
  }

  @Override
  public List<String> inOwnGroup(List<String> command) {
    return List.copyOf(command);
  }

  @Override
  public void offerToMemoryKiller(ProcessHandle process) {
    // Windows kills nobody for memory: allocations fail.
  }

  @Override
  public boolean killTree(ProcessHandle root, String mark) {
    // The children's handles before anything dies: afterwards nobody knows whose they were.
    Supplier<Collection<ProcessHandle>> tree = ProcessTrees.descendantsOf(root);
    if (root.isAlive()) {
      taskkill(root.pid());
    }
    return ProcessTrees.killUntilGone(tree);
  }

  private static void taskkill(long pid) {
    try {
      Process process =
          new ProcessBuilder("taskkill", "/T", "/F", "/PID", Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      // Without it the handles do the work alone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void createPrivateFolder(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    List<AclEntry> ours =
        List.of(everythingFor(user(), AclEntryFlag.FILE_INHERIT, AclEntryFlag.DIRECTORY_INHERIT));
    if (Files.isDirectory(folder)) {
      Files.getFileAttributeView(folder, AclFileAttributeView.class).setAcl(ours);
    } else {
      Files.createDirectory(folder, acl(ours));
    }
  }

  @Override
  public void createPrivateFile(Path file, byte[] content) throws IOException {
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    List<AclEntry> ours = List.of(everythingFor(user()));
    try (FileChannel channel = FileChannel.open(file, options, acl(ours))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private static UserPrincipal user() throws IOException {
    return Path.of("")
        .toAbsolutePath()
        .getFileSystem()
        .getUserPrincipalLookupService()
        .lookupPrincipalByName(System.getProperty("user.name"));
  }

  private static AclEntry everythingFor(UserPrincipal user, AclEntryFlag... flags) {
    return AclEntry.newBuilder()
        .setType(AclEntryType.ALLOW)
        .setPrincipal(user)
        .setPermissions(EnumSet.allOf(AclEntryPermission.class))
        .setFlags(flags)
        .build();
  }

  private static FileAttribute<List<AclEntry>> acl(List<AclEntry> entries) {
    return new FileAttribute<>() {
      @Override
      public String name() {
        return "acl:acl";
      }

      @Override
      public List<AclEntry> value() {
        return entries;
      }
    };
  }

  @Override
  public List<String> blenderNames() {
    return List.of("blender.exe");
  }

  @Override
  public List<Path> blenderPlaces() {
    List<Path> places = new ArrayList<>();
    for (String variable : List.of("ProgramFiles", "ProgramW6432", "LOCALAPPDATA")) {
      String folder = System.getenv(variable);
      if (folder != null) {
        Path base = Path.of(folder);
        places.addAll(
            Executables.below(base.resolve("Blender Foundation"), "Blender*", "blender.exe"));
        places.addAll(Executables.below(base, "blender*", "blender.exe"));
      }
    }
    return places.stream().distinct().toList();
  }

  @Override
  public List<String> pythonNames() {
    return List.of("python.exe");
  }

  @Override
  public Optional<String> nameObstacle(String name) {
    return NameRules.windowsObstacle(name);
  }

  @Override
  public HostMemory memory() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new HostMemory(system.getTotalMemorySize(), system.getFreeMemorySize());
  }
}
