package io.blendnet.manager;

import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskSpec;
import io.blendnet.protocol.SceneOrder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the agents of a benchmark have to render, for as long as it runs. */
public enum Workload {
  /** More frames than agents: each agent has a frame of its own. */
  MANY_FRAMES("many frames", 1920, 1080, 256),

  /** All agents at one large frame, through its end with its steals; then the next one. */
  ONE_FRAME("one frame", 7680, 4320, 4096);

  /** Files that a scene of a usual production links to: they are what makes it this scene. */
  private static final int FILES = 200;

  private static final int FRAMES_OF_A_SCENE = 100;
  private static final int FRAMES_FOR_EACH_AGENT = 2;

  /** It joins, opens the scene, and delivers its first cells. */
  private static final int DECISIONS_UNTIL_KNOWN = 8;

  private static final Map<Integer, String> SCENES = new ConcurrentHashMap<>();

  private final String words;
  private final int width;
  private final int height;
  private final int samples;

  Workload(String words, int width, int height, int samples) {
    this.words = words;
    this.width = width;
    this.height = height;
    this.samples = samples;
  }

  public String words() {
    return words;
  }

  SceneFacts facts() {
    return new SceneFacts(
        "CYCLES",
        new BlenderVersion(4, 5, 3),
        new FrameSize(width, height),
        samples,
        true,
        List.of(),
        List.of(),
        false,
        List.of(),
        List.of(),
        ".png");
  }

  /** How many frames are to be rendered at any time. */
  int framesAtOnce(int agents) {
    return switch (this) {
      case MANY_FRAMES -> FRAMES_FOR_EACH_AGENT * agents;
      case ONE_FRAME -> 1;
    };
  }

  /** After so many decisions every agent is at work and known for its speed. */
  int decisionsUntilBusy(int agents) {
    return framesAtOnce(agents) + DECISIONS_UNTIL_KNOWN * agents;
  }

  static TaskName name(int frame) {
    return new TaskName("shot-%07d".formatted(frame));
  }

  TaskSpec task(int frame) {
    return TaskSpec.fresh(
        name(frame),
        SCENES.computeIfAbsent(frame / FRAMES_OF_A_SCENE, Workload::scene),
        frame,
        Strategy.AUTO,
        0,
        Instant.EPOCH.plusSeconds(frame));
  }

  private static String scene(int number) {
    Map<String, String> files =
        IntStream.range(0, FILES)
            .boxed()
            .collect(
                Collectors.toMap(
                    "textures/set-%03d.exr"::formatted, file -> "%064x".formatted(file + number)));
    return SceneOrders.key(
        new SceneOrder(
            "shot-%05d.blend".formatted(number),
            Optional.empty(),
            Optional.empty(),
            files,
            Optional.empty(),
            Optional.empty(),
            true,
            false));
  }
}
