package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WireJson;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/**
 * A task on a {@link TestingFarm}, and the deliveries that were seen of it: a Manager forgets them
 * when the picture is there, so this looks often while it waits.
 */
final class FarmTask {
  /** A cell's stored result. */
  record Delivery(
      String agent, long lease, int attempt, Cell cell, CellTimings timings, Instant stored) {}

  private record Detail(
      long lease,
      int attempt,
      Tile tile,
      SampleRange samples,
      CellTimings timings,
      Instant stored) {}

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofMillis(15);

  private final TestingFarm farm;
  private final TaskName name;
  private final Map<Cell, Delivery> deliveries = new LinkedHashMap<>();

  FarmTask(TestingFarm farm, TaskName name) {
    this.farm = farm;
    this.name = name;
  }

  void run() throws FarmException, InterruptedException {
    farm.manager().run(name);
  }

  /** Looks until something is so; fails when the task ends without. */
  TaskStatus await(String what, Predicate<TaskStatus> condition) {
    return Awaitility.await(what)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(LOOK)
        .failFast(
            "task " + name + " ended before: " + what,
            () -> {
              TaskStatus status = look();
              return !status.task().state().isActive() && !condition.test(status);
            })
        .until(this::look, condition);
  }

  TaskStatus awaitCompleted() {
    TaskStatus status = await("the end", seen -> !seen.task().state().isActive());
    assertThat(status.task().state())
        .as(status.task().stateErrorInfo().orElse(""))
        .isEqualTo(TaskState.COMPLETED);
    assertThat(status.task().done()).isEqualTo(1);
    return status;
  }

  /** Waits for all, looking at each in turn. */
  static void awaitCompleted(List<FarmTask> tasks) {
    Awaitility.await("the end of all frames")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(LOOK)
        .until(() -> {
          boolean active = false;
          for (FarmTask task : tasks) {
            active |= task.look().task().state().isActive();
          }
          return !active;
        });
    tasks.forEach(FarmTask::awaitCompleted);
  }

  /** Why the farm gave the task up. */
  String awaitError() {
    TaskStatus status = await("the end", seen -> !seen.task().state().isActive());
    assertThat(status.task().state()).isEqualTo(TaskState.ERROR);
    return status.task().stateErrorInfo().orElseThrow();
  }

  TaskStatus look() throws FarmException, InterruptedException {
    for (Map.Entry<String, JsonNode> agent : farm.manager().details(name).properties()) {
      for (JsonNode node : agent.getValue()) {
        Detail seen = WireJson.convert(node, Detail.class);
        Delivery delivery =
            new Delivery(
                agent.getKey(),
                seen.lease(),
                seen.attempt(),
                new Cell(seen.tile(), seen.samples()),
                seen.timings(),
                seen.stored());
        Delivery before = deliveries.putIfAbsent(delivery.cell(), delivery);
        assertThat(before == null || before.equals(delivery))
            .as("%s changed to %s", before, delivery)
            .isTrue();
      }
    }
    return farm.manager().status(name);
  }

  /** All that were seen so far, in the order in which they were stored. */
  List<Delivery> deliveries() {
    return deliveries.values().stream().sorted(Comparator.comparing(Delivery::stored)).toList();
  }

  List<Cell> cells() {
    return deliveries().stream().map(Delivery::cell).toList();
  }

  Map<String, List<Cell>> cellsByAgent() {
    return deliveries().stream()
        .collect(
            Collectors.groupingBy(
                Delivery::agent, Collectors.mapping(Delivery::cell, Collectors.toList())));
  }

  /** Pixel samples of cells. */
  static long work(List<Cell> cells) {
    return cells.stream().mapToLong(Cell::work).sum();
  }

  /** Asserts that the cells are the whole frame, and no sample of a pixel is in two of them. */
  void assertEveryCellOnce(int width, int height, int samples) {
    List<Cell> cells = new ArrayList<>(cells());
    for (int i = 0; i < cells.size(); i++) {
      for (int j = i + 1; j < cells.size(); j++) {
        Cell one = cells.get(i);
        Cell other = cells.get(j);
        assertThat(one.tile().overlaps(other.tile()) && one.samples().overlaps(other.samples()))
            .as("%s and %s overlap", one, other)
            .isFalse();
      }
    }
    assertThat(work(cells)).as("work of %s", cells).isEqualTo((long) width * height * samples);
  }

  /** Asserts that two agents took part, each with more than one cell. */
  void assertSharedByTwoAgents() {
    assertThat(cellsByAgent()).hasSize(2);
    assertThat(cellsByAgent().values())
        .allSatisfy(cells -> assertThat(cells).hasSizeGreaterThan(1));
  }

  List<String> messages(String work) throws FarmException, InterruptedException {
    return farm.manager().messages(name).getOrDefault(work, List.of());
  }

  Path download(ResultKind kind, Path file) throws IOException, InterruptedException {
    farm.manager().download(name, kind, file, TransferProgress.NONE);
    return file;
  }
}
