package io.blendnet.blender;

import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Tile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

/** Commands to the session script and its answers. */
final class SessionJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          // Whatever encoding Python takes its standard input for.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          // Blender's other threads may print into the line behind an answer.
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addModule(
              new SimpleModule().addDeserializer(BlenderVersion.class, new VersionFromText()))
          .build();

  private SessionJson() {}

  private static final class VersionFromText extends StdDeserializer<BlenderVersion> {
    VersionFromText() {
      super(BlenderVersion.class);
    }

    @Override
    public BlenderVersion deserialize(JsonParser parser, DeserializationContext context) {
      String text = parser.getValueAsString("");
      return BlenderVersion.find(text)
          .orElseThrow(() -> new IllegalArgumentException("No version: '" + text + "'"));
    }
  }

  static Optional<JsonNode> parseAnswer(String json) {
    try {
      JsonNode answer = MAPPER.readTree(json);
      return answer.isObject() && answer.path("id").isInt() && answer.path("ok").isBoolean()
          ? Optional.of(answer)
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  static String write(ObjectNode command) {
    return MAPPER.writeValueAsString(command);
  }

  static ObjectNode command(String what) {
    return MAPPER.createObjectNode().put("do", what);
  }

  static ObjectNode open(SceneRequest scene) {
    ObjectNode command = command("open");
    command.put("blend", scene.blend().toString());
    command.put("threads", scene.threads());
    command.put("trust_scripts", scene.trustScripts());
    command.put("samples", scene.samples().orElse(null));
    command.put("seed", scene.seed().orElse(null));
    command.put("use_compositor", scene.useCompositor());
    command.put("project_path", scene.projectPath().orElse(null));
    command.put("working_path", scene.workingPath().orElse(null));
    command.put("project_folder", scene.projectFolder().toString());
    command.put("dependencies_folder", scene.dependenciesFolder().toString());
    return command;
  }

  static ObjectNode openInPlace(SceneRequest scene) {
    ObjectNode command = open(scene);
    for (String path :
        List.of("project_path", "working_path", "project_folder", "dependencies_folder")) {
      command.putNull(path);
    }
    return command;
  }

  static ObjectNode render(CellRequest request) {
    ObjectNode command = command("render");
    command.put("frame", request.frame());
    putTile(command.putObject("tile"), request.cell().tile());
    command.put("overscan", request.overscan());
    command
        .putObject("samples")
        .put("first", request.cell().samples().first())
        .put("end", request.cell().samples().end());
    command.put("total_samples", request.totalSamples());
    command.put("exact_pattern", request.exactPattern());
    command.put("output", request.partial().toString());
    return command;
  }

  private static void putTile(ObjectNode node, Tile tile) {
    node.put("x", tile.x()).put("y", tile.y());
    node.put("width", tile.width()).put("height", tile.height());
  }

  static ObjectNode compose(ComposeRequest request) {
    return command("compose")
        .put("frame", request.frame())
        .put("exr", request.exr().toString())
        .put("output_folder", request.outputFolder().toString());
  }

  static ObjectNode files(List<Integer> frames) {
    ObjectNode command = command("files");
    var array = command.putArray("frames");
    frames.forEach(frame -> array.add((int) frame));
    return command;
  }

  /** What {@code value} throws as Jackson or record constructors do means: not an answer. */
  static SceneFacts sceneFacts(JsonNode answer) {
    return MAPPER.treeToValue(answer.required("facts"), SceneFacts.class);
  }

  static RenderedCell renderedCell(JsonNode answer) {
    JsonNode seconds = answer.required("seconds");
    return new RenderedCell(
        MAPPER.treeToValue(answer.required("rendered"), Tile.class),
        duration(seconds, "sync"),
        duration(seconds, "render"),
        duration(seconds, "save"),
        texts(answer.path("warnings")));
  }

  /** Absolute paths; whatever else is there is left out. */
  static List<Path> paths(JsonNode texts) {
    List<Path> paths = new ArrayList<>();
    texts.forEach(text -> absolutePath(text.asString("")).ifPresent(paths::add));
    return List.copyOf(paths);
  }

  private static Optional<Path> absolutePath(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Path::isAbsolute).map(Path::normalize);
    } catch (InvalidPathException e) {
      return Optional.empty(); // a place that we cannot even spell is none that we could show
    }
  }

  private static Duration duration(JsonNode seconds, String name) {
    return Duration.ofNanos(Math.max(0, Math.round(seconds.required(name).doubleValue() * 1e9)));
  }

  static ComposedPicture composedPicture(JsonNode answer) {
    List<ComposedFileOnDisk> files = new ArrayList<>();
    for (JsonNode file : answer.required("files")) {
      files.add(
          new ComposedFileOnDisk(
              Path.of(text(file, "path")),
              file.path("content_type").asString("application/octet-stream")));
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no picture among the files");
    }
    return new ComposedPicture(files, texts(answer.path("warnings")));
  }

  static SceneFiles sceneFiles(JsonNode answer) {
    List<SceneFile> files = new ArrayList<>();
    for (JsonNode file : answer.required("files")) {
      files.add(
          new SceneFile(
              text(file, "path"),
              file.path("kind").asString(""),
              file.path("exists").asBoolean(false),
              file.path("packed").asBoolean(false),
              file.path("needed_by").asString("")));
    }
    return new SceneFiles(files, texts(answer.path("scripts")), texts(answer.path("pictures")));
  }

  private static String text(JsonNode node, String name) {
    return node.required(name).asString();
  }

  static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : array) {
      texts.add(text.asString());
    }
    return texts;
  }
}
