package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FramePlan;
import io.blendnet.protocol.MalformedJsonException;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.WireJson;
import io.blendnet.storage.spi.DeliveryRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the Manager found out about a task; the store keeps it as the row's {@code plan}.
 *
 * @param plan once an agent has told the scene's facts
 * @param workedOn when an agent first worked on it
 * @param outputs the composed files, the picture first, once composed
 * @param warnings for the user
 * @param details measured timings of its stored cells, once it has stopped or ended
 */
record TaskNotes(
    Optional<FramePlan> plan,
    Optional<Instant> workedOn,
    List<Output> outputs,
    List<String> warnings,
    List<CellDetail> details) {
  static final TaskNotes NONE =
      new TaskNotes(Optional.empty(), Optional.empty(), List.of(), List.of(), List.of());

  /** Cells of a task whose timings are remembered; more would be no use to anybody. */
  private static final int MOST_DETAILS = 5_000;

  /**
   * A composed file.
   *
   * @param path relative, as Blender named it
   * @param blob SHA-256 of its content
   * @param sha1 lower-case hex
   * @param size bytes
   */
  record Output(String path, String contentType, String blob, String sha1, long size) {}

  /** A stored cell: who rendered it, and how long it took. */
  record CellDetail(
      AgentName agent, long lease, int attempt, Cell cell, CellTimings timings, Instant stored) {
    static CellDetail of(DeliveryRow delivery) {
      return new CellDetail(
          delivery.agent(),
          delivery.lease().value(),
          delivery.attempt(),
          delivery.cell(),
          delivery.timings(),
          delivery.stored());
    }
  }

  TaskNotes {
    outputs = List.copyOf(outputs);
    warnings = List.copyOf(warnings);
    details = List.copyOf(details);
  }

  TaskNotes withPlan(FramePlan found) {
    return new TaskNotes(Optional.of(found), workedOn, outputs, found.facts().warnings(), details);
  }

  /** The same where an agent has worked on it before. */
  TaskNotes workedOnAt(Instant now) {
    return new TaskNotes(plan, Optional.of(workedOn.orElse(now)), outputs, warnings, details);
  }

  TaskNotes withOutputs(List<Output> composed, List<String> more) {
    List<String> all = Stream.concat(warnings.stream(), more.stream()).distinct().toList();
    return new TaskNotes(plan, workedOn, composed, all, details);
  }

  TaskNotes withDetails(List<DeliveryRow> deliveries) {
    List<CellDetail> all = deliveries.stream().limit(MOST_DETAILS).map(CellDetail::of).toList();
    return new TaskNotes(plan, workedOn, outputs, warnings, all);
  }

  /** Stored share of a frame that has stopped or ended, 0 to 1. */
  double done() {
    return done(details);
  }

  private double done(List<CellDetail> cells) {
    if (plan.isEmpty()) {
      return 0;
    }
    long work = plan.get().cut().size().area() * plan.get().cut().samples();
    long stored = cells.stream().mapToLong(detail -> detail.cell().work()).sum();
    return Math.min(1, (double) stored / work);
  }

  /** Each agent's part in a frame that has stopped or ended. */
  List<TaskProgress.AgentShare> shares() {
    Map<AgentName, List<CellDetail>> parts =
        details.stream()
            .collect(Collectors.groupingBy(CellDetail::agent, TreeMap::new, Collectors.toList()));
    return parts.entrySet().stream()
        .map(part ->
            new TaskProgress.AgentShare(
                part.getKey().value(), done(part.getValue()), part.getValue().size(), ""))
        .toList();
  }

  String json() {
    return new String(WireJson.write(this), StandardCharsets.UTF_8);
  }

  static TaskNotes parse(String json) {
    if (json.isEmpty()) {
      return NONE;
    }
    try {
      return WireJson.read(json.getBytes(StandardCharsets.UTF_8), TaskNotes.class);
    } catch (MalformedJsonException e) {
      throw new IllegalStateException("The store holds a plan that is no JSON: " + json, e);
    }
  }
}
