package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bad agent is told apart from a bad scene, and no scene is tried for ever. */
class FarmFailureTest {
  private static final SceneFacts SCENE = TestingScene.fixed(640, 360, 64);
  private static final Tile BAD_PLACE = new Tile(400, 200, 1, 1);

  /** Longer than agents are lost together. */
  private static final Duration LATER = Duration.ofSeconds(11);

  private final TestingFarm farm = new TestingFarm();
  private int frames;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 50})
  void aCellThatCrashesBlenderOnEveryAgentEndsTheTaskAfterAFewTries(int count) {
    List<String> agents = join(count);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    List<Effect> latest = List.of();
    int crashes = 0;
    while (farm.state(task).isActive()) {
      for (String agent : agents) {
        if (!farm.state(task).isActive() || farm.leases(agent).isEmpty()) {
          continue;
        }
        if (isAtBadPlace(agent)) {
          latest = farm.fail(agent, FailureKind.BLENDER, "Blender crashed", "EXCEPTION in Mesh");
          crashes++;
        } else {
          farm.work(agent);
        }
      }
    }
    assertThat(crashes).isLessThanOrEqualTo(6);
    assertThat(latest)
        .last()
        .isInstanceOfSatisfying(
            Effect.Enter.class,
            enter -> {
              assertThat(enter.state()).isEqualTo(TaskState.ERROR);
              assertThat(enter.reason()).contains("Blender crashed", "EXCEPTION in Mesh");
            });
    assertThat(farm.stored(task)).as("the rest is kept").isNotEmpty();
  }

  @Test
  void theReasonHasTheFirstFewTellingLines() {
    farm.join("a");
    farm.run("frame", SCENE);
    assertThat(
            farm.fail(
                "a", FailureKind.SCENE, "The scene has no camera.", "1", "2", "3", "4", "5", "6"))
        .last()
        .isInstanceOfSatisfying(
            Effect.Enter.class,
            enter ->
                assertThat(enter.reason()).isEqualTo("The scene has no camera.\n1\n2\n3\n4\n5"));
  }

  @Test
  void aCellThatKillsItsAgentEachTimeEndsTheTask() {
    List<String> agents = join(3);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    assertThat(killAtBadPlace(task, agents, LATER)).isLessThanOrEqualTo(6);
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
  }

  @Test
  void aCellThatKillsAgentsFasterThanTheyCanBeToldApartEndsTheTaskToo() {
    List<String> agents = join(3);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 0);
    assertThat(killAtBadPlace(task, agents, Duration.ofSeconds(2))).isLessThan(50);
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
  }

  /** Agents start anew when they were killed. Returns how many were. */
  private int killAtBadPlace(TaskName task, List<String> agents, Duration apart) {
    int killed = 0;
    while (farm.state(task).isActive() && killed < 100) {
      for (String agent : agents) {
        if (!farm.state(task).isActive() || farm.leases(agent).isEmpty()) {
          continue;
        }
        if (isAtBadPlace(agent)) {
          farm.pass(apart);
          farm.leave(agent);
          farm.join(agent);
          killed++;
        } else {
          farm.work(agent);
        }
      }
    }
    return killed;
  }

  @Test
  void aSceneThatKillsAgentsWhileTheyOpenItEndsTheTask() {
    TaskName task = farm.run("frame", SCENE);
    int killed = 0;
    List<Effect> latest = List.of();
    while (farm.state(task).isActive()) {
      farm.join("a");
      farm.pass(LATER);
      latest = farm.leave("a");
      killed++;
    }
    assertThat(killed).isEqualTo(6);
    assertThat(latest)
        .contains(
            new Effect.Enter(
                task, TaskState.ERROR, "6 agents in a row were lost while they opened the scene"));
  }

  @Test
  void openingsThatSucceedInBetweenClearTheScene() {
    TaskName task = farm.run("frame", SCENE);
    for (int i = 0; i < 10; i++) {
      farm.join("a");
      farm.pass(LATER);
      farm.leave("a");
      if (i % 4 == 3) {
        farm.join("good");
        farm.work("good");
        farm.leave("good");
      }
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
  }

  @Test
  void aNetworkOutageWhileAllAgentsOpenTheSceneIsOneLoss() {
    TaskName task = farm.run("frame", SCENE);
    for (int outage = 0; outage < 5; outage++) {
      List<String> agents = join(20);
      farm.pass(LATER);
      agents.forEach(farm::leave);
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    List<String> agents = join(20);
    farm.renderAll(task, agents.toArray(String[]::new));
    farm.requireRenderedOnce(task);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aNetworkOutageWhileAllAgentsRenderOneTileIsOneLoss(boolean silently) {
    List<String> agents = join(20);
    TaskName task = farm.run("frame", SCENE, Strategy.SAMPLES, 0);
    agents.forEach(farm::work);
    if (silently) {
      agents.forEach(agent -> farm.away(agent, Absence.SILENT));
      farm.pass(FarmRules.DEFAULT.silence());
    } else {
      agents.forEach(farm::leave);
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    assertThat(farm.farm.liveLeases()).isEmpty();
    agents = join(20);
    farm.renderAll(task, agents.toArray(String[]::new));
    farm.requireRenderedOnce(task);
  }

  @Test
  void aSceneWhoseOpeningCrashesBlenderOnEveryAgentEndsTheTaskAfterAFewTries() {
    List<String> agents = join(50);
    TaskName task = farm.run("frame", SCENE);
    int crashes = 0;
    while (farm.state(task).isActive()) {
      for (String agent : agents) {
        if (farm.state(task).isActive() && !farm.leases(agent).isEmpty()) {
          farm.fail(agent, FailureKind.BLENDER, "Blender crashed");
          crashes++;
        }
      }
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
    assertThat(crashes).as("each of those that began at once, and three once more").isEqualTo(53);
  }

  @Test
  void aFewAgentsThatCannotOpenASceneDoNotEndATaskThatOthersRender() {
    List<String> bad = join(5);
    farm.join("good");
    TaskName task = farm.run("frame", SCENE);
    farm.work("good");
    farm.work("good");
    for (String agent : bad) {
      farm.fail(agent, FailureKind.BLENDER, "Blender crashed");
      farm.fail(agent, FailureKind.BLENDER, "Blender crashed");
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    farm.renderAll(task, "good");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aTaskWaitsForTheAgentThatCouldRenderItAndIsLostForNow() {
    farm.join("good");
    TaskName task = farm.run("frame", SCENE);
    farm.work("good");
    farm.work("good");
    farm.join("bad");
    farm.leave("good");
    farm.fail("bad", FailureKind.BLENDER, "Blender crashed");
    farm.fail("bad", FailureKind.BLENDER, "Blender crashed");
    assertThat(farm.state(task)).isEqualTo(TaskState.PENDING);
    assertThat(farm.view(task).waiting()).isEqualTo("waits for another agent: bad Blender crashed");

    farm.join("good");
    farm.renderAll(task, "good");
    farm.requireRenderedOnce(task);
  }

  @Test
  void anAgentThatIsTooSmallIsTriedNoMoreAndNorAreSmallerOnes() {
    farm.joinWithMemory("medium", 8);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 1);
    farm.joinWithMemory("small", 4);
    farm.joinWithMemory("large", 16);
    outOfMemory("medium");
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    assertThat(farm.leases("medium")).isEmpty();
    assertThat(farm.leases("small")).isEmpty();
    farm.renderAll(task, "large");
    farm.requireRenderedOnce(task);
  }

  @Test
  void aTaskEndsForLackOfMemoryOnlyWhenTheLargestAgentHadTooLittle() {
    farm.joinWithMemory("small", 4);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 1);
    farm.joinWithMemory("medium", 8);
    farm.joinWithMemory("large", 16);
    outOfMemory("small");
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    outOfMemory(farm.farm.liveLeases().getFirst().agent().value());
    assertThat(farm.state(task)).isEqualTo(TaskState.RUNNING);
    outOfMemory(farm.farm.liveLeases().getFirst().agent().value());
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
  }

  @Test
  void aLargerAgentThatComesLaterIsTriedWhenTheTaskIsRunAgain() {
    farm.joinWithMemory("small", 4);
    TaskName task = farm.run("frame", SCENE);
    outOfMemory("small");
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
    farm.joinWithMemory("large", 16);
    farm.runAgain(task);
    farm.renderAll(task, "large");
    farm.requireRenderedOnce(task);
  }

  @Test
  void anAgentOfUnknownMemoryIsTried() {
    farm.joinWithMemory("small", 4);
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 1);
    farm.joinWithMemory("unknown", 0);
    outOfMemory("small");
    assertThat(farm.lease("unknown").task()).isEqualTo(task);
  }

  @Test
  void memoryIsTriedOnAFewAgentsOfASizeOnly() {
    List<String> agents = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      agents.add("agent-" + i);
      farm.joinWithMemory(agents.getLast(), 8);
    }
    TaskName task = farm.run("frame", SCENE, Strategy.TILES, 1);
    int tries = 0;
    while (farm.state(task).isActive()) {
      outOfMemory(farm.farm.liveLeases().getFirst().agent().value());
      tries++;
    }
    assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
    assertThat(tries).isEqualTo(3);
  }

  @Test
  void anAgentThatFailsAtTwoTasksWhereOthersSucceedIsSetAsideForAll() {
    failWhereOthersSucceed("bad");
    farm.run("second", SCENE);
    assertThat(farm.leases("bad")).as("once may be chance").isNotEmpty();
    farm.decide(new FarmEvent.TaskStopped(new TaskName("second")));
    failWhereOthersSucceed("bad");
    farm.run("third", SCENE);
    assertThat(farm.leases("bad")).isEmpty();
    assertThat(setAsideOf("bad"))
        .contains(
            "it failed at 2 tasks in a row that others succeed at; start it anew to use it again");
  }

  @Test
  void anAgentIsNotSetAsideForAPlaceThatNobodyHasRenderedYet() {
    rendering("bad", "good");
    failTwice("bad", FailureKind.BLENDER);
    rendering("bad", "good");
    failTwice("bad", FailureKind.BLENDER);
    farm.run("third", SCENE);
    assertThat(setAsideOf("bad")).isEmpty();
  }

  @Test
  void anAgentThatIsSetAsideIsUsedAgainWhenItStartsAnewAndNotBefore() {
    setAside("bad");
    farm.leave("bad");
    farm.pass(Duration.ofMinutes(1));
    farm.comeBack("bad", List.of());
    assertThat(farm.leases("bad")).as("the same process").isEmpty();
    farm.join("bad");
    assertThat(farm.leases("bad")).isNotEmpty();
  }

  @Test
  void oneSuccessInBetweenClearsAnAgent() {
    rendering("bad", "good");
    failTwice("bad", FailureKind.BLENDER);
    farm.join("helper");
    rendering("bad", "good");
    farm.work("bad");
    failTwice("bad", FailureKind.BLENDER);
    farm.run("third", SCENE);
    assertThat(farm.farm.agentViews()).allMatch(view -> view.setAside().isEmpty());
    assertThat(farm.leases("bad")).isNotEmpty();
  }

  @Test
  void anAgentIsNotSetAsideForWhatFailsEverywhere() {
    for (int i = 0; i < 3; i++) {
      farm.join("a");
      TaskName task = farm.run("bad-" + i, SCENE);
      farm.fail("a", FailureKind.SCENE, "no camera");
      assertThat(farm.state(task)).isEqualTo(TaskState.ERROR);
    }
    farm.run("good", SCENE);
    assertThat(farm.leases("a")).isNotEmpty();
  }

  @Test
  void anAgentThatIsTooSmallForTwoTasksMayRenderSmallerOnes() {
    farm.joinWithMemory("small", 4);
    farm.joinWithMemory("large", 16);
    for (int i = 0; i < 3; i++) {
      rendering("small", "large");
      failTwice("small", FailureKind.MEMORY);
    }
    assertThat(farm.farm.agentViews()).allMatch(view -> view.setAside().isEmpty());
    farm.run("light", SCENE);
    assertThat(farm.leases("small")).isNotEmpty();
  }

  private List<String> join(int count) {
    List<String> agents = IntStream.range(0, count).mapToObj(i -> "agent-" + i).toList();
    agents.forEach(farm::join);
    return agents;
  }

  private boolean isAtBadPlace(String agent) {
    return farm.lease(agent).work() instanceof Lease.Render
        && farm.cells(agent).getFirst().tile().contains(BAD_PLACE);
  }

  private void outOfMemory(String agent) {
    farm.fail(agent, FailureKind.MEMORY, "out of memory");
    farm.fail(agent, FailureKind.MEMORY, "out of memory");
  }

  /** A frame that some agents render. */
  private TaskName rendering(String... agents) {
    frames++;
    TaskName task = farm.run("frame-" + frames, SCENE, frames, false);
    for (String agent : agents) {
      if (farm.farm.agentViews().stream().noneMatch(view -> view.name().value().equals(agent))) {
        farm.join(agent);
      }
    }
    for (String agent : agents) {
      while (farm.leases(agent).stream().noneMatch(lease -> isOpened(lease, task))) {
        farm.work(agent);
      }
    }
    return task;
  }

  private static boolean isOpened(Lease lease, TaskName task) {
    return lease.task().equals(task) && lease.work() instanceof Lease.Render;
  }

  /** An agent fails at its latest task. */
  private List<Effect> failTwice(String agent, FailureKind kind) {
    List<Effect> effects = new ArrayList<>();
    TaskName task = farm.leases(agent).getLast().task();
    while (farm.leases(agent).stream().anyMatch(lease -> lease.task().equals(task))) {
      effects.addAll(farm.fail(agent, kind, "it failed"));
    }
    return effects;
  }

  private void failWhereOthersSucceed(String agent) {
    TaskName task = rendering(agent, "good");
    failTwice(agent, FailureKind.BLENDER);
    farm.renderAll(task, "good");
  }

  private Optional<String> setAsideOf(String agent) {
    return farm.farm.agentViews().stream()
        .filter(view -> view.name().value().equals(agent))
        .findFirst()
        .flatMap(AgentView::setAside);
  }

  private void setAside(String agent) {
    failWhereOthersSucceed(agent);
    failWhereOthersSucceed(agent);
    farm.run("next", SCENE);
    assertThat(setAsideOf(agent)).isPresent();
  }
}
