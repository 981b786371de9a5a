package io.blendnet.server;

import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A real server on loopback with an authority of its own. */
final class TestingServer implements AutoCloseable {
  final Path folder;
  final FarmAuthority authority;
  final Credentials credentials = Credentials.generate("user");
  final TestingTasks tasks;
  final LogBuffer log = new LogBuffer();
  final ApiServer server;

  TestingServer(Path folder, ApiRoutes... more) throws IOException {
    this(folder, List.of("localhost", "127.0.0.1"), Duration.ofSeconds(5), more);
  }

  TestingServer(Path folder, List<String> names, Duration stopDeadline, ApiRoutes... more)
      throws IOException {
    this.folder = folder;
    authority = FarmAuthority.openOrCreate(folder.resolve("ca"));
    ServerIdentity identity = authority.issue("test", names);
    Path contents = Files.createDirectories(folder.resolve("contents"));
    tasks = new TestingTasks(contents);
    List<ApiRoutes> routes = new ArrayList<>(Arrays.asList(more));
    routes.add(new InfoEndpoints(new TestingFacts(folder), log));
    routes.add(new TaskEndpoints(tasks));
    server =
        ApiServer.start(
            new ServerOptions(
                "127.0.0.1", 0, identity, credentials, "BlendNet Manager", folder, stopDeadline),
            routes.toArray(ApiRoutes[]::new));
  }

  ServerAddress address() {
    return new ServerAddress("localhost", server.port());
  }

  SSLContext tls() {
    return authority.trusted().clientContext();
  }

  /** A connection for bytes that no client would send; what it waits for ends after 20 s. */
  SSLSocket connect() throws IOException {
    var socket =
        (SSLSocket)
            tls().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port());
    // As a guard against hanging.
    socket.setSoTimeout(20_000);
    return socket;
  }

  ClientOptions options() {
    return options(address());
  }

  /** For another way to the same server. */
  ClientOptions options(ServerAddress way) {
    return ClientOptions.of(way, tls(), credentials.user(), () -> credentials.password().reveal());
  }

  ManagerClient client() {
    return new ManagerClient(options());
  }

  Curl curl() {
    return new Curl(address(), folder.resolve("ca/ca.crt"), credentials);
  }

  @Override
  public void close() {
    server.close();
  }
}
