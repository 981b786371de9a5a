package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which task comes next, and why one waits. */
class FarmQueueTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);
  private static final SceneFacts SMALL = TestingScene.fixed(64, 64, 8);
  private static final AgentName A = new AgentName("a");
  private static final Duration IDLE = FarmRules.DEFAULT.agentIdle();

  private final TestingFarm farm = new TestingFarm();

  @Test
  void agentsGoToTheHighestPriorityFirst() {
    farm.run("low", SCENE, -1, false);
    farm.run("usual", SCENE, 0, false);
    TaskName high = farm.run("high", SCENE, 7, false);
    farm.join("a");
    assertThat(farm.lease("a").task()).isEqualTo(high);
  }

  @Test
  void ofOnePriorityTheOldestComesFirst() {
    TaskName first = farm.run("z", SCENE, 3, false);
    farm.run("a", SCENE, 3, false);
    farm.join("a");
    assertThat(farm.lease("a").task()).isEqualTo(first);
  }

  @Test
  void aHigherPriorityComesBeforeTheTaskThatAnAgentIsAt() {
    farm.join("a");
    TaskName usual = farm.run("usual", SCENE);
    farm.work("a");
    TaskName urgent = farm.run("urgent", SCENE, 1, false);
    farm.work("a");
    assertThat(farm.leases("a").getFirst().task()).as("what it has it does").isEqualTo(usual);
    assertThat(farm.leases("a").getLast())
        .satisfies(next -> {
          assertThat(next.task()).isEqualTo(urgent);
          assertThat(next.work()).isEqualTo(new Lease.Open());
        });
    while (farm.farm.ledger(urgent).filter(ledger -> ledger.openWork() == 0).isEmpty()) {
      farm.work("a");
      assertThat(farm.leases("a").getLast().task()).isEqualTo(urgent);
    }
  }

  @Test
  void aLowerPriorityIsNotBegunBeforeTheHigherIsLeased() {
    TaskName high = farm.run("high", SCENE, 1, false);
    farm.run("low", SCENE, 0, false);
    farm.join("a");
    farm.join("b");
    farm.work("a");
    assertThat(farm.farm.liveLeases()).allMatch(lease -> lease.task().equals(high));
  }

  @Test
  void aWaitingTaskThatIsPrioritizedIsTheNext() {
    farm.join("a");
    farm.run("1", SCENE);
    farm.run("2", SCENE);
    TaskName third = farm.run("3", SCENE);
    assertThat(prioritize(third, 1)).isEmpty();
    assertThat(farm.view(third).priority()).isEqualTo(1);
    farm.join("b");
    assertThat(farm.lease("b").task()).isEqualTo(third);
  }

  @Test
  void aTaskThatIsPutBackIsLeftForTheOthers() {
    farm.join("a");
    TaskName first = farm.run("1", SCENE);
    TaskName second = farm.run("2", SCENE);
    farm.work("a");
    prioritize(first, -1);
    farm.work("a");
    assertThat(farm.leases("a").getLast().task()).isEqualTo(second);
  }

  @Test
  void anAgentPrefersAFrameWhoseSceneItHasOpen() {
    farm.join("a");
    TaskName first = farm.runFrameOf("film", 1, SMALL);
    farm.runFrameOf("other", 1, SMALL);
    TaskName second = farm.runFrameOf("film", 2, SMALL);
    farm.renderAll(first, "a");
    assertThat(farm.lease("a").task()).isEqualTo(second);
  }

  @Test
  void nothingOfAPausedTaskIsBegunAndWhatIsInProgressCounts() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.settle("a");
    double done = farm.view(task).done();
    List<Effect> effects = pause(task);
    assertThat(TestingFarm.steals(effects))
        .singleElement()
        .satisfies(steal -> assertThat(steal.lease()).isEqualTo(farm.lease("a").id()));
    assertThat(farm.cells("a")).as("the one in progress").hasSize(1);
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    assertThat(farm.view(task).paused()).isTrue();

    assertThat(farm.work("a"))
        .hasAtLeastOneElementOfType(Effect.Keep.class)
        .contains(new Effect.Enter(task, TaskState.PENDING, "paused by the user"));
    assertThat(farm.view(task).done()).isGreaterThan(done);
    assertThat(farm.view(task).waiting()).isEqualTo("paused by the user");
    assertThat(farm.leases("a")).isEmpty();
  }

  @Test
  void pausingATaskWhoseSceneIsBeingOpenedTakesThatBackToo() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    Lease lease = farm.lease("a");
    assertThat(pause(task))
        .containsExactly(
            new Effect.Revoke(A, lease.id(), lease.attempt()),
            new Effect.Enter(task, TaskState.PENDING, "paused by the user"));
  }

  @Test
  void agentsOfAPausedTaskGoToOthers() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    TaskName other = farm.run("other", SCENE);
    pause(task);
    assertThat(farm.leases("a").getLast().task()).isEqualTo(other);
    farm.renderAll(other, "a");
    farm.requireRenderedOnce(other);
  }

  @Test
  void aPausedTaskGoesOnAtOnceWhenItIsResumed() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    pause(task);
    farm.work("a");
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.decide(new FarmEvent.TaskResumed(task)))
        .hasAtLeastOneElementOfType(Effect.Grant.class)
        .contains(new Effect.Enter(task, TaskState.RUNNING, "agent a works on it"));
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void pausingAndResumingTwiceChangesNothing() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    assertThat(farm.decide(new FarmEvent.TaskResumed(task))).isEmpty();
    pause(task);
    List<Object> before = farm.picture();
    assertThat(pause(task)).isEmpty();
    assertThat(farm.picture()).isEqualTo(before);
  }

  @Test
  void aTaskThatIsResumedBeforeTheAgentAnswersLosesNothing() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.settle("a");
    farm.answersSteals = false;
    Effect.Steal steal = TestingFarm.steals(pause(task)).getFirst();
    farm.decide(new FarmEvent.TaskResumed(task));
    farm.answersSteals = true;
    farm.giveBack(steal);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aTaskMayBeReadyAndPaused() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE, 9, true);
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.view(task).waiting()).isEqualTo("paused by the user");
    farm.decide(new FarmEvent.TaskResumed(task));
    assertThat(farm.lease("a").task()).isEqualTo(task);
  }

  @Test
  void nothingIsStolenForAPausedTask() {
    TaskName task = farm.runLeased("frame", SCENE, "a");
    farm.answersSteals = false;
    pause(task);
    assertThat(farm.join("b")).isEmpty();
    farm.pass(Duration.ofSeconds(1));
    assertThat(farm.leases("b")).isEmpty();
  }

  @Test
  void thePictureOfAPausedTaskIsMadeWhenItIsResumed() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    pause(task);
    farm.assembled(task);
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.view(task).waiting()).isEqualTo("paused by the user");
    farm.decide(new FarmEvent.TaskResumed(task));
    assertThat(farm.lease("a").work()).isEqualTo(new Lease.Compose());
  }

  @Test
  void aPictureThatIsBeingMadeWhenItsTaskIsPausedCounts() {
    farm.join("a");
    TaskName task = farm.run("frame", SMALL);
    farm.renderAll(task, "a");
    farm.assembled(task);
    assertThat(pause(task)).isEmpty();
    farm.work("a");
    assertThat(farm.state(task)).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void aTaskThatEndedAsErrorCanBeRunAgainByTheAgentsThatFailed() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE);
    farm.work("a");
    farm.work("a");
    farm.fail("a", FailureKind.MACHINE, "the disk is full");
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
    List<Cell> stored = farm.stored(task);
    farm.runAgain(task);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
    assertThat(farm.stored(task)).containsAll(stored).hasSizeGreaterThan(stored.size());
  }

  @Test
  void aWaitingTaskSaysWhy() {
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.view(task).waiting()).isEqualTo("no agent is connected");
    farm.join("b");
    farm.away("b", Absence.SILENT);
    farm.pass(FarmRules.DEFAULT.silence());
    assertThat(farm.view(task).waiting()).isEqualTo("no agent is connected");
  }

  @Test
  void aTaskSaysThatNoAgentAnswers() {
    farm.join("a");
    farm.away("a", Absence.SILENT);
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.view(task).waiting()).isEqualTo("no agent answers");
  }

  @Test
  void aTaskSaysThatAllAgentsAreAboutToEnd() {
    farm.join("a");
    farm.decide(new FarmEvent.AgentTerminating(A, "the machine is taken away"));
    TaskName task = farm.run("frame", SCENE);
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.view(task).waiting())
        .isEqualTo("all agents are about to end, or set aside because they fail");
  }

  @Test
  void aTaskSaysThatAllAgentsAreBusy() {
    farm.join("a");
    farm.run("first", SCENE, Strategy.TILES, 0);
    farm.work("a");
    TaskName second = farm.run("second", SCENE);
    assertThat(farm.view(second).waiting()).isEqualTo("all agents are busy with other tasks");
    assertThat(farm.view(second).state()).isEqualTo(TaskState.PENDING);
  }

  @Test
  void aTaskSaysThatItWaitsForAnotherAgent() {
    farm.joinWithMemory("large", 8);
    farm.joinWithMemory("other", 8);
    TaskName task = farm.run("frame", SCENE);
    farm.fail("large", FailureKind.MEMORY, "out of memory");
    farm.fail("large", FailureKind.MEMORY, "out of memory");
    farm.leave("other");
    assertThat(farm.view(task).waiting()).isEqualTo("waits for another agent: large out of memory");
  }

  @Test
  void aTaskSaysThatItWaitsForMoreMemory() {
    farm.joinWithMemory("large", 8);
    farm.joinWithMemory("other", 8);
    TaskName task = farm.run("frame", SCENE);
    farm.fail("large", FailureKind.MEMORY, "out of memory");
    farm.fail("large", FailureKind.MEMORY, "out of memory");
    farm.away("large", Absence.REMOVED);
    farm.away("other", Absence.REMOVED);
    farm.joinWithMemory("small", 4);
    assertThat(farm.leases("small")).isEmpty();
    assertThat(farm.view(task).waiting()).isEqualTo("waits for an agent with more memory");
  }

  @Test
  void anAgentThatIsAboutToEndBeginsNothingAndWhatItGivesBackGoesToOthers() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    farm.work("a");
    farm.work("b");
    Lease inProgress = farm.leases("a").getFirst();
    Lease unbegun = farm.leases("a").getLast();
    assertThat(farm.decide(new FarmEvent.AgentTerminating(A, "SIGTERM")))
        .containsExactly(new Effect.Note(task, "Agent a is about to end: SIGTERM"));
    assertThat(farm.decide(new FarmEvent.AgentTerminating(A, "SIGTERM"))).isEmpty();
    farm.decide(new FarmEvent.CellsReturned(A, unbegun.id(), unbegun.attempt(), Set.of(0)));
    assertThat(farm.leases("a")).containsExactly(inProgress);
    assertThat(farm.work("a")).hasAtLeastOneElementOfType(Effect.Keep.class);
    assertThat(farm.leases("a")).isEmpty();
    farm.renderAll(task, "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aRentedAgentWithNothingToDoIsGivenBack() {
    farm.joinRented("a");
    assertThat(farm.pass(IDLE.minusSeconds(1))).isEmpty();
    assertThat(farm.pass(Duration.ofSeconds(1)))
        .containsExactly(new Effect.GiveBack(A, "it had nothing to do for 300 seconds"));
    assertThat(farm.pass(IDLE)).as("once").isEmpty();
    farm.run("frame", SCENE);
    assertThat(farm.leases("a")).as("it is on its way out").isEmpty();
  }

  @Test
  void anAgentOfOnesOwnIsNotGivenBack() {
    farm.join("a");
    assertThat(farm.pass(IDLE.multipliedBy(100))).isEmpty();
  }

  @Test
  void aRentedAgentThatIsBusyIsNotGivenBack() {
    farm.joinRented("a");
    farm.run("frame", SCENE);
    assertThat(farm.pass(IDLE.multipliedBy(2))).isEmpty();
    farm.work("a");
    assertThat(farm.pass(IDLE.multipliedBy(2))).isEmpty();
  }

  @Test
  void theIdleTimeOfARentedAgentBeginsWithItsLatestResult() {
    farm.joinRented("a");
    TaskName task = farm.run("frame", SMALL, Strategy.FRAME, 0);
    farm.work("a");
    farm.pass(IDLE.minusSeconds(1));
    farm.renderAll(task, "a");
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.pass(IDLE.minusSeconds(1))).isEmpty();
    assertThat(farm.pass(Duration.ofSeconds(1))).hasAtLeastOneElementOfType(Effect.GiveBack.class);
  }

  @Test
  void allTasksGetDoneInTheOrderOfTheirPriorities() {
    List<TaskName> tasks = new ArrayList<>();
    for (int priority : List.of(0, 2, 1)) {
      tasks.add(farm.run("priority-" + priority, SMALL, priority, false));
    }
    farm.join("a");
    List<TaskName> assembled = new ArrayList<>();
    while (!farm.leases("a").isEmpty()) {
      for (Effect effect : farm.work("a")) {
        if (effect instanceof Effect.Assemble(TaskName task)) {
          assembled.add(task);
        }
      }
    }
    assertThat(assembled).containsExactly(tasks.get(1), tasks.get(2), tasks.get(0));
  }

  private List<Effect> pause(TaskName task) {
    return farm.decide(new FarmEvent.TaskPaused(task));
  }

  private List<Effect> prioritize(TaskName task, int priority) {
    return farm.decide(new FarmEvent.TaskPrioritized(task, priority));
  }
}
