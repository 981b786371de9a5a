package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of cells that take too long. */
class FarmPatienceTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestingFarm farm = new TestingFarm();

  @Test
  void aCellThatTakesTooLongGoesToAnAgentThatHasNothingToDo() {
    TaskName task = lastCellAt("slow", "idle");
    Cell cell = farm.cells("slow").getFirst();
    Lease late = farm.lease("slow");
    assertThat(farm.pass(Duration.ofSeconds(30))).isEmpty();
    assertThat(farm.pass(Duration.ofSeconds(10)))
        .contains(
            new Effect.Note(
                task,
                "Agent slow has been at cell %s for 40 seconds, where about 1 were expected; others get it"
                    .formatted(cell)),
            new Effect.Revoke(late.agent(), late.id(), late.attempt()));
    farm.renderAll(task, "idle");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aLateCellThatWasTakenAwayDoesNotCountWhenItComes() {
    lastCellAt("slow", "idle");
    FarmEvent result = farm.result("slow");
    farm.pass(MINUTE);
    assertThat(farm.decide(result)).singleElement().isInstanceOf(Effect.Drop.class);
  }

  @Test
  void withoutIdleAgentsACellIsTakenAwayOnlyMuchLater() {
    lastCellAt("slow");
    assertThat(farm.pass(Duration.ofMinutes(10))).isEmpty();
    assertThat(farm.pass(MINUTE)).hasAtLeastOneElementOfType(Effect.Revoke.class);
  }

  @Test
  void anAgentThatMayNotWorkOnTheTaskIsNoIdleOne() {
    lastCellAt("slow");
    farm.join("other", TestingScene.OTHER_BLENDER, 1e6);
    farm.decide(
        new FarmEvent.AgentTerminating(new AgentName("other"), "the machine is taken away"));
    assertThat(farm.pass(Duration.ofMinutes(5))).isEmpty();
  }

  @Test
  void eachCellThatComesBeginsTheWaitAnew() {
    farm.runLeased("frame", SCENE, "slow", "idle");
    farm.work("idle");
    farm.answersSteals = false;
    while (!farm.leases("idle").isEmpty()) {
      farm.work("idle");
    }
    for (int i = 0; i < 5; i++) {
      assertThat(farm.pass(Duration.ofSeconds(25))).noneMatch(Effect.Revoke.class::isInstance);
      farm.work("slow");
    }
  }

  @Test
  void anAgentOfWhichNoSpeedIsKnownIsNotLate() {
    farm.join("a");
    farm.join("idle");
    farm.run("frame", SCENE, Strategy.FRAME, 0);
    farm.work("a");
    farm.work("idle");
    assertThat(farm.pass(Duration.ofMinutes(9))).isEmpty();
  }

  @Test
  void aSlowAgentHasAsMuchTimeAsItNeeds() {
    farm.effort = cell -> 20 * cell.work();
    lastCellAt("slow", "idle");
    assertThat(farm.pass(Duration.ofSeconds(110))).isEmpty();
  }

  @Test
  void aCellThatWasTakenAwayMayTakeTwiceAsLongOnTheNextAgent() {
    lastCellAt("a", "b");
    farm.pass(Duration.ofSeconds(40));
    List<Cell> taken = farm.cells("b");
    assertThat(taken).isNotEmpty();
    farm.pass(Duration.ofSeconds(60));
    assertThat(farm.cells("b")).isEqualTo(taken);
  }

  @Test
  void aHeavyCellOnWhichEveryAgentIsSlowGetsDoneInTheEnd() {
    farm.effort = cell -> cell.work() * (cell.tile().y() >= 330 ? 1_000 : 1);
    TaskName task = farm.runLeased("frame", SCENE, "a", "b", "c");
    double end = new TestingRace(farm, "a", "b", "c").runUntilRendered(task);
    farm.requireRenderedOnce(task);
    assertThat(end).as("seconds, of which the cell takes 1,229").isLessThan(2_000);
    List<String> takenAway =
        farm.notes().stream().filter(note -> note.endsWith("others get it")).toList();
    assertThat(takenAway).hasSizeBetween(1, 6);
  }

  @Test
  void aHeavyCellOfALonelyAgentGetsDoneToo() {
    farm.effort = cell -> cell.work() * (cell.tile().y() >= 330 ? 3_000 : 1);
    TaskName task = farm.runLeased("frame", SCENE, "a");
    double end = new TestingRace(farm, "a").runUntilRendered(task);
    farm.requireRenderedOnce(task);
    assertThat(end).as("seconds, of which the cell takes 3,686").isLessThan(12_000);
  }

  @Test
  void aSilentAgentIsNotCalledSlow() {
    TaskName task = lastCellAt("slow", "idle");
    farm.away("slow", Absence.SILENT);
    farm.pass(Duration.ofMinutes(20));
    assertThat(farm.notes()).last().asString().startsWith("Agent slow left: it does not answer");
    farm.renderAll(task, "idle");
    farm.requireRenderedOnce(task);
  }

  @Test
  void openingASceneMayTakeHoursButNotForEver() {
    farm.join("a");
    farm.run("frame", SCENE);
    LeaseId first = farm.lease("a").id();
    assertThat(farm.pass(Duration.ofHours(2))).isEmpty();
    assertThat(farm.pass(MINUTE)).hasAtLeastOneElementOfType(Effect.Revoke.class);
    assertThat(farm.lease("a").id()).as("it may try again").isNotEqualTo(first);
  }

  /** The first agent is at the frame's last cell, the others have nothing to do. */
  private TaskName lastCellAt(String... agents) {
    TaskName task = farm.runLeased("frame", SCENE, agents);
    farm.answersSteals = false;
    for (int i = 1; i < agents.length; i++) {
      while (!farm.leases(agents[i]).isEmpty()) {
        farm.work(agents[i]);
      }
    }
    while (farm.cells(agents[0]).size() > 1) {
      farm.work(agents[0]);
    }
    return task;
  }
}
