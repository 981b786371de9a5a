package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.WorkReport;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReportLogTest {
  private static final Duration NOT = Duration.ZERO;
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Set<String> shelf = new HashSet<>();
  private final ReportLog log = new ReportLog(shelf::contains);

  @Test
  void reportsAreNumberedFromOneAndComeInOrder() throws Exception {
    log.take(activity("one"));
    log.take(activity("two"));

    ReportPage page = log.read(0, NOT);

    assertThat(page.reports()).containsExactly(activity("one"), activity("two"));
    assertThat(page.last()).isEqualTo(2);
    assertThat(log.read(2, NOT).reports()).isEmpty();
    assertThat(log.read(2, NOT).last()).isEqualTo(2);
  }

  @Test
  void whoeverWaitsIsToldAtOnce() throws Exception {
    CompletableFuture<ReportPage> waiting =
        CompletableFuture.supplyAsync(() -> read(0, LONG), Thread::startVirtualThread);
    log.take(activity("one"));

    assertThat(waiting.get(30, TimeUnit.SECONDS).reports()).hasSize(1);
  }

  @Test
  void whoeverWaitsIsSentHomeWhenTheAgentEnds() throws Exception {
    CompletableFuture<ReportPage> waiting =
        CompletableFuture.supplyAsync(() -> read(0, LONG), Thread::startVirtualThread);
    log.close();

    assertThat(waiting.get(30, TimeUnit.SECONDS).reports()).isEmpty();
  }

  @Test
  void aNumberFromBeforeTheLatestStartIsAnsweredAtOnceWithEverything() throws Exception {
    assertThat(log.read(17, LONG).last()).isZero();
    log.take(activity("one"));

    assertThat(log.read(17, LONG).reports()).hasSize(1);
  }

  @Test
  void whatHasArrivedIsForgottenButForUnfetchedResultsAndTheLatestEnds() throws Exception {
    shelf.add("fetch me");
    log.take(activity("one"));
    log.take(rendered("fetch me"));
    log.take(rendered("fetched"));
    log.take(failed(1));
    log.take(activity("two"));

    assertThat(log.read(5, NOT).reports()).isEmpty();
    assertThat(log.read(0, NOT).reports()).containsExactly(rendered("fetch me"), failed(1));
    shelf.clear();
    assertThat(log.read(5, NOT).reports()).isEmpty();
    assertThat(log.read(0, NOT).reports()).containsExactly(failed(1));
  }

  @Test
  void chatterThatNobodyReadsIsBoundedAndResultsAreKept() throws Exception {
    shelf.add("result");
    log.take(rendered("result"));
    for (int i = 0; i < 5_000; i++) {
      log.take(activity("activity " + i));
    }

    List<WorkReport> first = log.read(0, NOT).reports();
    assertThat(first.getFirst()).isEqualTo(rendered("result"));
    assertThat(first).hasSizeLessThanOrEqualTo(500);
    int all = 0;
    long after = 0;
    ReportPage page = log.read(after, NOT);
    while (!page.reports().isEmpty()) {
      all += page.reports().size();
      after = page.last();
      page = log.read(after, NOT);
    }
    assertThat(all).isEqualTo(1_001);
    assertThat(after).isEqualTo(5_001);
  }

  @Test
  void endsThatHaveBeenReadAreBounded() throws Exception {
    for (int i = 1; i <= 1_000; i++) {
      log.take(failed(i));
    }
    assertThat(log.read(1_000, NOT).reports()).isEmpty();

    List<WorkReport> kept = log.read(0, NOT).reports();

    assertThat(kept).hasSize(400).last().isEqualTo(failed(1_000));
  }

  @Test
  void aNewManagerFindsWhatIsToBeFetchedAndHowLeasesEnded() throws Exception {
    var returned = new WorkReport.Returned("task", 3, 1, List.of(4));
    shelf.add("here");
    log.take(activity("Loading"));
    log.take(rendered("here"));
    log.take(rendered("gone"));
    log.take(failed(2));
    log.take(returned);
    log.read(5, NOT);

    assertThat(log.read(0, NOT).reports()).containsExactly(rendered("here"), failed(2), returned);
    assertThat(log.awaited()).containsExactly(rendered("here"));
  }

  @Test
  void whoeverWaitsIsSentHomeWhenAnotherManagerTakesOver() throws Exception {
    var poll = new FutureTask<>(() -> log.read(0, Duration.ofMinutes(10)));
    Thread thread = Thread.ofPlatform().start(poll);
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);

    log.sendHome();

    assertThat(poll.get().reports()).isEmpty();
  }

  @Test
  void resultsOutliveAFloodOfEnds() throws Exception {
    shelf.add("result");
    log.take(rendered("result"));
    for (int i = 1; i <= 20_001; i++) {
      log.take(failed(i));
    }

    assertThat(log.awaited()).contains(rendered("result"));
  }

  @Test
  void aLeaseThatFailedIsAwaitedUntilTheManagerKnows() throws Exception {
    log.take(failed(1));
    log.read(0, NOT);
    assertThat(log.awaited()).containsExactly(failed(1));

    log.read(1, NOT);
    assertThat(log.awaited()).isEmpty();
  }

  @Test
  void previewsThatNobodyReadsAreLeftOutBeforeTheyFillTheMemory() throws Exception {
    String preview = "x".repeat(8 << 20);
    for (int i = 0; i < 10; i++) {
      shelf.add("cell " + i);
      log.take(rendered("cell " + i, preview));
    }

    List<WorkReport.OfLease> kept = log.awaited();
    assertThat(kept).hasSize(10);
    assertThat(kept)
        .extracting(report -> ((WorkReport.Rendered) report).preview().isPresent())
        .startsWith(false, false)
        .endsWith(true);
  }

  private ReportPage read(long after, Duration wait) {
    try {
      return log.read(after, wait);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static WorkReport.OfLease activity(String text) {
    return new WorkReport.Activity("task", 1, 1, text, Optional.empty());
  }

  private static WorkReport.OfLease failed(long lease) {
    return new WorkReport.Failed(
        "task", lease, 1, Optional.empty(), FailureKind.BLENDER, "Blender crashed", List.of());
  }

  private static WorkReport.OfLease rendered(String delivery) {
    return rendered(delivery, "preview");
  }

  private static WorkReport.OfLease rendered(String delivery, String preview) {
    Duration none = Duration.ZERO;
    return new WorkReport.Rendered(
        "task",
        1,
        1,
        0,
        new Tile(0, 0, 1, 1),
        new WorkReport.DeliveryInfo(delivery, 1, "ab".repeat(32)),
        new CellTimings(none, none, none, none),
        Optional.of(preview));
  }
}
