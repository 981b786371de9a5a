package io.blendnet.server;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The HTTPS door of a Manager or an agent: API v1 over TLS 1.2 and later, HTTP/1.1 and HTTP/2, with
 * Basic authentication on everything. Each request has a virtual thread of its own.
 */
public final class ApiServer implements AutoCloseable {
  // Uploads over HTTP/2 go from 19 to over 200 MB/s with it (measured on loopback).
  private static final int HTTP2_WINDOW = 16 * 1024 * 1024;
  // A path of 4096 bytes, each percent-encoded, and its query.
  private static final int REQUEST_LINE_LIMIT = 16 * 1024;
  private static final int HEADERS_LIMIT = 32 * 1024;
  private static final int HTTP2_STREAMS = 256;
  // How long a client may stop reading or sending in the middle: its disk may be busy.
  private static final Duration SLOW_CLIENT = Duration.ofMinutes(2);
  private static final Duration IDLE = Duration.ofMinutes(5);

  /**
   * Helidon warns of what anybody may send, with a stack trace each; our own failures are logged by
   * the door. Kept here, since the JDK forgets loggers that nobody holds.
   */
  private static final Logger HELIDON = Logger.getLogger("io.helidon.webserver");

  private final WebServer server;
  private final RequestWatch watch;
  private final Lobby lobby;

  private ApiServer(WebServer server, RequestWatch watch, Lobby lobby) {
    this.server = server;
    this.watch = watch;
    this.lobby = lobby;
  }

  /**
   * Starts to listen.
   *
   * @throws CannotListenException the port is taken, or the address is not this machine's
   */
  public static ApiServer start(ServerOptions options, ApiRoutes... routes)
      throws CannotListenException {
    checkFree(options);
    HELIDON.setLevel(Level.SEVERE);
    List<ApiRoute> all = new ArrayList<>();
    Arrays.stream(routes).forEach(some -> all.addAll(some.routes()));
    all.addAll(new OpenApiEndpoint(options.realm(), List.copyOf(all)).routes());
    var watch = new RequestWatch(SLOW_CLIENT);
    var lobby = new Lobby(Lobby.Limits.ofThisProcess(), System::nanoTime);
    var signIn =
        new SignIn(options.credentials(), lobby, new GuessBrake(System::nanoTime, Thread::sleep));
    var door = new Door(options, new RouteTable(all), watch, signIn);
    WebServer server =
        WebServer.builder()
            .host(options.host())
            .port(options.port())
            .tls(
                Tls.builder()
                    .sslContext(options.identity().serverContext())
                    .sslParameters(options.identity().serverParameters())
                    .build())
            .connectionOptions(
                new DoorstepOptions(SocketOptions.builder().tcpNoDelay(true).build(), lobby))
            .protocolsDiscoverServices(false)
            .addConnectionSelector(new WatchedConnections(http2(), watch))
            .addConnectionSelector(new OtherConnections(http1()))
            .directHandlers(directHandlers())
            .idleConnectionTimeout(IDLE)
            // Helidon grants it twice: for connections, then for the requests of HTTP/2.
            .shutdownGracePeriod(options.stopDeadline().dividedBy(2))
            .shutdownHook(false)
            .featuresDiscoverServices(false)
            .routing(
                HttpRouting.builder()
                    .addFilter((_, request, response) -> {
                      door.handle(request, response);
                      // A short file still stands in a buffer.
                      response.commit();
                    }))
            .build()
            .start();
    if (!server.isRunning()) {
      watch.close();
      lobby.close();
      throw CannotListenException.because(
          options.host(), options.port(), new IOException("see the log"));
    }
    return new ApiServer(server, watch, lobby);
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /**
   * Stops in order: no new connection is taken, requests in progress may finish until the deadline
   * of the options, then they are interrupted and connections are closed. Whoever lets requests
   * wait for something should let go of them before.
   */
  @Override
  public void close() {
    server.stop();
    watch.close();
    lobby.close();
  }

  private static Http1ConnectionSelector http1() {
    return Http1ConnectionSelector.builder()
        .config(
            Http1Config.builder()
                .maxPrologueLength(REQUEST_LINE_LIMIT)
                .maxHeadersSize(HEADERS_LIMIT)
                .validatePath(false)
                .build())
        .build();
  }

  private static Http2ConnectionSelector http2() {
    return Http2ConnectionSelector.builder()
        .http2Config(
            Http2Config.builder()
                .initialWindowSize(HTTP2_WINDOW)
                .maxHeaderListSize(HEADERS_LIMIT)
                .maxConcurrentStreams(HTTP2_STREAMS)
                .flowControlTimeout(SLOW_CLIENT)
                .validatePath(false)
                .build())
        .build();
  }

  /** Helidon logs why it cannot listen, and says no more. So ask beforehand. */
  private static void checkFree(ServerOptions options) throws CannotListenException {
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(options.host(), options.port()));
    } catch (IOException e) {
      throw CannotListenException.because(options.host(), options.port(), e);
    }
  }

  /** What is wrong before there is a request to speak of. */
  private static DirectHandlers directHandlers() {
    var handlers = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      handlers.addHandler(type, new MalformedRequestHandler());
    }
    return handlers.build();
  }
}
