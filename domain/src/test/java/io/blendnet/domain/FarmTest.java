package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FarmTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);
  private static final SceneFacts SMALL = TestingScene.fixed(64, 64, 8);

  private final TestingFarm farm = new TestingFarm();

  @Test
  void anAgentOpensTheSceneBeforeItRenders() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.lease("a").work()).isEqualTo(new Lease.Open());
    assertThat(farm.leases("a")).hasSize(1);

    List<Effect> effects = farm.work("a");
    assertThat(effects).hasAtLeastOneElementOfType(Effect.Plan.class);
    assertThat(farm.leases("a")).hasSizeGreaterThan(1).allMatch(FarmTest::renders);
    assertThat(farm.view(task).waiting()).isEmpty();
  }

  @Test
  void aTaskWaitsForAnAgentAndSaysSo() {
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.view(task).state()).isEqualTo(TaskState.PENDING);
    assertThat(farm.view(task).waiting()).isEqualTo("no agent is connected");
    farm.join("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void aSingleAgentRendersAssemblesAndComposesAFrame() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.renderAll(task, "a");
    assertExactlyOnce(task, SCENE);
    assertThat(farm.leases("a")).as("nothing to do while the frame is assembled").isEmpty();
    assertThat(farm.assembled(task)).hasAtLeastOneElementOfType(Effect.Grant.class);
    assertThat(farm.lease("a").work()).isEqualTo(new Lease.Compose());
    assertThat(farm.work("a"))
        .containsExactly(new Effect.Enter(task, TaskState.COMPLETED, "the picture is there"));
    assertThat(farm.farm.taskViews()).isEmpty();
  }

  @Test
  void twoAgentsRenderTilesOfOneFrame() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.renderAll(task, "a", "b");
    assertExactlyOnce(task, SCENE);
    for (AgentView agent : farm.farm.agentViews()) {
      assertThat(agent.task()).as("the frame is rendered").isEmpty();
    }
    assertThat(farm.stored(task)).allMatch(cell -> cell.samples().size() == 64);
  }

  @Test
  void theThinRangeIsStoredOfTheWholeFrameBeforeMuchOfTheRestIs() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE);
    farm.renderAll(task, "a", "b");
    List<Cell> stored = farm.stored(task);
    List<Cell> thin = stored.stream().filter(cell -> cell.samples().first() == 0).toList();
    assertThat(thin).allMatch(cell -> cell.samples().equals(new SampleRange(0, 4)));
    assertThat(stored.subList(0, thin.size() - 1))
        .as("one agent's cell may come first")
        .filteredOn(cell -> cell.samples().first() > 0)
        .hasSizeLessThanOrEqualTo(1);
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void theDeathOfAnAgentOpensExactlyWhatHadNotArrived() {
    List<String> agents = List.of("a", "b", "c");
    agents.forEach(farm::join);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    agents.forEach(farm::work);
    agents.forEach(farm::work);
    Ledger ledger = farm.ledger(task);
    long stored = ledger.storedWork();
    List<Cell> lost = farm.cells("a");
    List<Cell> others = Stream.concat(farm.cells("b").stream(), farm.cells("c").stream()).toList();
    assertThat(lost).isNotEmpty();
    assertThat(stored).isPositive();

    String loss =
        lost.stream()
            .map(Cell::toString)
            .collect(Collectors.joining(", ", "Agent a left: connection lost; open again: ", ""));
    assertThat(farm.leave("a")).containsExactly(new Effect.Note(task, loss));
    assertThat(ledger.storedWork()).isEqualTo(stored);
    assertThat(ledger.leasedWork()).isEqualTo(work(others));
    assertThat(lost).noneMatch(ledger::isLeased);
    assertThat(others).allMatch(ledger::isLeased);
    farm.renderAll(task, "b", "c");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void anIdleAgentTakesOverAtOnceWhatAnotherLost() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE, Strategy.FRAME, 0);
    farm.work("b");
    farm.work("a");
    assertThat(farm.leases("a")).isEmpty();
    List<Cell> lost = farm.cells("b");
    farm.leave("b");
    assertThat(farm.cells("a")).isEqualTo(lost);
    assertThat(farm.lease("a").attempt()).isEqualTo(2);
    assertThat(farm.view(task).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void aTaskWhoseOnlyAgentDiesIsPendingUntilAnotherComes() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.work("a");
    double done = farm.view(task).done();
    assertThat(farm.leave("a"))
        .contains(new Effect.Enter(task, TaskState.PENDING, "no agent is connected"));
    assertThat(farm.view(task).done()).isEqualTo(done).isPositive();
    farm.join("b");
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    farm.renderAll(task, "b");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aTaskWhoseOnlyOpenerDiesIsOpenedByAnother() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.leave("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    farm.join("b");
    assertThat(farm.lease("b").work()).isEqualTo(new Lease.Open());
  }

  @Test
  void anAgentThatStartsAnewLosesItsLeasesAndGetsOthers() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    List<Lease> before = farm.leases("a");
    farm.join("a");
    assertThat(farm.leases("a")).hasSize(1).doesNotContainAnyElementsOf(before);
    assertThat(farm.lease("a").work()).isEqualTo(new Lease.Open());
    assertThat(farm.ledger(task).leasedWork()).isZero();
  }

  @Test
  void aResultOfAnOldLeaseChangesNothingAndIsDropped() {
    farm.join("a");
    farm.run("frame", SCENE);
    farm.work("a");
    FarmEvent late = farm.result("a");
    Lease lease = farm.lease("a");
    farm.leave("a");
    farm.join("a");
    List<Object> before = farm.picture();
    assertThat(farm.decide(late))
        .containsExactly(new Effect.Drop(lease.agent(), lease.id(), lease.attempt()));
    assertThat(farm.picture()).isEqualTo(before);
  }

  @Test
  void aResultThatComesTwiceCountsOnce() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    FarmEvent result = farm.result("a");
    assertThat(farm.decide(result)).hasAtLeastOneElementOfType(Effect.Keep.class);
    List<Object> before = farm.picture();
    assertThat(farm.decide(result)).singleElement().isInstanceOf(Effect.Drop.class);
    assertThat(farm.picture()).isEqualTo(before);
    assertThat(farm.view(task).cellsStored()).isEqualTo(1);
  }

  @Test
  void aResultOfAnotherAttemptOrAgentOrCellChangesNothing() {
    farm.join("a");
    farm.join("b");
    farm.run("frame", SCENE);
    farm.work("a");
    Lease lease = farm.lease("a");
    List<Object> before = farm.picture();
    for (FarmEvent wrong :
        List.of(
            arrived(lease.agent(), lease, 1, 0),
            arrived(new AgentName("b"), lease, 0, 0),
            arrived(lease.agent(), lease, 0, 99))) {
      assertThat(farm.decide(wrong)).singleElement().isInstanceOf(Effect.Drop.class);
      assertThat(farm.picture()).isEqualTo(before);
    }
    for (FarmEvent wrong :
        List.of(
            new FarmEvent.SceneOpened(lease.agent(), lease.id(), lease.attempt(), SCENE),
            new FarmEvent.PictureArrived(lease.agent(), lease.id(), lease.attempt()),
            new FarmEvent.LeaseFailed(
                lease.agent(),
                lease.id(),
                lease.attempt() + 1,
                FailureKind.SCENE,
                "late",
                List.of()),
            new FarmEvent.FrameAssembled(lease.task()),
            new FarmEvent.CellsProvedBad(lease.task(), farm.cells("a"), "late"),
            new FarmEvent.AgentAway(new AgentName("nobody"), Absence.LOST, "late"),
            new FarmEvent.TaskStopped(new TaskName("nothing")),
            new FarmEvent.TaskBroke(new TaskName("nothing"), "late"))) {
      assertThat(farm.decide(wrong)).as("%s", wrong).isEmpty();
      assertThat(farm.picture()).isEqualTo(before);
    }
  }

  @Test
  void aSceneThatFailsOnTheOnlyAgentEndsTheTaskWithItsMessage() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.fail("a", FailureKind.SCENE, "The scene has no camera."))
        .contains(new Effect.Enter(task, TaskState.ERROR, "The scene has no camera."));
    assertThat(farm.leases("a")).isEmpty();
  }

  @Test
  void aSceneThatFailsOnOneAgentIsTriedByAnother() {
    farm.join("old");
    farm.join("new");
    TaskName task = farm.run("frame", SCENE);
    farm.fail("old", FailureKind.SCENE, "The file was saved by a newer Blender.");
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    assertThat(farm.leases("old")).isEmpty();
    farm.renderAll(task, "new");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aSceneThatFailsEverywhereIsNotTriedByEveryAgent() {
    for (int i = 0; i < 10; i++) {
      farm.join("agent-" + i);
    }
    TaskName task = farm.run("frame", SCENE);
    farm.fail("agent-0", FailureKind.SCENE, "no camera");
    farm.fail("agent-1", FailureKind.SCENE, "no camera");
    assertThat(farm.fail("agent-2", FailureKind.SCENE, "no camera"))
        .contains(new Effect.Enter(task, TaskState.ERROR, "no camera"))
        .filteredOn(Effect.Revoke.class::isInstance)
        .hasSize(7);
    assertThat(farm.farm.liveLeases()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"MEMORY", "BLENDER"})
  void anAgentThatFailsTwiceInARowGetsNoMoreOfTheTask(FailureKind kind) {
    farm.join("bad");
    farm.join("good");
    TaskName task = farm.run("frame", SCENE);
    farm.work("good");
    farm.fail("bad", kind, "killed by signal 9");
    assertThat(farm.lease("bad").work()).as("one more try").isEqualTo(new Lease.Open());
    farm.work("bad");
    assertThat(farm.fail("bad", kind, "killed by signal 9"))
        .contains(new Effect.Note(task, "Agent bad gets no more of this task: killed by signal 9"));
    assertThat(farm.leases("bad")).isEmpty();
    assertThat(farm.ledger(task).leasedWork()).isEqualTo(work(farm.cells("good")));
    farm.renderAll(task, "good");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aMachineThatCannotRenderGetsNoMoreOfTheTaskAtOnce() {
    farm.join("full");
    farm.join("good");
    TaskName task = farm.run("frame", SCENE);
    farm.work("good");
    farm.fail("full", FailureKind.MACHINE, "the disk is full");
    assertThat(farm.leases("full")).isEmpty();
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    TaskName next = farm.run("next", SCENE);
    assertThat(farm.lease("full").task()).as("it may try another task").isEqualTo(next);
  }

  @Test
  void aTaskThatEveryAgentFailedOnEndsWithTheLatestFailure() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE);
    farm.fail("a", FailureKind.MACHINE, "the disk is full");
    farm.fail("b", FailureKind.MEMORY, "out of memory");
    assertThat(farm.fail("b", FailureKind.MEMORY, "out of memory"))
        .contains(new Effect.Enter(task, TaskState.ERROR, "Agent b: out of memory"));
  }

  @Test
  void aFailureAfterASuccessIsTheFirstInARowAgain() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    for (int i = 0; i < 5; i++) {
      farm.fail("a", FailureKind.BLENDER, "crashed");
      farm.work("a");
      farm.work("a");
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void anAgentThatWasSetAsideMayTryAgainWhenItComesBack() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE);
    farm.fail("a", FailureKind.MACHINE, "the disk is full");
    farm.leave("b");
    assertThat(farm.view(task).waiting()).isEqualTo("waits for another agent: a the disk is full");
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    farm.join("a");
    assertThat(farm.lease("a").task()).isEqualTo(task);
  }

  @Test
  void anAgentOfAnotherBlenderVersionDoesNotRenderThisFrame() {
    farm.join("a");
    farm.join("b", TestingScene.OTHER_BLENDER, 1_000_000);
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.work("b");
    assertThat(farm.leases("b")).isEmpty();
    assertThat(farm.notes())
        .contains(
            "Agent b gets no more of this task: has Blender 4.5.3, the frame was begun with 3.4.1");
    farm.renderAll(task, "a");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aBegunFrameWaitsForItsBlenderVersionAndSaysSo() {
    farm.join("a");
    farm.join("b", TestingScene.OTHER_BLENDER, 1_000_000);
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.work("a");
    farm.leave("a");
    farm.work("b");
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    assertThat(farm.view(task).waiting())
        .isEqualTo("waits for another agent: b has Blender 4.5.3, the frame was begun with 3.4.1");
    farm.join("c");
    farm.renderAll(task, "c");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aFrameOfWhichNothingIsRenderedIsPlannedAnewForTheBlenderThatIsThere() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.leave("a");
    farm.join("b", TestingScene.OTHER_BLENDER, 1_000_000);
    assertThat(farm.work("b"))
        .filteredOn(Effect.Plan.class::isInstance)
        .map(effect -> ((Effect.Plan) effect).plan().facts().blender())
        .containsExactly(TestingScene.OTHER_BLENDER);
    farm.renderAll(task, "b");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aRefusedStrategyEndsTheTaskForAllAgents() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", TestingScene.adaptive(640, 360, 64), Strategy.SAMPLES, 0);
    assertThat(farm.work("a"))
        .hasAtLeastOneElementOfType(Effect.Revoke.class)
        .last()
        .isInstanceOfSatisfying(
            Effect.Enter.class,
            enter -> {
              assertThat(enter.state()).isEqualTo(TaskState.ERROR);
              assertThat(enter.reason()).contains("Adaptive sampling is on.");
            });
    assertThat(farm.farm.ledger(task)).isEmpty();
    assertThat(farm.farm.liveLeases()).isEmpty();
  }

  @Test
  void noMoreAgentsThanTheLimitWorkOnATask() {
    for (String agent : List.of("a", "b", "c")) {
      farm.join(agent);
    }
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 2);
    assertThat(farm.leases("c")).isEmpty();
    farm.work("a");
    farm.work("b");
    assertThat(farm.leases("c")).isEmpty();
    farm.leave("a");
    assertThat(farm.lease("c").task()).as("the place of the agent that left").isEqualTo(task);
  }

  @Test
  void theLimitHoldsForTheCompositionToo() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL, Strategy.AUTO, 1);
    farm.renderAll(task, "a");
    farm.join("b");
    farm.assembled(task);
    assertThat(farm.farm.liveLeases())
        .singleElement()
        .extracting(Lease::work)
        .isEqualTo(new Lease.Compose());
  }

  @Test
  void withMoreFramesThanAgentsEachAgentRendersAWholeFrame() {
    List<TaskName> tasks =
        Stream.of("1", "2", "3", "4").map(name -> farm.run(name, SCENE)).toList();
    farm.join("a");
    farm.join("b");
    assertThat(farm.lease("a").task()).isEqualTo(tasks.get(0));
    assertThat(farm.lease("b").task()).isEqualTo(tasks.get(1));
    while (!farm.isAssembling(tasks.get(0))) {
      farm.work("a");
      assertThat(farm.leases("b")).allMatch(lease -> lease.task().equals(tasks.get(1)));
    }
    assertExactlyOnce(tasks.get(0), SCENE);
    assertThat(farm.lease("a").task()).as("the oldest that nobody is at").isEqualTo(tasks.get(2));
  }

  @Test
  void anAgentThatHelpedToOpenAFrameGoesToOneThatNobodyIsAt() {
    farm.join("a");
    farm.join("b");
    TaskName first = farm.run("1", SCENE);
    TaskName second = farm.run("2", SCENE);
    farm.work("a");
    assertThat(farm.lease("a").task()).isEqualTo(second);
    farm.work("b");
    assertThat(farm.lease("b").task()).isEqualTo(first);
  }

  @Test
  void theNextSceneIsOpenedBehindTheLastCellOfAFrame() {
    farm.join("a");
    farm.run("1", TestingScene.fixed(64, 64, 8), Strategy.FRAME, 0);
    TaskName next = farm.run("2", SCENE);
    farm.work("a");
    assertThat(farm.leases("a")).map(Lease::work).last().isEqualTo(new Lease.Open());
    assertThat(farm.leases("a")).map(Lease::task).last().isEqualTo(next);
  }

  @Test
  void withMoreAgentsThanFramesAllAgentsHaveWork() {
    for (int i = 0; i < 6; i++) {
      farm.join("agent-" + i);
    }
    farm.run("1", SCENE, Strategy.TILES, 0);
    farm.run("2", SCENE, Strategy.TILES, 0);
    for (int i = 0; i < 6; i++) {
      farm.work("agent-" + i);
    }
    Set<TaskName> ofAgents =
        farm.farm.liveLeases().stream().map(Lease::task).collect(Collectors.toSet());
    assertThat(ofAgents).hasSize(2);
    for (int i = 0; i < 6; i++) {
      assertThat(farm.leases("agent-" + i)).as("agent-%d", i).isNotEmpty();
    }
  }

  @Test
  void aLateJoinerGetsWorkAtOnce() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.join("b");
    assertThat(farm.lease("b").task()).isEqualTo(task);
    farm.work("b");
    assertThat(farm.cells("b")).isNotEmpty();
  }

  @Test
  void aStoppedTaskKeepsItsCellsAndGoesOnWhenItIsRunAgain() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.work("a");
    farm.work("a");
    double done = farm.view(task).done();
    List<Cell> stored = farm.stored(task);
    List<Lease> live = farm.leases("a");
    FarmEvent late = farm.result("a");

    List<Effect> effects = farm.decide(new FarmEvent.TaskStopped(task));
    assertThat(effects)
        .containsExactlyElementsOf(
            Stream.concat(
                    live.stream().flatMap(FarmTest::ended),
                    Stream.of(new Effect.Enter(task, TaskState.STOPPED, "stopped by the user")))
                .toList());
    assertThat(farm.farm.liveLeases()).isEmpty();
    assertThat(farm.decide(late)).singleElement().isInstanceOf(Effect.Drop.class);

    assertThat(farm.runAgain(task)).noneMatch(Effect.Plan.class::isInstance);
    assertThat(farm.view(task).done()).isEqualTo(done).isPositive();
    assertThat(farm.view(task).cellsStored()).isEqualTo(stored.size());
    assertThat(farm.decide(late)).singleElement().isInstanceOf(Effect.Drop.class);
    farm.renderAll(task, "a");
    assertExactlyOnce(task, SCENE);
    assertThat(farm.stored(task)).containsAll(stored);
  }

  @Test
  void aTaskThatWasStoppedWhileItWasAssembledIsAssembledAgain() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.decide(new FarmEvent.TaskStopped(task));
    assertThat(farm.runAgain(task))
        .containsExactly(
            new Effect.Enter(task, TaskState.RUNNING, "assembling the frame"),
            new Effect.Assemble(task));
  }

  @Test
  void aTaskCanBeStoppedWhileItIsComposed() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.assembled(task);
    Lease lease = farm.lease("a");
    assertThat(farm.decide(new FarmEvent.TaskStopped(task)))
        .containsExactly(
            new Effect.Revoke(lease.agent(), lease.id(), lease.attempt()),
            new Effect.Enter(task, TaskState.STOPPED, "stopped by the user"));
  }

  @Test
  void anEventOfAnEndedTaskChangesNothing() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.assembled(task);
    FarmEvent picture = farm.result("a");
    farm.decide(picture);
    for (FarmEvent late :
        List.of(
            picture,
            new FarmEvent.TaskStopped(task),
            new FarmEvent.FrameAssembled(task),
            new FarmEvent.TaskBroke(task, "late"))) {
      assertThat(farm.decide(late)).as("%s", late).isEmpty();
    }
  }

  @Test
  void aTaskThatIsReadyTwiceIsRenderedOnce() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    List<Object> before = farm.picture();
    assertThat(farm.runAgain(task)).isEmpty();
    assertThat(farm.picture()).isEqualTo(before);
  }

  @Test
  void aCompositionThatFailsIsTriedByAnotherAgent() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE);
    farm.renderAll(task, "a", "b");
    farm.assembled(task);
    String first = farm.farm.liveLeases().getFirst().agent().value();
    String second = first.equals("a") ? "b" : "a";
    farm.fail(first, FailureKind.BLENDER, "crashed");
    assertThat(farm.lease(second).work()).isEqualTo(new Lease.Compose());
    assertThat(farm.lease(second).attempt()).isEqualTo(2);
    farm.work(second);
    assertThat(farm.state(task)).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void aCompositionThatAlwaysFailsEndsTheTaskAfterThreeTries() {
    for (String agent : List.of("a", "b", "c", "d")) {
      farm.join(agent);
    }
    TaskName task = farm.run("frame", SCENE);
    farm.renderAll(task, "a", "b", "c", "d");
    farm.assembled(task);
    int tries = 0;
    while (farm.state(task) == TaskState.RUNNING) {
      Lease lease = farm.farm.liveLeases().getFirst();
      assertThat(lease.work()).isEqualTo(new Lease.Compose());
      farm.fail(lease.agent().value(), FailureKind.BLENDER, "crashed");
      tries++;
    }
    assertThat(tries).isEqualTo(3);
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
  }

  @Test
  void anAgentThatDiesWhileItComposesIsNotTheTasksFault() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.assembled(task);
    for (int i = 0; i < 5; i++) {
      farm.join("a");
      farm.work("a");
      assertThat(farm.lease("a").work()).isEqualTo(new Lease.Compose());
    }
    farm.work("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void aCompositionThatKillsEveryMachineEndsTheTaskInTheEnd() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.assembled(task);
    int lives = 0;
    while (farm.state(task) == TaskState.RUNNING) {
      farm.join("a");
      if (!farm.leases("a").isEmpty()) {
        farm.work("a");
      }
      assertThat(lives++).isLessThan(20);
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
  }

  @Test
  void thePictureIsMadeByAnAgentWithTheFramesBlender() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.leave("a");
    farm.join("b", TestingScene.OTHER_BLENDER, 1_000_000);
    farm.assembled(task);
    farm.work("b");
    assertThat(farm.leases("b")).isEmpty();
    assertThat(farm.view(task).waiting()).contains("b has Blender 4.5.3");
    farm.join("c");
    farm.work("c");
    assertThat(farm.lease("c").work()).isEqualTo(new Lease.Compose());
  }

  @Test
  void aTaskThatIsComposedWhenItsLastAgentFailsEnds() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.assembled(task);
    farm.fail("a", FailureKind.MACHINE, "the disk is full");
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
  }

  @Test
  void aLateOpenerDoesNotDelayThePicture() {
    farm.join("a");
    farm.join("slow");
    TaskName task = farm.run("frame", SMALL);
    while (!farm.isAssembling(task)) {
      farm.work("a");
    }
    assertThat(farm.lease("slow").work()).isEqualTo(new Lease.Open());
    farm.assembled(task);
    assertThat(farm.lease("a").work()).isEqualTo(new Lease.Compose());
    farm.work("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.COMPLETED);
    assertThat(farm.leases("slow")).isEmpty();
  }

  @Test
  void aLateOpenerThatFailsDoesNotEndARenderedFrame() {
    farm.join("a");
    farm.join("late");
    TaskName task = farm.run("frame", SMALL);
    while (!farm.isAssembling(task)) {
      farm.work("a");
    }
    farm.fail("late", FailureKind.SCENE, "cannot read the file");
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    farm.assembled(task);
    farm.work("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void aTaskThatTheManagerCannotGoOnWithStopsAndSaysWhy() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    assertThat(farm.decide(new FarmEvent.TaskBroke(task, "The disk is full")))
        .endsWith(new Effect.Enter(task, TaskState.STOPPED, "The disk is full"));
    assertThat(farm.farm.liveLeases()).isEmpty();
  }

  @Test
  void brokenTransfersSetAnAgentAsideOnlyAfterMany() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    for (int i = 1; i <= 5; i++) {
      farm.fail("a", FailureKind.LINK, "the line broke");
      assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
      assertThat(farm.farm.liveLeases()).isNotEmpty();
      if (farm.farm.liveLeases().getFirst().work() instanceof Lease.Open) {
        farm.work("a");
      }
    }
    farm.fail("a", FailureKind.LINK, "the line broke");
    assertThat(farm.farm.liveLeases()).isEmpty();
    assertThat(farm.state(task)).as("the scene is not to blame").isEqualTo(TaskState.PENDING);
    assertThat(farm.view(task).waiting()).isEqualTo("waits for another agent: a the line broke");
  }

  @Test
  void aRestoredTaskRendersOnlyWhatIsMissing() {
    FrameCut cut =
        switch (FrameCut.decide(Strategy.AUTO, SCENE)) {
          case FrameCut.Decision.Taken(FrameCut taken) -> taken;
          case FrameCut.Decision.Refused(String reason) -> throw new AssertionError(reason);
        };
    TaskName task = farm.run("frame", SCENE);
    farm.decide(new FarmEvent.TaskStopped(task));
    Cell thin = new Cell(SCENE.size().whole(), new SampleRange(0, 4));
    Cell part = new Cell(new Tile(0, 0, 320, 360), new SampleRange(4, 64));
    farm.decide(
        new FarmEvent.TaskReady(
            TaskSpec.fresh(task, "frame", 1, Strategy.AUTO, 0, Instant.EPOCH)
                .goingOn(
                    Optional.of(new FramePlan(cut, SCENE)), List.of(thin, part, part), List.of())));
    assertThat(farm.view(task).cellsStored()).isEqualTo(2);
    assertThat(farm.ledger(task).openWork()).isEqualTo(320L * 360 * 60);
    farm.join("a");
    farm.renderAll(task, "a");
    assertThat(farm.stored(task)).allMatch(cell -> cell.tile().x() >= 320);
    assertThat(work(farm.stored(task))).isEqualTo(320L * 360 * 60);
  }

  @Test
  void cellsThatProvedBadAreRenderedAgainAndNoOthers() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE);
    farm.renderAll(task, "a", "b");
    Cell bad = farm.stored(task).getLast();
    int stored = farm.view(task).cellsStored();
    assertThat(proveBad(task, List.of(bad))).contains(new Effect.Note(task, "all black"));
    assertThat(farm.view(task).cellsStored()).isEqualTo(stored - 1);
    assertThat(
            work(
                    farm.farm.liveLeases().stream()
                        .flatMap(lease -> TestingFarm.cells(lease).stream())
                        .toList())
                + farm.ledger(task).openWork())
        .isEqualTo(bad.work());
    farm.renderAll(task, "a", "b");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void anAgentWhoseCellsProveBadTwiceGetsNoMoreOfTheTask() {
    farm.join("bad");
    farm.join("good");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.renderAll(task, "bad");
    proveBad(task, farm.stored(task));
    assertThat(farm.leases("bad")).as("once is no proof of a bad agent").isNotEmpty();
    farm.renderAll(task, "bad");
    proveBad(task, farm.stored(task));
    assertThat(farm.notes()).contains("Agent bad gets no more of this task: its cells proved bad");
    assertThat(farm.leases("bad")).isEmpty();
    farm.renderAll(task, "good");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void aFrameThatProvesBadAgainOnTheOnlyAgentEndsTheTask() {
    farm.join("bad");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.renderAll(task, "bad");
    proveBad(task, farm.stored(task));
    farm.renderAll(task, "bad");
    assertThat(proveBad(task, farm.stored(task)))
        .endsWith(new Effect.Enter(task, TaskState.ERROR, "all black"));
    assertThat(farm.farm.liveLeases()).isEmpty();
  }

  @Test
  void aFrameThatCannotBeAssembledThoughNoStoredCellIsBadEndsTheTask() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    assertThat(farm.decide(new FarmEvent.CellsProvedBad(task, List.of(), "no way to assemble it")))
        .containsExactly(new Effect.Enter(task, TaskState.ERROR, "no way to assemble it"));
  }

  @Test
  void cellsGrowUntilTheirFixedCostIsBelowThreePercent() {
    farm.join("a", TestingScene.BLENDER, 500_000);
    TaskName task = farm.run("frame", TestingScene.fixed(1920, 1080, 15));
    farm.work("a");
    List<Long> works =
        Stream.generate(
                () -> {
                  long work = farm.cells("a").getFirst().work();
                  farm.work("a");
                  return work;
                })
            .limit(12)
            .toList();
    assertThat(works.getFirst()).as("about a second at the assumed speed").isLessThan(300_000);
    double seconds = works.getLast() / 500_000.0;
    double fixed = 0.06;
    assertThat(fixed / (fixed + seconds)).isLessThan(0.04);
    assertThat(seconds).isBetween(0.7 * 2, 1.4 * 2.0);
    assertThat(farm.view(task).remaining()).isPresent();
  }

  @Test
  void tilesWithOverscanAreLargeEnoughForItToCostATenth() {
    farm.join("a", TestingScene.BLENDER, 500_000);
    TaskName task = farm.run("frame", TestingScene.adaptive(1920, 1080, 64));
    for (int i = 0; i < 8; i++) {
      farm.work("a");
    }
    Cell cell = farm.cells("a").getFirst();
    Tile rendered = cell.tile().grown(FrameCut.ADAPTIVE_OVERSCAN, new FrameSize(1920, 1080));
    assertThat((double) rendered.area() / cell.tile().area()).isLessThan(1.15);
    assertThat(cell.work() / 500_000.0).as("seconds").isLessThan(10);
    assertThat(farm.view(task).remaining()).isPresent();
  }

  @Test
  void aSlowAgentsCellsAreShorterThanAFastOnes() {
    farm.join("fast", TestingScene.BLENDER, 4_000_000);
    farm.join("slow", TestingScene.BLENDER, 400_000);
    farm.run("frame", TestingScene.fixed(3840, 2160, 15));
    for (int i = 0; i < 12; i++) {
      farm.work("fast");
      farm.work("slow");
    }
    assertThat(farm.cells("fast").getLast().work())
        .isGreaterThan(4 * farm.cells("slow").getLast().work());
  }

  @Test
  void towardsTheEndCellsShrinkSoThatAgentsFinishTogether() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", TestingScene.adaptive(1280, 720, 64));
    farm.renderAll(task, "a", "b");
    List<Cell> cells = farm.stored(task);
    long largest = cells.stream().mapToLong(Cell::work).max().orElseThrow();
    assertThat(cells.getLast().work()).isLessThanOrEqualTo(largest / 2);
    assertThat(cells.getLast().work() / 1e6).as("seconds").isGreaterThan(0.4);
  }

  @Test
  void aSingleAgentsCellsDoNotShrinkAtTheEnd() {
    farm.join("a");
    TaskName task = farm.run("frame", TestingScene.adaptive(1280, 720, 64));
    farm.renderAll(task, "a");
    List<Cell> cells = farm.stored(task);
    long largest = cells.stream().mapToLong(Cell::work).max().orElseThrow();
    assertThat(cells.subList(cells.size() - 4, cells.size()))
        .anyMatch(cell -> cell.work() > largest / 2);
  }

  @Test
  void anAgentIsNeverGivenMoreThanAFewCellsAhead() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE);
    while (!farm.isAssembling(task)) {
      for (String agent : List.of("a", "b")) {
        assertThat(farm.cells(agent)).hasSizeLessThanOrEqualTo(2);
        if (!farm.leases(agent).isEmpty()) {
          farm.work(agent);
        }
      }
    }
  }

  @Test
  void aClockThatIsWrongOnAnAgentDoesNotStopTheFarm() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    Lease lease = farm.lease("a");
    Duration past = Duration.ofDays(-400);
    Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
    farm.decide(
        new FarmEvent.CellArrived(
            lease.agent(),
            lease.id(),
            lease.attempt(),
            0,
            new CellTimings(past, ages, past, ages),
            CellLooks.FINE));
    farm.renderAll(task, "a");
    assertExactlyOnce(task, SCENE);
  }

  @Test
  void theShareOfAnAgentIsWhatCameFromIt() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.work("a");
    farm.work("b");
    farm.work("a");
    AgentView view = farm.farm.agentViews().getFirst();
    assertThat(view.name()).isEqualTo(new AgentName("a"));
    assertThat(view.share()).isEqualTo(farm.view(task).done()).isPositive();
    assertThat(view.cellsStored()).isEqualTo(1);
    assertThat(farm.farm.agentViews().getLast().share()).isZero();
    assertThat(farm.view(task).cellsLeased())
        .isEqualTo(farm.cells("a").size() + farm.cells("b").size());
  }

  @Test
  void leasesAreNumberedFromTheGivenNumberOn() {
    Farm later = new Farm(new LeaseId(77), FarmRules.DEFAULT);
    assertThat(later.nextLease()).isEqualTo(new LeaseId(77));
  }

  @Test
  void anAgentHasAtLeastOneCore() {
    assertThatThrownBy(() -> new AgentMachine("boot", 0, 0, false)).hasMessageContaining("not 0");
  }

  private void assertExactlyOnce(TaskName task, SceneFacts scene) {
    List<Cell> cells = farm.stored(task);
    assertThat(work(cells)).isEqualTo(scene.size().area() * scene.samples());
    for (Cell one : cells) {
      assertThat(cells)
          .filteredOn(
              other -> one.tile().overlaps(other.tile()) && one.samples().overlaps(other.samples()))
          .containsExactly(one);
    }
  }

  private List<Effect> proveBad(TaskName task, List<Cell> cells) {
    farm.forgetAssembly(task);
    farm.forgetStored(task, cells);
    return farm.decide(new FarmEvent.CellsProvedBad(task, cells, "all black"));
  }

  private static FarmEvent arrived(AgentName agent, Lease lease, int moreAttempts, int cell) {
    return new FarmEvent.CellArrived(
        agent,
        lease.id(),
        lease.attempt() + moreAttempts,
        cell,
        TestingFarm.timings(1),
        CellLooks.FINE);
  }

  /** What the end of a lease with cells brings about. */
  private static Stream<Effect> ended(Lease lease) {
    return Stream.of(
        new Effect.Forget(lease.agent(), lease.id()),
        new Effect.Revoke(lease.agent(), lease.id(), lease.attempt()));
  }

  private static long work(List<Cell> cells) {
    return cells.stream().mapToLong(Cell::work).sum();
  }

  private static boolean renders(Lease lease) {
    return lease.work() instanceof Lease.Render;
  }
}
