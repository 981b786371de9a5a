package io.blendnet.blender;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Linux: sessions by {@code setsid(1)}, parent death by {@code setpriv(1)}, the rest from /proc.
 */
final class LinuxHost implements HostSystem {
  private static final Logger log = LoggerFactory.getLogger(LinuxHost.class);
  private static final Path PROC = Path.of("/proc");

  /** Words before a command; found once, since util-linux does not change while we run. */
  private volatile @Nullable List<String> wrapper;

  @Override
  public String name() {
    return "Linux";
  }

  @Override
  public List<String> inOwnGroup(List<String> command) {
    List<String> before = wrapper;
    if (before == null) {
      before = findWrapper();
      wrapper = before;
    }
    List<String> wrapped = new ArrayList<>(before);
    wrapped.addAll(command);
    return wrapped;
  }

  private static List<String> findWrapper() {
    List<String> words = new ArrayList<>();
    // Not a group leader yet, so setsid does not fork, and the process keeps the number that Java
    // knows; that number is then the group's.
    Executables.onPath(List.of("setsid")).stream()
        .findFirst()
        .ifPresent(setsid -> words.add(setsid.toString()));
    // Busybox has a setpriv without this option.
    Executables.onPath(List.of("setpriv")).stream()
        .map(setpriv -> List.of(setpriv.toString(), "--pdeathsig", "KILL"))
        .filter(LinuxHost::works)
        .findFirst()
        .ifPresent(words::addAll);
    return List.copyOf(words);
  }

  private static boolean works(List<String> words) {
    List<String> command = new ArrayList<>(words);
    command.add("true");
    return run(command);
  }

  private static boolean run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void offerToMemoryKiller(ProcessHandle process) {
    try {
      Files.writeString(PROC.resolve(process.pid() + "/oom_score_adj"), "500");
    } catch (IOException e) {
      log.debug("Cannot raise the memory score of process {}: {}", process.pid(), e.toString());
    }
  }

  @Override
  public boolean killTree(ProcessHandle root, String mark) {
    // Of a sandbox whose first process is dead the others die soon, but not yet.
    List<ProcessHandle> seen = root.descendants().toList();
    if (root.isAlive()) {
      // The whole group in one system call, so that none forks away. The shell's own kill: the
      // program of that name is not everywhere. Should the fork fail for want of memory, the sweep
      // below finds them one by one.
      run(List.of("/bin/sh", "-c", "kill -s KILL -- -" + root.pid()));
      root.destroyForcibly();
    }
    return ProcessTrees.killUntilGone(() -> living(root, mark, seen));
  }

  private static Collection<ProcessHandle> living(
      ProcessHandle root, String mark, List<ProcessHandle> seen) {
    List<ProcessHandle> found = new ArrayList<>(marked(mark));
    seen.stream().filter(LinuxHost::runs).forEach(found::add);
    if (root.isAlive()) {
      root.descendants().forEach(found::add);
      found.add(root);
    }
    return found;
  }

  /** Processes that carry the mark, wherever they went. Dead ones have no environment any more. */
  static List<ProcessHandle> marked(String mark) {
    String entry = PROCESS_MARK + "=" + mark + "\0";
    List<ProcessHandle> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        // The handle first: it remembers the start time, and a later process of the same number
        // would not be killed by it.
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        if (handle.isPresent() && environment(process).contains(entry)) {
          found.add(handle.get());
        }
      }
    } catch (IOException e) {
      log.warn("Cannot list processes in {}: {}", PROC, e.toString());
    }
    return found;
  }

  /** A dead process whose new parent has not asked for it yet counts as alive to Java. */
  private static boolean runs(ProcessHandle process) {
    try {
      String stat = Files.readString(PROC.resolve(process.pid() + "/stat"));
      return process.isAlive() && !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
    } catch (IOException e) {
      return false;
    }
  }

  private static String environment(Path process) {
    try {
      return new String(
          Files.readAllBytes(process.resolve("environ")), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // gone meanwhile, or another user's
    }
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
    return List.of("blender");
  }

  @Override
  public List<Path> blenderPlaces() {
    Path home = Path.of(System.getProperty("user.home", "/"));
    List<Path> places = new ArrayList<>();
    for (Path folder : List.of(home, home.resolve("Applications"), Path.of("/opt"))) {
      places.addAll(Executables.below(folder, "[Bb]lender*", "blender"));
    }
    for (String place :
        List.of("/usr/local/bin/blender", "/usr/bin/blender", "/snap/bin/blender")) {
      Path path = Path.of(place);
      if (Executables.isExecutable(path)) {
        places.add(path);
      }
    }
    return places;
  }

  @Override
  public List<String> pythonNames() {
    return List.of("python3.13", "python3.11", "python3.10", "python3", "python");
  }

  @Override
  public Optional<String> nameObstacle(String name) {
    return NameRules.posixObstacle(name);
  }

  @Override
  public HostMemory memory() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long total = system.getTotalMemorySize();
    // The JDK's "free" leaves out what the page cache would give back; a container's limit is in
    // it.
    long physical = meminfo("MemTotal");
    if (physical > total) {
      return new HostMemory(total, Math.min(system.getFreeMemorySize(), meminfo("MemAvailable")));
    }
    return new HostMemory(total, meminfo("MemAvailable"));
  }

  @Override
  public SandboxSearch sandbox() {
    return Bubblewrap.find();
  }

  @Override
  public OptionalLong memoryKills() {
    // Also what happens in control groups counts here (mm/oom_kill.c, since Linux 4.13).
    try {
      return Files.readAllLines(PROC.resolve("vmstat")).stream()
          .filter(line -> line.startsWith("oom_kill "))
          .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length()).strip()))
          .findFirst();
    } catch (IOException | NumberFormatException e) {
      log.debug("Cannot read {}/vmstat: {}", PROC, e.toString());
      return OptionalLong.empty();
    }
  }

  @Override
  public OptionalLong memoryOf(ProcessHandle process) {
    return kilobytes(PROC.resolve(process.pid() + "/status"), "VmHWM");
  }

  private static long meminfo(String key) {
    return kilobytes(PROC.resolve("meminfo"), key).orElse(0);
  }

  /** A value of a file of lines {@code key: value kB}, in bytes. */
  private static OptionalLong kilobytes(Path file, String key) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(key + ":")) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
        }
      }
    } catch (IOException e) {
      log.debug("Cannot read {}: {}", file, e.toString());
    }
    return OptionalLong.empty();
  }
}
