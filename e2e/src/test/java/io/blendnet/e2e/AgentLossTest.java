package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Strategy;
import io.blendnet.e2e.FarmTask.Delivery;
import io.blendnet.protocol.ResultKind;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is killed while it renders. */
class AgentLossTest {
  /** A cell in the Manager's note of a loss: {@code 56x63+0+63 [0, 160)}. */
  private static final Pattern CELL =
      Pattern.compile("(\\d+)x(\\d+)\\+\\d+\\+\\d+ \\[(\\d+), (\\d+)\\)");

  @TempDir Path folder;

  @Test
  void aFrameOutlivesOneOfItsAgentsAndRendersNothingAgainThatWasDelivered() throws Exception {
    try (TestingFarm farm = TestingFarm.start(folder, 2)) {
      String lost = farm.agent(1).value();
      FarmTask task = farm.run("loss", "long", 1, Strategy.TILES);
      task.await(
          "both agents have delivered, and the second one renders",
          status ->
              task.cellsByAgent().size() == 2
                  && status.progress().agents().stream()
                      .anyMatch(
                          share -> share.agent().equals(lost) && !share.activity().isEmpty()));

      ProcessHandle agent = farm.process(1);
      List<ProcessHandle> blenders = agent.descendants().toList();
      assertThat(blenders).isNotEmpty();
      agent.destroyForcibly();
      List<Delivery> before = List.copyOf(task.deliveries());

      Awaitility.await("its Blender goes with it")
          .until(() -> blenders.stream().noneMatch(ProcessHandle::isAlive));
      task.awaitCompleted();

      task.assertEveryCellOnce(
          TestingScenes.WIDTH, TestingScenes.HEIGHT, TestingScenes.LONG_SAMPLES);
      assertThat(task.deliveries()).containsAll(before);
      List<String> losses =
          task.messages("manager").stream()
              .filter(line -> line.startsWith("Agent " + lost + " left"))
              .toList();
      assertThat(losses).hasSize(1);
      List<MatchResult> cells = CELL.matcher(losses.getFirst()).results().toList();
      assertThat(cells).as("the message names what is open again: %s", losses).isNotEmpty();
      long open = cells.stream().mapToLong(AgentLossTest::work).sum();
      long stored = FarmTask.work(before.stream().map(Delivery::cell).toList());
      assertThat(stored + open)
          .as("what was delivered is not open again")
          .isLessThanOrEqualTo(
              (long) TestingScenes.WIDTH * TestingScenes.HEIGHT * TestingScenes.LONG_SAMPLES);
      assertThat(task.deliveries())
          .filteredOn(delivery -> delivery.attempt() > 1 && !before.contains(delivery))
          .as("what was lost, and perhaps what was stolen later")
          .isNotEmpty()
          .allSatisfy(delivery -> assertThat(delivery.agent()).isEqualTo(farm.agent(0).value()));
      FrameFile.of(task.download(ResultKind.RENDER, folder.resolve("loss.exr")))
          .assertIdenticalTo(FrameFile.of(TestingScenes.passes("long", 1)));
    }
  }

  private static long work(MatchResult cell) {
    return Long.parseLong(cell.group(1))
        * Long.parseLong(cell.group(2))
        * (Long.parseLong(cell.group(4)) - Long.parseLong(cell.group(3)));
  }
}
