package io.blendnet.bench;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WireJson;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A frame that is rendered, and what was seen of it. Used by one thread. */
final class ChaosFrame {
  /** A cell whose result is stored. */
  record Stored(String agent, Cell cell, int attempt, Instant seen) {}

  private record Detail(long lease, int attempt, Tile tile, SampleRange samples) {}

  private final TaskName task;
  private final int number;
  private final ChaosScene scene;
  private final Map<Cell, Stored> stored = new LinkedHashMap<>();
  private List<Stored> latest = List.of();
  private Optional<TaskState> state = Optional.empty();
  private String error = "";

  ChaosFrame(int number, ChaosScene scene) {
    this.task = new TaskName("frame-" + number);
    this.number = number;
    this.scene = scene;
  }

  TaskName task() {
    return task;
  }

  /** Blender's frame number; nothing moves in the scene, so that it tells frames apart, no more. */
  int number() {
    return number;
  }

  ChaosScene scene() {
    return scene;
  }

  /** Pixel samples. */
  long work() {
    return (long) scene.width() * scene.height() * scene.samples();
  }

  boolean isCompleted() {
    return state.equals(Optional.of(TaskState.COMPLETED));
  }

  boolean hasEnded() {
    return state.filter(now -> now != TaskState.CREATED && !now.isActive()).isPresent();
  }

  /** State and error for a person. */
  String condition() {
    return task + " is " + state.map(TaskState::name).orElse("not there") + " " + error;
  }

  /**
   * Takes the next step towards its being rendered: to be called until it {@link #isRunning}.
   *
   * @throws FarmException the Manager cannot be asked now
   */
  void submit(ManagerClient manager) throws IOException, InterruptedException {
    Optional<TaskState> now = stateNow(manager);
    if (now.isEmpty() || now.get() == TaskState.CREATED) {
      String name = scene.blend().getFileName().toString();
      manager.putFile(task, "//" + name, scene.blend(), TransferProgress.NONE);
      manager.configure(task, TaskConfig.of(name, number));
      manager.run(task);
    }
    state = stateNow(manager);
  }

  boolean isRunning() {
    return state.filter(now -> now != TaskState.CREATED).isPresent();
  }

  private Optional<TaskState> stateNow(ManagerClient manager)
      throws FarmException, InterruptedException {
    try {
      return Optional.of(manager.task(task).state());
    } catch (FarmException.Refused e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Looks at what is stored of it, and at its state. */
  void look(ManagerClient manager) throws FarmException, InterruptedException {
    var info = manager.task(task);
    var now = new ArrayList<Stored>();
    for (Map.Entry<String, JsonNode> agent : manager.details(task).properties()) {
      for (JsonNode node : agent.getValue()) {
        Detail detail = WireJson.convert(node, Detail.class);
        var cell = new Cell(detail.tile(), detail.samples());
        var seen = new Stored(agent.getKey(), cell, detail.attempt(), Instant.now());
        stored.putIfAbsent(cell, seen);
        now.add(seen);
      }
    }
    latest = now;
    state = Optional.of(info.state());
    error = info.stateErrorInfo().orElse("");
  }

  /** Stored cells with the moment at which they were first seen. */
  List<Stored> stored() {
    return List.copyOf(stored.values());
  }

  /** What is wrong with the cells that are stored in the end; each has to be there once. */
  List<String> wrongCells() {
    var wrong = new ArrayList<String>();
    long covered = 0;
    for (int i = 0; i < latest.size(); i++) {
      Cell one = latest.get(i).cell();
      covered += one.work();
      for (Stored other : latest.subList(0, i)) {
        if (one.tile().overlaps(other.cell().tile())
            && one.samples().overlaps(other.cell().samples())) {
          wrong.add("%s: the cells %s and %s overlap".formatted(task, one, other.cell()));
        }
      }
    }
    if (covered != work()) {
      wrong.add(
          "%s: cells of %d pixel samples are stored instead of %d"
              .formatted(task, covered, work()));
    }
    for (Cell cell : stored.keySet()) {
      if (latest.stream().noneMatch(kept -> kept.cell().equals(cell))) {
        wrong.add("%s: the cell %s was stored, and is not any more".formatted(task, cell));
      }
    }
    return wrong;
  }
}
