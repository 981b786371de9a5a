package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How agents with nothing to do get a share of what others have. */
class FarmStealTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);

  private static final SceneFacts FRAME = TestingScene.fixed(1600, 900, 64);

  private final TestingFarm farm = new TestingFarm();

  @Test
  void anIdleAgentStealsTheRearHalfOfTheLargestLease() {
    closing("a");
    List<Integer> waiting = numbers("a");
    assertThat(waiting).hasSizeGreaterThan(4);
    Effect.Steal steal = attempt("b", 1);
    assertThat(steal.lease()).isEqualTo(farm.lease("a").id());
    List<Integer> asked = steal.cells().stream().sorted().toList();
    assertThat(asked)
        .isEqualTo(waiting.subList(waiting.size() - asked.size(), waiting.size()))
        .hasSizeBetween(waiting.size() / 2 - 1, waiting.size() / 2);
  }

  @Test
  void aFasterThiefStealsMore() {
    closing("a");
    long work = TestingFarm.work(farm.cells("a"));
    long stolen = work(attempt("fast", 4));
    assertThat((double) stolen / work).isBetween(0.6, 0.85);
  }

  @Test
  void aSlowerThiefStealsLess() {
    farm.join("a", 4);
    TaskName task = farm.run("frame", TestingScene.fixed(1280, 720, 64), Strategy.TILES, 0);
    workUntilAllIsLeased(task, "a");
    long work = TestingFarm.work(farm.cells("a"));
    long stolen = work(attempt("slow", 1));
    assertThat((double) stolen / work).isBetween(0.02, 0.25);
  }

  @Test
  void theCellInProgressIsNeverAskedFor() {
    closing("a");
    farm.effort = cell -> 10 * cell.work();
    while (farm.cells("a").size() > 2) {
      farm.work("a");
    }
    List<Integer> waiting = numbers("a");
    assertThat(attempt("b", 1).cells()).containsExactly(waiting.getLast());
  }

  @Test
  void nothingIsStolenFromAnAgentWithOneCell() {
    closing("a");
    while (farm.cells("a").size() > 1) {
      farm.work("a");
    }
    farm.answersSteals = false;
    assertThat(farm.join("b", 4)).as("not even the scene is opened").isEmpty();
  }

  @Test
  void nothingChangesBeforeTheHolderAnswers() {
    TaskName task = closing("a");
    List<Cell> cells = farm.cells("a");
    Effect.Steal steal = attempt("b", 1);
    assertThat(farm.cells("a")).isEqualTo(cells);
    assertThat(farm.cells("b")).isEmpty();
    assertThat(farm.ledger(task).openWork()).isZero();

    farm.giveBack(steal);
    assertThat(farm.cells("a")).hasSize(cells.size() - steal.cells().size());
    assertThat(farm.cells("b")).isNotEmpty();
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void whatTheHolderBeganMeanwhileStaysWithIt() {
    TaskName task = closing("a");
    Effect.Steal steal = attempt("b", 1);
    int first = Collections.min(steal.cells());
    while (!farm.job("a").orElseThrow().equals(new TestingFarm.Job(steal.lease(), first))) {
      farm.work("a");
    }
    farm.giveBack(steal);
    assertThat(farm.held("a").getFirst().cells()).contains(first);
    farm.renderAll(task, "a", "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void nothingIsAskedOfAnAgentThatHasNotAnswered() {
    closing("a");
    attempt("b", 1);
    farm.join("c");
    assertThat(farm.leases("c")).as("there is nothing else to do").isEmpty();
    assertThat(farm.pass(Duration.ofSeconds(10))).isEmpty();
    assertThat(TestingFarm.steals(farm.work("a"))).isEmpty();
  }

  @Test
  void aHolderThatHasBegunEverythingIsNotAskedAgainForThatLease() {
    closing("a");
    Effect.Steal steal = attempt("b", 1);
    assertThat(farm.decide(answer(steal, Set.of()))).isEmpty();
    farm.join("c");
    assertThat(farm.leases("c")).isEmpty();
    assertThat(farm.pass(Duration.ofSeconds(1))).isEmpty();
  }

  @Test
  void aThiefThatGotNothingAsksAnother() {
    closing("a", "b");
    Effect.Steal steal = attempt("c", 1);
    List<Effect.Steal> next = TestingFarm.steals(farm.decide(answer(steal, Set.of())));
    assertThat(next).hasSize(1);
    assertThat(next.getFirst().agent()).isNotEqualTo(steal.agent());
  }

  @Test
  void aThiefAsksAnotherWhenTheHolderGetsDoneBeforeItAnswers() {
    closing("a", "b");
    Effect.Steal steal = attempt("c", 1);
    String holder = steal.agent().value();
    List<Effect> effects = new ArrayList<>();
    while (farm.leases(holder).stream().anyMatch(lease -> lease.id().equals(steal.lease()))) {
      effects.addAll(farm.work(holder));
    }
    assertThat(TestingFarm.steals(effects))
        .filteredOn(other -> !other.agent().equals(steal.agent()))
        .isNotEmpty();
  }

  @Test
  void aThiefAsksAnotherWhenTheHolderFallsSilent() {
    closing("a", "b");
    Effect.Steal steal = attempt("c", 1);
    List<Effect> effects = farm.away(steal.agent().value(), Absence.SILENT);
    assertThat(TestingFarm.steals(effects))
        .singleElement()
        .satisfies(next -> assertThat(next.agent()).isNotEqualTo(steal.agent()));
  }

  @Test
  void aThiefGetsTheCellsOfAHolderThatLapsesBeforeItAnswers() {
    TaskName task = closing("a");
    List<Cell> cells = farm.cells("a");
    Effect.Steal steal = attempt("b", 1);
    farm.away("a", Absence.LOST);
    assertThat(farm.cells("b")).isNotEmpty();
    assertThat(farm.ledger(task).openWork() + farm.ledger(task).leasedWork())
        .isEqualTo(TestingFarm.work(cells));
    List<Object> before = farm.picture();
    assertThat(farm.decide(answer(steal, steal.cells()))).as("an answer that comes late").isEmpty();
    assertThat(farm.picture()).isEqualTo(before);
    farm.renderAll(task, "b");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aSilentAgentIsAskedForNothing() {
    closing("a");
    farm.away("a", Absence.SILENT);
    farm.answersSteals = false;
    assertThat(farm.join("b")).isEmpty();
    assertThat(farm.leases("b")).isEmpty();
  }

  @Test
  void idleAgentsStealFromOneThatIsBack() {
    closing("a");
    farm.away("a", Absence.SILENT);
    farm.join("b");
    assertThat(farm.leases("b")).isEmpty();
    farm.comeBack("a", farm.held("a"));
    assertThat(farm.lease("b").work()).isEqualTo(new Lease.Open());
  }

  @Test
  void aLateJoinerOpensTheSceneAndSteals() {
    TaskName task = closing("a");
    farm.join("late");
    assertThat(farm.lease("late").work()).isEqualTo(new Lease.Open());
    farm.work("late");
    assertThat(farm.cells("late")).isNotEmpty();
    farm.renderAll(task, "a", "late");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aSlowThiefDoesNotStealWhatItWouldFinishAfterTheHolder() {
    farm.join("fast", 64);
    TaskName task = farm.run("frame", TestingScene.fixed(3840, 2160, 32), Strategy.TILES, 0);
    workUntilAllIsLeased(task, "fast");
    assertThat(farm.cells("fast").size()).isGreaterThan(1);
    assertThat(farm.join("slow", 1)).isEmpty();
  }

  @Test
  void anIdleAgentLooksAgainWhenAHolderTurnsOutToBeSlow() {
    closing("a", "b");
    farm.effort = cell -> cell.work() / 8.0;
    farm.answersSteals = false;
    farm.work("a");
    farm.work("a");
    List<Effect> effects = new ArrayList<>();
    while (!farm.leases("b").isEmpty()) {
      effects.addAll(farm.work("b"));
    }
    assertThat(TestingFarm.steals(effects)).as("nothing would be gained").isEmpty();
    farm.effort = cell -> 50 * cell.work();
    farm.work("a");
    farm.work("a");
    assertThat(farm.cells("a")).hasSize(2);
    assertThat(TestingFarm.steals(farm.pass(Duration.ofSeconds(1)))).hasSize(1);
  }

  @Test
  void stolenCellsAreCutFiner() {
    closing("a");
    long before = farm.cells("a").getLast().work();
    farm.join("b");
    farm.work("b");
    assertThat(farm.cells("b").getFirst().work()).isLessThanOrEqualTo(before * 5 / 7);
  }

  @Test
  void twoThievesStealFromTwoHolders() {
    TaskName task = closing("a", "b");
    farm.answersSteals = false;
    List<Effect> effects = new ArrayList<>();
    for (String thief : List.of("c", "d")) {
      farm.join(thief);
      effects.addAll(farm.work(thief));
    }
    List<Effect.Steal> steals = TestingFarm.steals(effects);
    assertThat(steals).map(steal -> steal.agent().value()).containsExactlyInAnyOrder("a", "b");
    farm.answersSteals = true;
    steals.forEach(farm::giveBack);
    assertThat(farm.cells("c")).isNotEmpty();
    assertThat(farm.cells("d")).isNotEmpty();
    farm.renderAll(task, "a", "b", "c", "d");
    farm.requireRenderedOnce(task);
  }

  @Test
  void noMoreAgentsThanTheLimitSteal() {
    farm.join("a");
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 1);
    workUntilAllIsLeased(task, "a");
    assertThat(farm.join("b")).isEmpty();
  }

  static List<List<Double>> speeds() {
    return List.of(
        List.of(1.0, 1.0),
        List.of(1.0, 10.0),
        List.of(1.0, 1.0, 1.0, 10.0),
        List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0));
  }

  @ParameterizedTest(name = "speeds {0}")
  @MethodSource("speeds")
  void agentsFinishAFrameTogether(List<Double> speeds) {
    assertThat(endByIdeal(speeds, 1)).isLessThan(1.15);
  }

  @ParameterizedTest(name = "speeds {0}")
  @MethodSource("speeds")
  void agentsFinishAFrameTogetherWhoseLowerHalfIsTenTimesHarder(List<Double> speeds) {
    farm.effort = cell -> cell.work() * (cell.tile().y() >= 450 ? 10 : 1);
    assertThat(endByIdeal(speeds, 5.5)).isLessThan(1.25);
  }

  /**
   * When a frame is rendered, by when it would be if agents shared their work to the last pixel.
   */
  private double endByIdeal(List<Double> speeds, double heaviness) {
    List<String> agents = new ArrayList<>();
    for (double speed : speeds) {
      agents.add("agent-" + agents.size());
      farm.join(agents.getLast(), TestingScene.BLENDER, 1e6 * speed);
    }
    TaskName task = farm.run("frame", FRAME, Strategy.TILES, 0);
    double end = new TestingRace(farm, agents.toArray(String[]::new)).runUntilRendered(task);
    farm.requireRenderedOnce(task);
    double together = speeds.stream().mapToDouble(speed -> 1e6 * speed).sum();
    return end
        / (TestingRace.OPENING_SECONDS
            + heaviness * (FRAME.size().area() * FRAME.samples()) / together);
  }

  @Test
  void aFastAgentThatComesLateEndsAFrameSooner() {
    farm.join("slow", TestingScene.BLENDER, 1e6);
    TaskName task = farm.run("frame", FRAME, Strategy.TILES, 0);
    TestingRace race = new TestingRace(farm, "slow");
    race.runUntil(72);
    double left = farm.ledger(task).work() - farm.ledger(task).storedWork();
    farm.join("fast", TestingScene.BLENDER, 1e7);
    race.enter("fast");
    double end = race.runUntilRendered(task);
    farm.requireRenderedOnce(task);
    double ideal = TestingRace.OPENING_SECONDS + left / 1.1e7;
    assertThat(end - 72).as("within a cell of the slow one").isLessThan(ideal + 2);
  }

  /** A frame of twelve cells, all leased. */
  private TaskName closing(String... agents) {
    return farm.runLeased("frame", SCENE, agents);
  }

  private void workUntilAllIsLeased(TaskName task, String agent) {
    farm.work(agent);
    while (farm.ledger(task).openWork() > 0) {
      farm.work(agent);
    }
  }

  /** Another agent joins, opens the scene and steals, and the holder has not answered yet. */
  private Effect.Steal attempt(String thief, int cores) {
    farm.answersSteals = false;
    farm.join(thief, cores);
    List<Effect.Steal> steals = TestingFarm.steals(farm.work(thief));
    assertThat(steals).hasSize(1);
    return steals.getFirst();
  }

  private long work(Effect.Steal steal) {
    List<Cell> cells =
        farm.leases(steal.agent().value()).stream()
            .filter(lease -> lease.id().equals(steal.lease()))
            .flatMap(lease -> TestingFarm.cells(lease).stream())
            .toList();
    return steal.cells().stream().mapToLong(number -> cells.get(number).work()).sum();
  }

  private List<Integer> numbers(String agent) {
    return farm.held(agent).getFirst().cells().stream().sorted().toList();
  }

  private static FarmEvent answer(Effect.Steal steal, Set<Integer> cells) {
    return new FarmEvent.CellsReturned(steal.agent(), steal.lease(), steal.attempt(), cells);
  }
}
