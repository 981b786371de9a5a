package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cells that are black or broken: the scene may look so, or the agent may be out of order. */
class FarmDoubtTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);

  private final TestingFarm farm = new TestingFarm();

  @ParameterizedTest
  @EnumSource(names = {"BLACK", "BROKEN"})
  void aDoubtfulCellDoesNotCountBeforeAnotherAgentHasRenderedThePlace(CellLooks looks) {
    TaskName task = rendering("a", "b");
    Cell cell = farm.cells("a").getFirst();
    assertThat(farm.decide(farm.cellResult("a", looks)))
        .hasAtLeastOneElementOfType(Effect.Drop.class)
        .noneMatch(Effect.Keep.class::isInstance)
        .contains(
            new Effect.Note(
                task,
                "Agent a delivered a %s cell %s; another agent renders it to make sure"
                    .formatted(looks == CellLooks.BLACK ? "black" : "broken", cell)));
    assertThat(farm.view(task).cellsStored()).isZero();
    assertThat(farm.ledger(task).isLeased(cell)).isFalse();
    assertThat(farm.cells("a")).as("nothing new before it is known").hasSize(1);
  }

  @Test
  void aBlackCellThatAnotherAgentRendersBlackTooCountsAndItIsBelieved() {
    TaskName task = rendering("a", "b");
    Cell cell = deliver("a", CellLooks.BLACK);
    workUpTo(cell, "b");
    assertThat(farm.decide(farm.cellResult("b", CellLooks.BLACK)))
        .hasAtLeastOneElementOfType(Effect.Keep.class);
    assertThat(farm.decide(farm.cellResult("a", CellLooks.BLACK)))
        .as("it is believed")
        .hasAtLeastOneElementOfType(Effect.Keep.class);
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void anAgentWhoseBlackCellIsNotBlackOnAnotherGetsNoMoreOfTheTask() {
    TaskName task = rendering("bad", "good");
    Cell cell = deliver("bad", CellLooks.BLACK);
    workUpTo(cell, "good");
    String reason = "its cell %s was black or broken, that of agent good is not".formatted(cell);
    assertThat(farm.work("good"))
        .contains(new Effect.Note(task, "Agent bad gets no more of this task: " + reason))
        .hasAtLeastOneElementOfType(Effect.Keep.class);
    assertThat(farm.leases("bad")).isEmpty();
    farm.renderAll(task, "good");
    farm.requireRenderedOnce(task);
  }

  @Test
  void theOnlyAgentIsBelieved() {
    TaskName task = rendering("a");
    while (!farm.isAssembling(task)) {
      assertThat(farm.decide(farm.cellResult("a", CellLooks.BLACK)))
          .hasAtLeastOneElementOfType(Effect.Keep.class);
    }
    farm.requireRenderedOnce(task);
  }

  @Test
  void aDoubtedAgentIsBelievedWhenTheOthersLeave() {
    TaskName task = rendering("a", "b");
    deliver("a", CellLooks.BLACK);
    farm.leave("b");
    assertThat(farm.cells("a")).hasSize(2);
    assertThat(farm.decide(farm.cellResult("a", CellLooks.BLACK)))
        .hasAtLeastOneElementOfType(Effect.Keep.class);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aDoubtedAgentIsNotBelievedWhileAnotherIsSilentThatCouldTell() {
    TaskName task = rendering("a", "b");
    Cell cell = deliver("a", CellLooks.BLACK);
    farm.away("b", Absence.SILENT);
    assertThat(farm.cells("a")).as("nothing new before it is known").hasSize(1);
    assertThat(farm.decide(farm.cellResult("a", CellLooks.BLACK)))
        .noneMatch(Effect.Keep.class::isInstance);

    farm.comeBack("b", farm.held("b"));
    workUpTo(cell, "b");
    farm.work("b");
    farm.renderAll(task, "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aTaskSaysThatItWaitsForASilentAgentThatCouldTell() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 1);
    farm.work("a");
    farm.away("b", Absence.SILENT);
    while (!farm.leases("a").isEmpty()) {
      farm.decide(farm.cellResult("a", CellLooks.BLACK));
    }
    assertThat(farm.view(task).waiting())
        .isEqualTo(
            "waits until an agent is back that can tell whether cells are black or broken rightly");

    farm.pass(FarmRules.DEFAULT.silence());
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void anAgentOfAnotherBlenderCannotTell() {
    TaskName task = rendering("a");
    farm.join("other", TestingScene.OTHER_BLENDER, 1e6);
    farm.work("other");
    assertThat(farm.decide(farm.cellResult("a", CellLooks.BLACK)))
        .hasAtLeastOneElementOfType(Effect.Keep.class);
    farm.renderAll(task, "a");
    farm.requireRenderedOnce(task);
  }

  @Test
  void agentsThatAllDeliverBlackAreBelieved() {
    TaskName task = rendering("a", "b");
    deliver("a", CellLooks.BLACK);
    deliver("b", CellLooks.BLACK);
    assertThat(farm.cells("a")).hasSize(2);
    assertThat(farm.cells("b")).hasSize(2);
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aDoubtedAgentThatStartsAnewIsAsGoodAsAnyOther() {
    TaskName task = rendering("a", "b");
    deliver("a", CellLooks.BLACK);
    farm.join("a");
    farm.work("a");
    assertThat(farm.cells("a")).hasSize(2);
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void whatADoubtedAgentStillHasIsDoubtedTooWhereItIsBlackAndCountsWhereItIsNot() {
    TaskName task = rendering("a", "b");
    deliver("a", CellLooks.BLACK);
    int notes = farm.notes().size();
    Cell fine = farm.cells("a").getFirst();
    farm.work("a");
    assertThat(farm.stored(task)).containsExactly(fine);
    assertThat(farm.leases("a")).isEmpty();
    assertThat(farm.notes()).as("one note is enough").hasSize(notes);
  }

  @Test
  void otherSamplesOfThePlaceTellNothing() {
    farm.join("a");
    farm.join("b");
    TaskName task = farm.run("frame", SCENE, Strategy.SAMPLES, 0);
    farm.work("a");
    farm.work("b");
    Cell dark = deliver("a", CellLooks.BLACK);
    Cell other = farm.cells("b").getFirst();
    assertThat(other.tile()).isEqualTo(dark.tile());
    assertThat(other.samples().overlaps(dark.samples())).isFalse();
    farm.work("b");
    assertThat(farm.stored(task)).containsExactly(other);
    assertThat(farm.notes()).noneMatch(note -> note.startsWith("Agent a gets no more"));
  }

  @Test
  void aPlaceThatIsCutFinerMeanwhileIsRefutedByAnyPartThatIsNotBlack() {
    TaskName task = farm.runLeased("frame", SCENE, "bad", "good");
    Cell cell = deliver("bad", CellLooks.BLACK);
    Cell part = takePart(cell, "good");
    assertThat(part.work()).isLessThan(cell.work());
    farm.work("good");
    assertThat(farm.leases("bad")).isEmpty();
    assertThat(farm.notes()).anyMatch(note -> note.startsWith("Agent bad gets no more"));
    farm.renderAll(task, "good");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aPlaceThatIsCutFinerMeanwhileIsConfirmedByAllItsPartsOnly() {
    TaskName task = farm.runLeased("frame", SCENE, "bad", "good");
    Cell cell = deliver("bad", CellLooks.BLACK);
    takePart(cell, "good");
    assertThat(farm.decide(farm.cellResult("good", CellLooks.BLACK)))
        .as("two agents agree on the part")
        .hasAtLeastOneElementOfType(Effect.Keep.class);
    takePart(cell, "good");
    farm.work("good");
    assertThat(farm.notes())
        .as("but not on the rest")
        .anyMatch(note -> note.startsWith("Agent bad gets no more"));
    farm.renderAll(task, "good");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aPlaceThatIsCutFinerMeanwhileIsConfirmedByAllItsParts() {
    TaskName task = farm.runLeased("frame", SCENE, "a", "b");
    Cell cell = deliver("a", CellLooks.BLACK);
    while (!isStored(task, cell)) {
      takePart(cell, "b");
      farm.decide(farm.cellResult("b", CellLooks.BLACK));
    }
    while (!farm.leases("a").isEmpty()) {
      assertThat(farm.decide(farm.cellResult("a", CellLooks.BLACK)))
          .as("it is believed")
          .hasAtLeastOneElementOfType(Effect.Keep.class);
    }
    farm.renderAll(task, "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aBlackFrameIsRenderedLittleMoreThanOnce() {
    TaskName task = rendering("a", "b", "c", "d");
    int dropped = 0;
    while (!farm.isAssembling(task)) {
      for (String agent : List.of("a", "b", "c", "d")) {
        if (!farm.leases(agent).isEmpty() && !farm.isAssembling(task)) {
          List<Effect> effects = farm.decide(farm.cellResult(agent, CellLooks.BLACK));
          dropped += effects.stream().anyMatch(Effect.Drop.class::isInstance) ? 1 : 0;
        }
      }
    }
    assertThat(dropped).as("two cells of each agent at most").isBetween(1, 8);
    farm.requireRenderedOnce(task);
  }

  @Test
  void aDoubtfulCellOfALeaseThatHadRunOutIsNotAdopted() {
    rendering("a");
    FarmEvent late = farm.cellResult("a", CellLooks.BLACK);
    List<HeldLease> held = farm.held("a");
    farm.outstayItsSilence("a");
    farm.answersSteals = false;
    farm.comeBack("a", held);
    assertThat(farm.decide(late))
        .hasAtLeastOneElementOfType(Effect.Drop.class)
        .noneMatch(Effect.Keep.class::isInstance);
  }

  @Test
  void anAdoptedCellRefutesADoubtedOne() {
    farm.runLeased("frame", SCENE, "good", "bad", "other");
    Cell cell = farm.cells("good").getFirst();
    FarmEvent late = farm.result("good");
    List<HeldLease> held = farm.held("good");
    farm.answersSteals = false;
    farm.outstayItsSilence("good");
    workUpTo(cell, "bad");
    farm.decide(farm.cellResult("bad", CellLooks.BLACK));
    farm.decide(new FarmEvent.TaskPaused(new TaskName("frame")));
    farm.comeBack("good", held);
    farm.decide(late);
    assertThat(farm.notes()).anyMatch(note -> note.startsWith("Agent bad gets no more"));
  }

  @Test
  void aTaskThatIsRunAgainKnowsNothingOfDoubts() {
    TaskName task = rendering("a", "b");
    deliver("a", CellLooks.BLACK);
    farm.decide(new FarmEvent.TaskStopped(task));
    farm.runAgain(task);
    farm.work("a");
    assertThat(farm.cells("a")).isNotEmpty();
  }

  private TaskName rendering(String... agents) {
    for (String agent : agents) {
      farm.join(agent);
    }
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    for (String agent : agents) {
      farm.work(agent);
    }
    return task;
  }

  /** An agent's cell has come, and looks strange. */
  private Cell deliver(String agent, CellLooks looks) {
    Cell cell = farm.cells(agent).getFirst();
    farm.decide(farm.cellResult(agent, looks));
    return cell;
  }

  /** An agent renders whatever it has until it is at a part of a place. */
  private void workUpTo(Cell place, String agent) {
    while (!isPart(farm.cells(agent).getFirst(), place)) {
      farm.work(agent);
    }
  }

  private Cell takePart(Cell place, String agent) {
    workUpTo(place, agent);
    return farm.cells(agent).getFirst();
  }

  private static boolean isPart(Cell part, Cell place) {
    return place.tile().contains(part.tile()) && place.samples().overlaps(part.samples());
  }

  private boolean isStored(TaskName task, Cell place) {
    return farm.stored(task).stream()
            .filter(cell -> isPart(cell, place))
            .mapToLong(Cell::work)
            .sum()
        == place.work();
  }
}
