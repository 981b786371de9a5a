package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the processes that a server has started listen, as Linux tells it.
 *
 * @param address as the kernel writes it: in hex, each four bytes turned round
 */
record ServedPorts(String address, int port) {
  private static final Pattern LISTENING =
      Pattern.compile("\\s*\\d+: ([0-9A-F]+):([0-9A-F]{4}) \\S+ 0A (?:\\S+ +){5}(\\d+) .*");
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

  /** 127.0.0.1, by itself and as an address of version 6, and ::1. */
  private static final Set<String> LOOPBACK =
      Set.of("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000");

  /** Of its descendants, not its own. */
  static List<ServedPorts> of(FarmProcess server) throws IOException {
    Set<String> sockets = new HashSet<>();
    ProcessHandle root = ProcessHandle.of(server.started().getLast()).orElseThrow();
    for (ProcessHandle child : root.descendants().toList()) {
      sockets.addAll(sockets(child));
    }
    List<ServedPorts> ports = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        Matcher matcher = LISTENING.matcher(line);
        if (matcher.matches() && sockets.contains(matcher.group(3))) {
          ports.add(new ServedPorts(matcher.group(1), Integer.parseInt(matcher.group(2), 16)));
        }
      }
    }
    return ports;
  }

  boolean isLoopback() {
    return LOOPBACK.contains(address);
  }

  private static Set<String> sockets(ProcessHandle process) throws IOException {
    Set<String> sockets = new HashSet<>();
    Path folder = Path.of("/proc", String.valueOf(process.pid()), "fd");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        try {
          Matcher matcher = SOCKET.matcher(Files.readSymbolicLink(file).toString());
          if (matcher.matches()) {
            sockets.add(matcher.group(1));
          }
        } catch (NoSuchFileException e) {
          // closed meanwhile
        }
      }
    } catch (NoSuchFileException e) {
      // ended meanwhile
    }
    return sockets;
  }
}
