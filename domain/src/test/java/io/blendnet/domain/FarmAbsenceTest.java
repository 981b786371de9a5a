package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Agents that go away and come back, and a Manager that does. */
class FarmAbsenceTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);
  private static final Duration SILENCE = FarmRules.DEFAULT.silence();
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final AgentName A = new AgentName("a");
  private static final AgentMachine MACHINE = new AgentMachine("boot", 1, 0, false);

  private final TestingFarm farm = new TestingFarm();

  @Test
  void aSilentAgentKeepsItsLeasesUntilTheLimit() {
    TaskName task = rendering("a", "b");
    List<Lease> held = farm.leases("a");
    assertThat(farm.away("a", Absence.SILENT)).isEmpty();
    assertThat(farm.pass(SILENCE.minus(SECOND))).isEmpty();
    assertThat(farm.leases("a")).isEqualTo(held);
    assertThat(farm.view(task).waiting()).isEmpty();
  }

  @Test
  void aSilentAgentIsGivenNothing() {
    farm.join("a");
    farm.away("a", Absence.SILENT);
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.view(task).waiting()).isEqualTo("no agent answers");
    farm.comeBack("a", List.of());
    assertThat(farm.lease("a").task()).isEqualTo(task);
  }

  @Test
  void whatASilentAgentBroughtBeforeItFellSilentStillCounts() {
    TaskName task = rendering("a");
    FarmEvent underWay = farm.result("a");
    farm.away("a", Absence.SILENT);
    int leases = farm.leases("a").size();
    assertThat(farm.decide(underWay)).hasAtLeastOneElementOfType(Effect.Keep.class);
    assertThat(farm.leases("a")).as("but it gets nothing for it").hasSize(leases - 1);
    assertThat(farm.view(task).cellsStored()).isEqualTo(1);
  }

  @Test
  void anAgentThatComesBackInTimeGoesOn() {
    TaskName task = rendering("a", "b");
    List<Lease> held = farm.leases("a");
    farm.away("a", Absence.SILENT);
    farm.pass(SILENCE.minus(SECOND));
    assertThat(farm.comeBack("a", farm.held("a"))).isEmpty();
    assertThat(farm.pass(SILENCE)).as("the limit is that of another silence").isEmpty();
    assertThat(farm.leases("a")).isEqualTo(held);
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void theLimitCountsFromTheFirstOfSeveralReportsOfSilence() {
    rendering("a");
    farm.away("a", Absence.SILENT);
    farm.pass(SILENCE.minus(SECOND));
    farm.away("a", Absence.SILENT);
    farm.pass(SECOND);
    assertThat(farm.leases("a")).isEmpty();
  }

  @Test
  void afterTheLimitOthersRenderWhatASilentAgentHad() {
    TaskName task = rendering("a", "b");
    List<Cell> lost = farm.cells("a");
    Ledger ledger = farm.ledger(task);
    assertThat(farm.outstayItsSilence("a"))
        .contains(
            new Effect.Note(
                task,
                "Agent a left: it does not answer; open again: %s, %s"
                    .formatted(lost.get(0), lost.get(1))));
    assertThat(lost).hasSize(2).noneMatch(ledger::isLeased);
    farm.renderAll(task, "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void whatAnAgentFinishedWhileItWasGivenUpIsAdoptedUnderANewAttempt() {
    TaskName task = rendering("a");
    FarmEvent finished = farm.result("a");
    Lease lapsed = farm.lease("a");
    Cell cell = farm.cells("a").getFirst();
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    farm.answersSteals = false;
    comeBackBusy(held);

    assertThat(farm.decide(finished))
        .contains(
            new Effect.Keep(lapsed, 0, cell, lapsed.attempt() + 1),
            new Effect.Forget(lapsed.agent(), lapsed.id()));
    assertThat(farm.notes())
        .contains("Agent a brought cell %s though its lease had run out".formatted(cell));
    assertThat(farm.ledger(task).storedWork()).isEqualTo(cell.work());
    assertThat(farm.decide(finished)).singleElement().isInstanceOf(Effect.Drop.class);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void whatOthersHaveMeanwhileIsNotAdopted() {
    TaskName task = rendering("a");
    FarmEvent finished = farm.result("a");
    Lease lapsed = farm.lease("a");
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    farm.join("b");
    farm.work("b");
    assertThat(farm.cells("b")).as("the place is leased again").contains(cells(lapsed).getFirst());
    farm.answersSteals = false;
    farm.comeBack("a", held);

    long stored = farm.ledger(task).storedWork();
    assertThat(farm.decide(finished))
        .contains(new Effect.Drop(A, lapsed.id(), lapsed.attempt()))
        .noneMatch(Effect.Keep.class::isInstance);
    assertThat(farm.ledger(task).storedWork()).isEqualTo(stored);
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void anAdoptedCellMayCompleteAFrame() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE, Strategy.FRAME, 0);
    farm.work("a");
    FarmEvent finished = farm.result("a");
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    farm.answersSteals = false;
    comeBackBusy(held);
    assertThat(farm.decide(finished)).contains(new Effect.Assemble(task));
    farm.requireRenderedOnce(task);
  }

  @Test
  void whatAReturningAgentHasNotBegunOfALapsedLeaseIsStolenBack() {
    rendering("a");
    List<Lease> lapsed = farm.leases("a");
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    farm.answersSteals = false;
    List<Effect> effects = farm.comeBack("a", held);
    assertThat(TestingFarm.steals(effects))
        .containsExactlyElementsOf(
            lapsed.stream()
                .map(lease -> new Effect.Steal(A, lease.id(), lease.attempt(), Set.of(0)))
                .toList());
    Lease unbegun = lapsed.getLast();
    assertThat(farm.decide(returned(unbegun, Set.of(0))))
        .containsExactly(new Effect.Forget(unbegun.agent(), unbegun.id()));
    assertThat(farm.decide(returned(lapsed.getFirst(), Set.of())))
        .as("the one in progress may still be of use")
        .isEmpty();
  }

  @Test
  void aLapsedLeaseOfWhichAReturningAgentHoldsNothingIsForgotten() {
    rendering("a");
    List<Lease> lapsed = farm.leases("a");
    farm.outstayItsSilence("a");
    assertThat(farm.comeBack("a", List.of()))
        .contains(new Effect.Forget(lapsed.getFirst().agent(), lapsed.getFirst().id()))
        .contains(new Effect.Forget(lapsed.getLast().agent(), lapsed.getLast().id()))
        .noneMatch(Effect.Steal.class::isInstance);
  }

  @Test
  void aLapsedLeaseThatFailsIsForgottenAndNobodysFault() {
    TaskName task = rendering("a");
    Lease lapsed = farm.lease("a");
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    farm.answersSteals = false;
    comeBackBusy(held);
    assertThat(
            farm.decide(
                new FarmEvent.LeaseFailed(
                    A, lapsed.id(), lapsed.attempt(), FailureKind.SCENE, "late", List.of())))
        .containsExactly(new Effect.Forget(lapsed.agent(), lapsed.id()));
    assertThat(farm.state(task)).isNotEqualTo(TaskState.ERROR);
  }

  @Test
  void aStoppedTaskHasNoUseForLapsedLeases() {
    TaskName task = rendering("a");
    FarmEvent finished = farm.result("a");
    List<Lease> lapsed = farm.leases("a");
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    assertThat(farm.decide(new FarmEvent.TaskStopped(task)))
        .contains(new Effect.Forget(lapsed.getFirst().agent(), lapsed.getFirst().id()));
    assertThat(farm.comeBack("a", held))
        .containsExactlyElementsOf(
            lapsed.stream()
                .<Effect>map(lease -> new Effect.Revoke(A, lease.id(), lease.attempt()))
                .toList());
    assertThat(farm.decide(finished)).singleElement().isInstanceOf(Effect.Drop.class);
  }

  @Test
  void theLeasesOfALostAgentLapseAtOnceAndItsResultsMayStillBeAdopted() {
    TaskName task = rendering("a");
    FarmEvent finished = farm.result("a");
    List<HeldLease> held = farm.held("a");
    farm.away("a", Absence.LOST);
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.farm.agentViews()).isEmpty();
    assertThat(farm.view(task).waiting()).isEqualTo("no agent is connected");
    farm.answersSteals = false;
    comeBackBusy(held);
    assertThat(farm.decide(finished)).hasAtLeastOneElementOfType(Effect.Keep.class);
  }

  @Test
  void anAgentThatStartedAnewBringsNothingOfItsEarlierLife() {
    TaskName task = rendering("a");
    FarmEvent finished = farm.result("a");
    List<Lease> lapsed = farm.leases("a");
    farm.outstayItsSilence("a");
    assertThat(farm.join("a"))
        .contains(new Effect.Forget(lapsed.getFirst().agent(), lapsed.getFirst().id()));
    assertThat(farm.lease("a").work()).as("it opens the scene").isEqualTo(new Lease.Open());
    assertThat(farm.decide(finished)).singleElement().isInstanceOf(Effect.Drop.class);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void anAgentThatWasLostWithoutLeasesAndStartedAnewOpensTheSceneAgain() {
    farm.join("a");
    farm.join("b");
    farm.run("frame", SCENE, Strategy.FRAME, 0);
    farm.work("a");
    farm.work("b");
    assertThat(farm.leases("b")).as("there is one cell").isEmpty();
    farm.away("b", Absence.LOST);
    farm.away("a", Absence.LOST);
    farm.join("b");
    assertThat(farm.lease("b").work()).isEqualTo(new Lease.Open());
  }

  @Test
  void aRemovedAgentBringsNothingMore() {
    rendering("a");
    FarmEvent finished = farm.result("a");
    List<Lease> lapsed = farm.leases("a");
    assertThat(farm.away("a", Absence.REMOVED))
        .contains(new Effect.Forget(lapsed.getFirst().agent(), lapsed.getFirst().id()))
        .contains(new Effect.Forget(lapsed.getLast().agent(), lapsed.getLast().id()));
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.farm.agentViews()).isEmpty();
    assertThat(farm.decide(finished)).singleElement().isInstanceOf(Effect.Drop.class);
  }

  @Test
  void removingAnAgentWhoseLeasesHadLapsedForgetsThem() {
    rendering("a");
    FarmEvent finished = farm.result("a");
    Lease lapsed = farm.lease("a");
    farm.outstayItsSilence("a");
    assertThat(farm.away("a", Absence.REMOVED))
        .contains(new Effect.Forget(lapsed.agent(), lapsed.id()));
    assertThat(farm.decide(finished)).singleElement().isInstanceOf(Effect.Drop.class);
  }

  @Test
  void aLeaseThatTheFarmDoesNotKnowIsRevoked() {
    rendering("a");
    HeldLease unknown = new HeldLease(new LeaseId(4711), 3, Set.of(0, 1));
    List<HeldLease> held = new ArrayList<>(farm.held("a"));
    held.add(unknown);
    assertThat(farm.comeBack("a", held))
        .containsExactly(new Effect.Revoke(A, unknown.lease(), unknown.attempt()));
  }

  @Test
  void aLeaseThatIsHeldWithAnotherAttemptIsNoneOfTheFarms() {
    TaskName task = rendering("a");
    Lease lease = farm.lease("a");
    HeldLease other = new HeldLease(lease.id(), lease.attempt() + 1, Set.of(0));
    assertThat(farm.comeBack("a", List.of(other, farm.held("a").getLast())))
        .contains(new Effect.Revoke(A, lease.id(), lease.attempt()))
        .contains(new Effect.Revoke(A, lease.id(), lease.attempt() + 1));
    assertThat(farm.leases("a")).doesNotContain(lease);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aLiveLeaseThatTheAgentDoesNotHoldIsOpenAgainAndIsNoLoss() {
    TaskName task = rendering("a");
    Lease lease = farm.lease("a");
    Cell cell = farm.cells("a").getFirst();
    assertThat(farm.comeBack("a", List.of(farm.held("a").getLast())))
        .contains(new Effect.Revoke(A, lease.id(), lease.attempt()));
    assertThat(farm.leases("a")).doesNotContain(lease);
    assertThat(farm.ledger(task).losses(cell)).isZero();
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void ofALeaseThatIsHeldInPartTheRestIsOpenAgain() {
    TaskName task = rendering("a");
    farm.settle("a");
    Lease lease = farm.leases("a").getLast();
    List<Integer> waiting = farm.held("a").getLast().cells().stream().sorted().toList();
    assertThat(waiting).hasSizeGreaterThan(3);
    Ledger ledger = farm.ledger(task);
    farm.away("a", Absence.SILENT);
    pauseUnheard(task);
    farm.comeBack(
        "a",
        List.of(
            new HeldLease(
                lease.id(), lease.attempt(), Set.of(waiting.get(0), waiting.get(2), 999))));
    assertThat(farm.view(task).cellsLeased()).isEqualTo(2);
    for (int number : waiting) {
      boolean isHeld = number == waiting.get(0) || number == waiting.get(2);
      assertThat(ledger.isLeased(cells(lease).get(number))).as("cell %d", number).isEqualTo(isHeld);
    }
  }

  @Test
  void anOpenOrderThatASilentAgentGotGoesOn() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.away("a", Absence.SILENT);
    assertThat(farm.comeBack("a", farm.held("a"))).isEmpty();
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aPausedTaskIsAskedBackFromAnAgentThatWasSilentMeanwhile() {
    TaskName task = rendering("a");
    farm.away("a", Absence.SILENT);
    pauseUnheard(task);
    assertThat(TestingFarm.steals(farm.comeBack("a", farm.held("a"))))
        .map(Effect.Steal::lease)
        .containsExactlyElementsOf(farm.leases("a").stream().map(Lease::id).toList());
  }

  @Test
  void aClockThatStandsOrGoesBackChangesNothing() {
    rendering("a", "b");
    farm.pass(Duration.ofSeconds(5));
    farm.away("a", Absence.SILENT);
    farm.pass(SILENCE.minus(SECOND));
    List<Object> before = farm.picture();
    for (Duration up : List.of(Duration.ofSeconds(24), Duration.ZERO, Duration.ofSeconds(-7))) {
      assertThat(farm.decide(new FarmEvent.TimePassed(up))).as("%s", up).isEmpty();
      assertThat(farm.picture()).isEqualTo(before);
    }
    farm.pass(SECOND);
    assertThat(farm.leases("a")).as("no time was won or lost").isEmpty();
  }

  @Test
  void aClockThatJumpsTakesNothingFromWhoAnswers() {
    TaskName task = rendering("a", "b");
    farm.away("a", Absence.SILENT);
    List<Lease> held = farm.leases("b");
    farm.pass(Duration.ofMinutes(9));
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.leases("b")).isEqualTo(held);
    farm.renderAll(task, "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void leasesLiveOnWhenTheManagerIsStartedAnewAndAgentsGoOn() {
    TaskName task = rendering("a", "b");
    farm.work("a");
    List<Lease> held = farm.leases("a");
    TestingFarm next = farm.restarted(task);
    assertThat(next.farm.liveLeases()).containsExactlyInAnyOrderElementsOf(farm.farm.liveLeases());
    assertThat(next.state(task)).isEqualTo(TaskState.RUNNING);
    assertThat(next.view(task).cellsLeased()).isEqualTo(4);
    assertThat(next.ledger(task).leasedWork()).isEqualTo(farm.ledger(task).leasedWork());

    assertThat(next.comeBack("a", farm.held("a"))).isEmpty();
    assertThat(next.leases("a")).isEqualTo(held);
    assertThat(next.work("a")).hasAtLeastOneElementOfType(Effect.Keep.class);
    next.comeBack("b", farm.held("b"));
    next.renderAll(task, "a", "b");
    next.requireRenderedOnce(task);
  }

  @Test
  void agentsThatDoNotComeBackToANewManagerLoseTheirLeasesAfterTheLimitOfItsUpTime() {
    TaskName task = rendering("a", "b");
    TestingFarm next = farm.restarted(task);
    next.comeBack("a", farm.held("a"));
    assertThat(next.pass(SILENCE.minus(SECOND))).isEmpty();
    assertThat(next.leases("b")).isNotEmpty();
    next.pass(SECOND);
    assertThat(next.leases("b")).isEmpty();
    next.renderAll(task, "a");
    next.requireRenderedOnce(task);
  }

  @Test
  void anAgentThatStartedAnewWhileTheManagerWasAwayHoldsNothing() {
    TaskName task = rendering("a");
    List<Lease> held = farm.leases("a");
    TestingFarm next = farm.restarted(task);
    next.join("a");
    assertThat(next.leases("a")).doesNotContainAnyElementsOf(held);
    next.renderAll(task, "a");
    next.requireRenderedOnce(task);
  }

  @Test
  void ofTwoLeasesOfACellThatANewManagerFindsTheNewerCounts() {
    TaskName task = rendering("a");
    FarmEvent late = farm.result("a");
    Lease older = farm.lease("a");
    Cell cell = farm.cells("a").getFirst();
    FrameCut cut = ((Lease.Render) older.work()).cut();
    Lease newer =
        new Lease(
            new LeaseId(50), task, new AgentName("b"), 2, new Lease.Render(List.of(cell), cut));
    farm.decide(new FarmEvent.TaskStopped(task));
    List<Effect> effects =
        farm.ready(
            TaskSpec.fresh(task, "frame", 1, Strategy.TILES, 0, Instant.EPOCH)
                .goingOn(Optional.of(new FramePlan(cut, SCENE)), List.of(), List.of(older, newer)));
    assertThat(effects)
        .contains(new Effect.Revoke(A, older.id(), older.attempt()))
        .contains(new Effect.Forget(older.agent(), older.id()));
    assertThat(farm.leases("b")).containsExactly(newer);
    assertThat(farm.decide(late)).singleElement().isInstanceOf(Effect.Drop.class);
  }

  /** A frame of which each agent has opened the scene and has two cells. */
  private TaskName rendering(String... agents) {
    for (String agent : agents) {
      farm.rejoin(agent, MACHINE, List.of());
    }
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    for (String agent : agents) {
      farm.work(agent);
      assertThat(farm.cells(agent)).hasSize(2);
    }
    return task;
  }

  /** Agent a is back when there is something more urgent to do. */
  private void comeBackBusy(List<HeldLease> held) {
    TaskName urgent = farm.run("urgent", SCENE);
    farm.decide(new FarmEvent.TaskPrioritized(urgent, 1));
    farm.comeBack("a", held);
  }

  private void pauseUnheard(TaskName task) {
    farm.answersSteals = false;
    farm.decide(new FarmEvent.TaskPaused(task));
  }

  private static FarmEvent returned(Lease lease, Set<Integer> cells) {
    return new FarmEvent.CellsReturned(lease.agent(), lease.id(), lease.attempt(), cells);
  }

  private static List<Cell> cells(Lease lease) {
    return TestingFarm.cells(lease);
  }
}
