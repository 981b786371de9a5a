package io.blendnet.cli;

import io.blendnet.protocol.WireJson;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * One JSON object a line (NDJSON), for programs. Every object has {@code event}: {@code note},
 * {@code sending}, {@code progress}, {@code frame}, and at the end {@code result}.
 */
final class JsonDisplay implements ProgressDisplay {
  private final PrintStream out;
  private Progress last;
  private long lastThere = -1;

  JsonDisplay(PrintStream out) {
    this.out = out;
    this.last = new Progress(Duration.ZERO, List.of(), List.of());
  }

  @Override
  public void say(String sentence) {
    event("note", Map.of("text", sentence));
  }

  @Override
  public synchronized void show(Sending sending) {
    if (sending.there() == lastThere) {
      return;
    }
    lastThere = sending.there();
    var members = new LinkedHashMap<String, Object>();
    members.put("elapsed", sending.elapsed().toMillis() / 1000.0);
    members.put("bytes_there", sending.there());
    members.put("bytes_total", sending.total());
    event("sending", members);
  }

  @Override
  public synchronized void show(Progress progress) {
    boolean news =
        !progress.frames().equals(last.frames()) || !progress.agents().equals(last.agents());
    if (!news) {
      return;
    }
    last = progress;
    var members = new LinkedHashMap<String, Object>();
    members.put("elapsed", progress.elapsed().toMillis() / 1000.0);
    members.put("done", progress.done());
    members.put("cells_done", progress.cellsDone());
    members.put("cells_total", progress.cellsTotal());
    progress.remaining().ifPresent(left -> members.put("remaining", left.toSeconds()));
    members.put("frames", progress.frames().stream().map(JsonDisplay::frame).toList());
    members.put("agents", progress.agents().stream().map(JsonDisplay::agent).toList());
    event("progress", members);
  }

  @Override
  public void tell(FrameResult result) {
    var members = new LinkedHashMap<String, Object>();
    members.put("frame", result.frame());
    switch (result) {
      case FrameResult.Saved saved -> {
        members.put("picture", saved.picture().toString());
        saved.layers().ifPresent(layers -> members.put("layers", layers.toString()));
        members.put("seconds", saved.rendering().toMillis() / 1000.0);
        members.put("warnings", saved.warnings());
      }
      case FrameResult.Failed failed -> members.put("error", failed.reason());
    }
    event("frame", members);
  }

  private static Map<String, Object> frame(Progress.Frame frame) {
    var members = new LinkedHashMap<String, Object>();
    members.put("frame", frame.number());
    members.put("state", frame.state().name());
    members.put("done", frame.done());
    members.put("phase", frame.phase());
    members.put("strategy", frame.strategy());
    return members;
  }

  private static Map<String, Object> agent(Progress.Agent agent) {
    var members = new LinkedHashMap<String, Object>();
    members.put("name", agent.name());
    members.put("activity", agent.activity());
    members.put("share", agent.share());
    members.put("cells", agent.cells());
    return members;
  }

  /** The members of a record of API v1, as the API names them. */
  static Map<String, Object> members(Record record) {
    var members = new LinkedHashMap<String, Object>();
    WireJson.tree(record).properties().forEach(e -> members.put(e.getKey(), e.getValue()));
    return members;
  }

  synchronized void event(String name, Map<String, ?> members) {
    var object = new LinkedHashMap<String, Object>();
    object.put("event", name);
    object.putAll(members);
    out.println(JsonMapper.shared().writeValueAsString(object));
    out.flush();
  }

  @Override
  public void close() {
    out.flush();
  }
}
