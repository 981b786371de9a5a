package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60) // as a guard against hanging
class ApiServerStopTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"--http1.1", "--http2"})
  void aRequestInProgressMayFinish(String version) throws Exception {
    var work = new TestingWork();
    var server = new TestingServer(folder, List.of("localhost"), LONG, work);
    var request = new FutureTask<>(() -> server.curl().call("slow", version));
    Thread.startVirtualThread(request);
    work.slowBegan.await();
    Thread stop = Thread.startVirtualThread(server::close);
    awaitRefusal(server);

    work.slowMayEnd.countDown();

    assertThat(request.get().text()).contains("\"stored\":" + TestingWork.THE_END);
    stop.join();
  }

  @Test
  void connectionsThatNobodyUsesDoNotHoldTheServer() throws Exception {
    var server = new TestingServer(folder, List.of("localhost"), LONG);
    try (var client = server.client()) {
      client.info();

      server.close();

      assertThatThrownBy(client::info).isInstanceOf(FarmException.NotReachable.class);
    }
  }

  @Test
  void aRequestThatDoesNotEndIsInterrupted() throws Exception {
    var work = new TestingWork();
    var server = new TestingServer(folder, List.of("localhost"), SHORT, work);
    try (var client =
        new AgentClient(
            server.options().withAttempts(1), new ManagerIdentity("farm", 1, "start"))) {
      var poll = new FutureTask<>(() -> client.reports(0, Duration.ofSeconds(60)));
      Thread.startVirtualThread(poll);
      work.pollBegan.await();

      server.close();

      assertThatThrownBy(poll::get).hasCauseInstanceOf(FarmException.class);
    }
  }

  private static void awaitRefusal(TestingServer server) {
    org.awaitility.Awaitility.await()
        .until(() -> server.curl().call("info", "--max-time", "2").exit() != 0);
  }
}
