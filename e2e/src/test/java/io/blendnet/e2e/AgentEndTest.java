package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent's own command, told to end while it has work, by a signal or by its Manager. */
class AgentEndTest {
  private static final Tile CORNER = new Tile(0, 0, 16, 16);
  private static final Cell BRIEF = new Cell(CORNER, new SampleRange(0, 1));
  private static final Cell ENDLESS = new Cell(CORNER, new SampleRange(0, 2_000_000));

  @TempDir private Path folder;
  private CommandRoom room;
  private RunningServer server;
  private AgentClient manager;
  private final List<WorkReport> reports = new ArrayList<>();
  private long lastReport;

  @BeforeEach
  void startAgent() throws Exception {
    room = CommandRoom.in(folder);
    server = RunningServer.start(room, "agent", folder.resolve("agent"));
    manager =
        new AgentClient(
            ClientOptions.of(
                    new ServerAddress("localhost", server.port()),
                    TrustedAuthority.load(server.authority()).clientContext(),
                    "tester",
                    server::password)
                .withAttempts(1),
            new ManagerIdentity("farm", 1, "start"));
    manager.attach();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    manager.close();
    room.assertNothingLeft();
  }

  @Test
  void anAgentWithoutWorkEndsAtOnce() throws Exception {
    server.end().assertExitCode(0).assertNoFault();
  }

  @Test
  void onSigtermResultsAreDeliveredAndTheRestIsGivenBack() throws Exception {
    WorkReport.Rendered done = renderUntilEndless();

    server.process().terminate();

    awaitReport(WorkReport.Terminating.class, _ -> true);
    assertThat(awaitReport(WorkReport.Returned.class, _ -> true).cells()).containsExactly(1);
    manager.fetchDelivery(done.delivery(), folder.resolve("fetched.exr"), TransferProgress.NONE);
    manager.deleteDelivery(done.delivery().id());
    readReportsToTheEnd();
    server.process().awaitEnd().assertExitCode(0).assertNoFault();
    assertThat(server.process().errors()).doesNotContain("nobody has fetched");
  }

  @Test
  void aSecondSigtermEndsItAtOnceThoughResultsAreThere() throws Exception {
    renderUntilEndless();
    server.process().terminate();
    awaitReport(WorkReport.Terminating.class, _ -> true);

    server.process().terminate();

    await().atMost(Duration.ofSeconds(20)).until(() -> !server.process().process().isAlive());
    server.process().awaitEnd().assertExitCode(0);
    assertThat(server.process().errors()).doesNotContain("nobody has fetched");
  }

  @Test
  void theManagerEndsItAsASignalDoes() throws Exception {
    WorkReport.Rendered done = renderUntilEndless();

    manager.end();

    awaitReport(WorkReport.Terminating.class, _ -> true);
    manager.deleteDelivery(done.delivery().id());
    awaitReport(WorkReport.Returned.class, _ -> true);
    readReportsToTheEnd();
    server.process().awaitEnd().assertExitCode(0).assertNoFault();
  }

  /** Has one cell rendered, and another one begun that takes for ever. */
  private WorkReport.Rendered renderUntilEndless() throws Exception {
    Path blend = CommandScenes.copyOf("endless", folder.resolve("project"));
    OfferedFile offered = OfferedFile.read(blend);
    manager.sendFiles(List.of(offered), TransferProgress.NONE);
    String sum = offered.blob().sha256();
    manager.putLease(
        new LeaseOrder(
            "farm",
            "a task",
            1,
            1,
            1,
            new SceneOrder(
                "project/endless.blend",
                Optional.empty(),
                Optional.empty(),
                Map.of("project/endless.blend", sum),
                Optional.of(2_000_000),
                Optional.empty(),
                true,
                false),
            List.of(
                new WorkStep.Render(0, BRIEF, 0, false),
                new WorkStep.Render(1, ENDLESS, 0, false))));
    WorkReport.Rendered done = awaitReport(WorkReport.Rendered.class, _ -> true);
    awaitReport(WorkReport.Activity.class, now -> now.cell().equals(Optional.of(1)));
    return done;
  }

  /** Reads on as a Manager does, which tells the agent that nothing is unread, until it is gone. */
  private void readReportsToTheEnd() throws Exception {
    while (server.process().process().isAlive()) {
      try {
        lastReport = manager.reports(lastReport, Duration.ofMillis(100)).last();
      } catch (IOException e) {
        server.process().process().waitFor(100, TimeUnit.MILLISECONDS);
      }
    }
  }

  private <T extends WorkReport> T awaitReport(Class<T> kind, Predicate<T> wanted)
      throws Exception {
    for (int next = 0; ; next++) {
      while (next == reports.size()) {
        ReportPage page = manager.reports(lastReport, Duration.ofSeconds(10));
        lastReport = page.last();
        reports.addAll(page.reports());
      }
      WorkReport report = reports.get(next);
      assertThat(report).isNotInstanceOf(WorkReport.Failed.class);
      if (kind.isInstance(report) && wanted.test(kind.cast(report))) {
        return kind.cast(report);
      }
    }
  }
}
