package io.blendnet.security;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLParameters;

/** A server on a loopback port that answers "hello" to everybody who gets through its TLS. */
final class TestingHttpsServer implements AutoCloseable {
  private final HttpsServer server;

  TestingHttpsServer(ServerIdentity identity) throws IOException {
    this(identity, InetAddress.ofLiteral("127.0.0.1"));
  }

  TestingHttpsServer(ServerIdentity identity, InetAddress address) throws IOException {
    server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
    SSLParameters rules = identity.serverParameters();
    server.setHttpsConfigurator(
        new HttpsConfigurator(identity.serverContext()) {
          @Override
          public void configure(HttpsParameters parameters) {
            parameters.setSSLParameters(rules);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, hello.length);
          exchange.getResponseBody().write(hello);
          exchange.close();
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
