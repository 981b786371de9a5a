package io.blendnet.manager;

import io.blendnet.domain.FramePlan;
import io.blendnet.protocol.MalformedJsonException;
import io.blendnet.protocol.WireJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What the Manager found out about a task; the store keeps it as the row's {@code plan}.
 *
 * @param plan once an agent has told the scene's facts
 * @param outputs the composed files, the picture first, once composed
 * @param warnings for the user
 */
record TaskNotes(Optional<FramePlan> plan, List<Output> outputs, List<String> warnings) {
  static final TaskNotes NONE = new TaskNotes(Optional.empty(), List.of(), List.of());

  /**
   * A composed file.
   *
   * @param path relative, as Blender named it
   * @param blob SHA-256 of its content
   * @param sha1 lower-case hex
   * @param size bytes
   */
  record Output(String path, String contentType, String blob, String sha1, long size) {}

  TaskNotes {
    outputs = List.copyOf(outputs);
    warnings = List.copyOf(warnings);
  }

  TaskNotes withPlan(FramePlan found) {
    return new TaskNotes(Optional.of(found), outputs, found.facts().warnings());
  }

  TaskNotes withOutputs(List<Output> composed, List<String> more) {
    List<String> all =
        java.util.stream.Stream.concat(warnings.stream(), more.stream()).distinct().toList();
    return new TaskNotes(plan, composed, all);
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
