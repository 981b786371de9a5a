package io.blendnet.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.blendnet.exr.ExrAttribute;
import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrHeader;
import io.blendnet.exr.ExrReader;
import io.blendnet.exr.ExrWindow;
import io.blendnet.exr.ExrWriter;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An agent that delivers garbage with right checksums: it passes everything on to an honest agent,
 * and spoils each rendered cell before it announces it.
 */
final class TestingLyingAgent implements AutoCloseable {
  /** What it makes of a cell. */
  enum Lie {
    TRUNCATED,
    WRONG_SIZE,
    NOT_A_NUMBER,
    BLACK,
    OTHER_SAMPLES,
    /** The right cell, said to lie elsewhere. */
    OTHER_PLACE,
    /** The right cell, announced with more bytes than there are disks for. */
    HUGE,
    /** The right length announced, and more sent without end. */
    ENDLESS,
    /** The right cells, and a picture that is said to fill any disk. */
    GREEDY,
    /** The right cells, and more lines of Blender's output than anybody wants. */
    TALK
  }

  private static final long HUGE_SIZE = 1L << 60;
  private static final int LINES = 2_500;
  private static final int LINE_LENGTH = 5_000;

  /** What the JDK's client sets by itself, or may not be asked to. */
  private static final Set<String> OWN_HEADERS =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "upgrade",
          "http2-settings",
          "transfer-encoding");

  private final RunningServer honest;
  private final Lie lie;
  private final Path folder;
  private final FarmAuthority authority;
  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;
  private final Map<String, byte[]> spoiled = new ConcurrentHashMap<>();
  private final AtomicInteger others = new AtomicInteger();

  private TestingLyingAgent(RunningServer honest, Lie lie, Path folder) throws IOException {
    this.honest = honest;
    this.lie = lie;
    this.folder = Files.createDirectories(folder);
    this.authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    this.client =
        HttpClient.newBuilder()
            .sslContext(TrustedAuthority.load(honest.authority()).clientContext())
            .build();
    this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(authority.issue("liar", List.of("127.0.0.1")).serverContext()));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Puts one before an honest agent. */
  static TestingLyingAgent before(RunningServer honest, Lie lie, Path folder) throws IOException {
    return new TestingLyingAgent(honest, lie, folder);
  }

  int port() {
    return server.getAddress().getPort();
  }

  String authority() {
    return authority.certificatePem();
  }

  /** How many cells it has spoiled, or how often it has lied otherwise. */
  int lies() {
    return spoiled.size() + others.get();
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      String method = exchange.getRequestMethod();
      byte[] cell = spoiled.get(path.substring(path.lastIndexOf('/') + 1));
      if (method.equals("GET") && cell != null) {
        exchange.getResponseHeaders().set("Content-Type", "image/x-exr");
        exchange.getResponseHeaders().set("X-Checksum-Sha1", hex("SHA-1", cell));
        if (lie == Lie.ENDLESS) {
          sendEndlessly(exchange, cell);
          return;
        }
        send(exchange, 200, cell);
        return;
      }
      HttpResponse<byte[]> honestly = pass(exchange, exchange.getRequestURI().toString(), method);
      boolean reports = path.endsWith("/work/report") && honestly.statusCode() == 200;
      byte[] body = reports ? spoil(exchange, honestly.body()) : honestly.body();
      honestly
          .headers()
          .map()
          .forEach((name, values) -> {
            if (!OWN_HEADERS.contains(name) && !name.startsWith(":")) {
              exchange.getResponseHeaders().put(name, values);
            }
          });
      send(exchange, honestly.statusCode(), body);
    } catch (IOException e) {
      // The Manager hung up, or the honest agent did: the exchange ends without an answer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** Until the Manager hangs up. */
  private static void sendEndlessly(HttpExchange exchange, byte[] cell) throws IOException {
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes 0-%d/%d".formatted(cell.length - 1, cell.length));
    exchange.sendResponseHeaders(206, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        out.write(cell);
      }
    }
  }

  private HttpResponse<byte[]> pass(HttpExchange exchange, String path, String method)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + honest.port() + path))
            .method(method, BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** Spoils each cell that a page of reports announces, and announces what became of it. */
  private byte[] spoil(HttpExchange exchange, byte[] page)
      throws IOException, InterruptedException {
    JsonNode tree = JsonMapper.shared().readTree(page);
    for (JsonNode report : tree.path("data").path("reports")) {
      if (lie == Lie.TALK && report.path("kind").asString("").equals("messages")) {
        ArrayNode lines = ((ObjectNode) report).putArray("lines");
        for (int i = 0; i < LINES; i++) {
          lines.add("x".repeat(LINE_LENGTH));
        }
        others.incrementAndGet();
      }
      if (lie == Lie.GREEDY && report.path("kind").asString("").equals("composed")) {
        for (JsonNode file : report.path("files")) {
          ((ObjectNode) file.get("delivery")).put("size", HUGE_SIZE);
        }
        others.incrementAndGet();
      }
      if (lie != Lie.TALK
          && lie != Lie.GREEDY
          && report.path("kind").asString("").equals("rendered")) {
        ObjectNode delivery = (ObjectNode) report.get("delivery");
        if (lie == Lie.OTHER_PLACE) {
          move((ObjectNode) report.get("rendered"));
        }
        Optional<byte[]> cell = spoiled(exchange, delivery.get("id").asString());
        cell.ifPresent(made ->
            delivery
                .put("size", lie == Lie.HUGE ? HUGE_SIZE : made.length)
                .put("sha256", hex("SHA-256", made)));
      }
    }
    return JsonMapper.shared().writeValueAsBytes(tree);
  }

  private static void move(ObjectNode rendered) {
    rendered.put("x", rendered.get("x").asInt() + 1);
  }

  /** Empty where the honest agent has it no more: reports of what was fetched come again. */
  private Optional<byte[]> spoiled(HttpExchange exchange, String id)
      throws IOException, InterruptedException {
    byte[] known = spoiled.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    HttpResponse<byte[]> cell = pass(exchange, "/api/v1/work/delivery/" + id, "GET");
    if (cell.statusCode() != 200) {
      return Optional.empty();
    }
    byte[] made = spoiled(cell.body(), id);
    spoiled.put(id, made);
    return Optional.of(made);
  }

  private byte[] spoiled(byte[] cell, String id) throws IOException {
    if (lie == Lie.HUGE || lie == Lie.ENDLESS) {
      return cell;
    }
    if (lie == Lie.TRUNCATED) {
      return Arrays.copyOf(cell, cell.length / 2);
    }
    Path file = folder.resolve(id + ".exr");
    Path made = folder.resolve(id + ".spoiled.exr");
    Files.write(file, cell);
    try (ExrReader reader = ExrReader.open(file)) {
      write(made, reader);
      return Files.readAllBytes(made);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(made);
    }
  }

  private void write(Path made, ExrReader reader) throws IOException {
    ExrHeader header = reader.header();
    List<ExrChannel> channels = header.channels();
    List<float[]> planes = reader.planes(channels.stream().map(ExrChannel::name).toList());
    int width = header.dataWindow().width();
    ExrWriter.write(
        made,
        spoiled(header),
        (first, rows, pixels) -> {
          for (int row = first; row < first + rows; row++) {
            for (int channel = 0; channel < channels.size(); channel++) {
              String name = channels.get(channel).name();
              put(pixels, name, planes.get(channel), row * width, width);
            }
          }
        });
  }

  private ExrHeader spoiled(ExrHeader header) {
    ExrWindow window = header.dataWindow();
    return switch (lie) {
      case TRUNCATED, NOT_A_NUMBER, BLACK, OTHER_PLACE, HUGE, ENDLESS, GREEDY, TALK -> header;
      case WRONG_SIZE ->
          header.withWindow(
              new ExrWindow(
                  window.xMin(),
                  window.yMin(),
                  window.xMax(),
                  window.yMin() + Math.max(0, window.height() / 2 - 1)));
      case OTHER_SAMPLES -> {
        ExrHeader changed = header;
        for (ExrAttribute attribute : header.attributes()) {
          if (attribute.name().startsWith("cycles.") && attribute.name().endsWith(".samples")) {
            changed = changed.with(ExrAttribute.string(attribute.name(), "1"));
          }
        }
        yield changed;
      }
    };
  }

  /** All channels of the cells are of 32 bits. */
  private void put(ByteBuffer pixels, String channel, float[] plane, int from, int width) {
    boolean combined = channel.contains("Combined.");
    for (int i = from; i < from + width; i++) {
      pixels.putFloat(
          combined && lie == Lie.BLACK
              ? 0
              : combined && lie == Lie.NOT_A_NUMBER ? Float.NaN : plane[i]);
    }
  }

  private static String hex(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
  }
}
