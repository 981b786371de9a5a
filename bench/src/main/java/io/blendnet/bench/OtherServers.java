package io.blendnet.bench;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What ours is held against: an nginx that takes uploads over TLS with the Manager's own
 * certificate, and an rsync that listens without TLS. Both run from a folder of their own, on free
 * ports, as this user.
 */
final class OtherServers implements Closeable {
  private static final String NGINX = "/usr/sbin/nginx";
  private static final Duration START = Duration.ofSeconds(20);

  private final Path folder;
  private final Path authority;
  private final List<Process> processes = new ArrayList<>();
  private final int nginxPort;
  private final int rsyncPort;

  private OtherServers(Path folder, Path authority) throws IOException {
    this.folder = folder;
    this.authority = authority;
    this.nginxPort = freePort();
    this.rsyncPort = freePort();
  }

  /**
   * Starts both.
   *
   * @param certificate folder with server.crt and server.key
   * @param authority what curl is to trust
   */
  static OtherServers start(Path folder, Path certificate, Path authority)
      throws IOException, InterruptedException {
    for (String name : List.of("nginx", "uploads", "passing", "synced")) {
      Files.createDirectories(folder.resolve(name));
    }
    var servers = new OtherServers(folder, authority);
    try {
      servers.startNginx(certificate);
      servers.startRsync();
      return servers;
    } catch (IOException | InterruptedException | RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void startNginx(Path certificate) throws IOException, InterruptedException {
    Path configuration = folder.resolve("nginx.conf");
    Path passing = folder.resolve("passing");
    // Uploads are renamed into place, on the same file system; everything else is nginx's own
    // habit.
    Files.writeString(
        configuration,
        """
        daemon off;
        worker_processes 1;
        pid %2$s/pid;
        error_log %2$s/error.log;
        %1$s
        events { worker_connections 256; }
        http {
          access_log off;
          client_body_temp_path %2$s/body;
          proxy_temp_path %2$s/proxy;
          fastcgi_temp_path %2$s/fastcgi;
          uwsgi_temp_path %2$s/uwsgi;
          scgi_temp_path %2$s/scgi;
          server {
            listen 127.0.0.1:%3$d ssl;
            ssl_certificate %4$s/server.crt;
            ssl_certificate_key %4$s/server.key;
            ssl_protocols TLSv1.2 TLSv1.3;
            client_max_body_size 0;
            keepalive_requests 1000000;
            root %5$s;
            location / { dav_methods PUT; create_full_put_path on; }
          }
        }
        """
            .formatted(user(), passing, nginxPort, certificate, folder.resolve("uploads")));
    start(
        nginxPort,
        NGINX,
        "-p",
        folder.resolve("nginx").toString(),
        "-e",
        passing.resolve("error.log").toString(),
        "-c",
        configuration.toString());
  }

  /** Started as root, nginx would serve as another user, who may not write here. */
  private static String user() {
    String name = System.getProperty("user.name", "");
    return name.equals("root") ? "user root;" : "";
  }

  private void startRsync() throws IOException, InterruptedException {
    Path configuration = folder.resolve("rsync.conf");
    Files.writeString(
        configuration,
        """
        use chroot = no
        reverse lookup = no
        [synced]
        path = %s
        read only = no
        %s
        """
            .formatted(folder.resolve("synced"), user().isEmpty() ? "" : "uid = root\ngid = root"));
    start(
        rsyncPort,
        "rsync",
        "--daemon",
        "--no-detach",
        "--address=127.0.0.1",
        "--port=" + rsyncPort,
        "--config=" + configuration);
  }

  private void start(int port, String... command) throws IOException, InterruptedException {
    Path log = folder.resolve(port + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    processes.add(process);
    Instant end = Instant.now().plus(START);
    while (!listens(port)) {
      if (!process.isAlive() || Instant.now().isAfter(end)) {
        throw new IOException(command[0] + " does not start: " + Files.readString(log));
      }
      Thread.sleep(20);
    }
  }

  private static boolean listens(int port) {
    try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** One curl that uploads all files, over as few connections as it likes. */
  Watched curl(List<Path> files) throws IOException, InterruptedException {
    var orders = new StringBuilder();
    for (Path file : files) {
      orders.append(
          "upload-file = \"%s\"%nurl = \"https://127.0.0.1:%d/%s\"%noutput = \"/dev/null\"%n"
              .formatted(file, nginxPort, file.getFileName()));
    }
    Path configuration = Files.writeString(folder.resolve("curl.conf"), orders);
    return Watched.run(
        List.of(
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            "--cacert",
            authority.toString(),
            "--config",
            configuration.toString()),
        folder);
  }

  /** One rsync of a folder. */
  Watched rsync(Path source) throws IOException, InterruptedException {
    return Watched.run(
        List.of(
            "rsync",
            "--recursive",
            "--times",
            source + "/",
            "rsync://127.0.0.1:%d/synced/".formatted(rsyncPort)),
        folder);
  }

  /** Has what was uploaded reach the disk. */
  Watched sync() throws IOException, InterruptedException {
    return Watched.run(
        List.of("sync", "--file-system", folder.resolve("uploads").toString()), folder);
  }

  /** The most memory of nginx, in bytes. */
  long nginxPeak() {
    ProcessHandle nginx = processes.getFirst().toHandle();
    return Stream.concat(Stream.of(nginx), nginx.descendants())
        .mapToLong(process -> Watched.peak(process.pid()))
        .max()
        .orElse(-1);
  }

  /** Removes what was uploaded. */
  void clear() throws IOException {
    for (String name : List.of("uploads", "synced")) {
      Commands.delete(folder.resolve(name));
      Files.createDirectories(folder.resolve(name));
    }
  }

  @Override
  public void close() {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }
}
