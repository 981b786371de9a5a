package io.blendnet.server;

import io.blendnet.protocol.ServerInfo;
import io.blendnet.protocol.ServerStatus;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This machine, by {@code /proc} where there is one and by the JDK elsewhere. Thread-safe. (oshi
 * would cost 200 ms at start for little more.)
 */
final class HostFacts {
  private static final long MEGABYTE = 1024 * 1024;
  private static final long KILOBYTES_PER_MEGABYTE = 1024;
  private static final String UNKNOWN = "unknown";

  private final ServerInfo.Platform platform =
      new ServerInfo.Platform(
          System.getProperty("os.name", UNKNOWN), arch(), hostName(), details(), cpu());

  ServerInfo.Platform platform() {
    return platform;
  }

  /** Over 1, 5 and 15 minutes; where the system tells only one number, that one thrice. */
  List<Double> load() {
    Optional<String> line = read(Path.of("/proc/loadavg"));
    if (line.isPresent()) {
      List<String> words = List.of(line.get().trim().split(" ", -1));
      if (words.size() >= 3) {
        return words.subList(0, 3).stream().map(Double::valueOf).toList();
      }
    }
    double average =
        Math.max(0, ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    return List.of(average, average, average);
  }

  ServerStatus.Memory memory() {
    Optional<String> table = read(Path.of("/proc/meminfo"));
    if (table.isPresent()) {
      return new ServerStatus.Memory(
          kilobytes(table.get(), "MemTotal") / KILOBYTES_PER_MEGABYTE,
          kilobytes(table.get(), "MemFree") / KILOBYTES_PER_MEGABYTE,
          kilobytes(table.get(), "MemAvailable") / KILOBYTES_PER_MEGABYTE);
    }
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      long free = system.getFreeMemorySize() / MEGABYTE;
      return new ServerStatus.Memory(system.getTotalMemorySize() / MEGABYTE, free, free);
    }
    return new ServerStatus.Memory(0, 0, 0);
  }

  /** The disk that holds a folder. */
  ServerStatus.Disk disk(Path folder) throws IOException {
    FileStore store = Files.getFileStore(folder);
    return new ServerStatus.Disk(
        store.getTotalSpace() / MEGABYTE, store.getUsableSpace() / MEGABYTE);
  }

  /** As other programs call it: the JDK says amd64 for x86_64. */
  private static String arch() {
    String arch = System.getProperty("os.arch", UNKNOWN);
    return arch.equals("amd64") ? "x86_64" : arch;
  }

  private static String hostName() {
    Optional<String> name = read(Path.of("/proc/sys/kernel/hostname")).map(String::trim);
    if (name.isPresent()) {
      return name.get();
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return UNKNOWN;
    }
  }

  private static String details() {
    String kernel =
        System.getProperty("os.name", UNKNOWN) + " " + System.getProperty("os.version", "");
    return read(Path.of("/etc/os-release"))
        .flatMap(text -> find(text, "(?m)^PRETTY_NAME=\"?([^\"\n]+)"))
        .map(name -> name + ", " + kernel)
        .orElse(kernel);
  }

  private static String cpu() {
    String cores = Runtime.getRuntime().availableProcessors() + " cores";
    return read(Path.of("/proc/cpuinfo"))
        .flatMap(text -> find(text, "(?m)^model name\\s*:\\s*(.+)$"))
        .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
        .map(model -> model.trim() + ", " + cores)
        .orElse(arch().toUpperCase(Locale.ROOT) + ", " + cores);
  }

  private static long kilobytes(String table, String row) {
    return find(table, "(?m)^" + row + ":\\s*(\\d+) kB").map(Long::valueOf).orElse(0L);
  }

  private static Optional<String> find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? Optional.ofNullable(matcher.group(1)) : Optional.empty();
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
