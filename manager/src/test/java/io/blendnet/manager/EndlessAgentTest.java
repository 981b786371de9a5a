package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.blendnet.domain.AgentName;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.WireJson;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Something that answers as an agent does, and says more than any: the Manager does without it. */
class EndlessAgentTest {
  private static final AgentName NAME = new AgentName("endless");
  private static final int MEGABYTE = 1 << 20;

  @TempDir private Path folder;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpsServer agent;
  private ManagerServer manager;
  private ManagerClient client;
  private FarmAuthority authority;
  private volatile AttachedAgent attached =
      new AttachedAgent("boot", 2, 1L << 30, Optional.empty(), 0, List.of(), false);
  private volatile String reports = "";

  @BeforeEach
  void start() throws Exception {
    authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    var identity = authority.issue("both", List.of("localhost", "127.0.0.1"));
    agent = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    agent.setHttpsConfigurator(new HttpsConfigurator(identity.serverContext()));
    agent.setExecutor(threads);
    agent.createContext("/", this::answer);
    agent.start();
    Credentials user = Credentials.generate("artist");
    manager =
        ManagerServer.start(
            ManagerOptions.standard(
                "127.0.0.1", identity, authority.trusted(), user, folder.resolve("manager"), "1.0"),
            new LogBuffer());
    client =
        new ManagerClient(
            ClientOptions.of(
                new ServerAddress("127.0.0.1", manager.port()),
                authority.trusted().clientContext(),
                user.user(),
                () -> user.password().reveal()));
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    manager.close();
    agent.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) {
    boolean attaches = exchange.getRequestURI().getPath().endsWith("/work/attach");
    String data = attaches ? new String(WireJson.write(attached), StandardCharsets.UTF_8) : reports;
    byte[] body =
        "{\"success\":true,\"message\":\"\",\"data\":%s}"
            .formatted(data)
            .getBytes(StandardCharsets.UTF_8);
    try (exchange;
        OutputStream out = exchange.getResponseBody()) {
      exchange.sendResponseHeaders(200, body.length);
      out.write(body);
    } catch (IOException e) {
      // The Manager has hung up.
    }
  }

  private static String page(String reports) {
    return "{\"boot\":\"boot\",\"last\":1,\"reports\":[%s]}".formatted(reports);
  }

  private void assertDoneWithout(String reason) throws Exception {
    client.putAgent(
        NAME,
        new AgentConfig(
            "127.0.0.1",
            agent.getAddress().getPort(),
            "manager",
            "password",
            Optional.of(authority.certificatePem()),
            Optional.empty()));
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(client.resources().agents().values())
              .singleElement()
              .satisfies(machine -> {
                assertThat(machine.active()).isFalse();
                assertThat(machine.error().orElse("")).contains(reason);
              });
        });
    assertThat(client.status().trouble()).isEmpty();
  }

  @Test
  void anAnswerWithoutEndIsBrokenOff() throws Exception {
    reports = page(" ".repeat(33 * MEGABYTE));

    assertDoneWithout("body exceeds capacity");
  }

  @Test
  void aPageOfVeryManyReportsIsRefused() throws Exception {
    String terminating = "{\"kind\":\"terminating\",\"reason\":\"r\",\"left\":1}";
    reports =
        page(
            IntStream.rangeClosed(0, ReportBounds.MOST_REPORTS)
                .mapToObj(_ -> terminating)
                .collect(Collectors.joining(",")));

    assertDoneWithout("sends 2,001 reports at once");
  }

  @Test
  void aMachineOfVeryManyCoresIsRefused() throws Exception {
    attached = new AttachedAgent("boot", 1 << 30, 0, Optional.empty(), 0, List.of(), false);
    reports = page("");

    assertDoneWithout("1073741824 cores");
  }

  @Test
  void aReportThatForgesALineOfTheLogDoesNot() throws Exception {
    reports =
        page(
            """
            {"kind":"rendered","task":"t","lease":1,"attempt":1,"cell":0,"rendered":
             {"x":0,"y":0,"width":-7,"height":8},"delivery":{"id":"\\nFORGED\\n","size":-1,"sha256":"0"},
             "timings":{"sync":0,"render":0,"save":0,"read_back":0},"preview":null}
            """);

    assertDoneWithout("answered something unexpected");
    assertThat(client.log().values()).noneMatch(line -> line.startsWith("FORGED"));
  }
}
