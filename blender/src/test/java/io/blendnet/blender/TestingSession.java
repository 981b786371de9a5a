package io.blendnet.blender;

import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks the session script's JSON lines with the real Blender, with nothing in between. */
final class TestingSession implements Closeable {
  private static final String MARKER = "@blendnet ";
  private static final JsonMapper JSON = new JsonMapper();

  private final Process process;
  private final Writer commands;
  private final BufferedReader output;
  private final JsonNode hello;
  private int lastId;

  TestingSession() throws IOException {
    Path script = Path.of("src/main/resources/io/blendnet/blender/session.py").toAbsolutePath();
    process =
        new ProcessBuilder(
                "blender",
                "-b",
                "--factory-startup",
                "-noaudio",
                "--python-exit-code",
                "42",
                "-P",
                script.toString())
            .redirectErrorStream(true)
            .start();
    commands = process.outputWriter(StandardCharsets.UTF_8);
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    hello = answer();
  }

  /** What the script said of itself when it started. */
  JsonNode hello() {
    return hello;
  }

  /** Sends a command and waits for its answer, whatever that is. */
  JsonNode ask(String what, Map<String, ?> arguments) throws IOException {
    Map<String, Object> command = new HashMap<>(arguments);
    command.put("id", ++lastId);
    command.put("do", what);
    return send(JSON.writeValueAsString(command));
  }

  /** Sends a line as it is. */
  JsonNode send(String line) throws IOException {
    commands.write(line + "\n");
    commands.flush();
    return answer();
  }

  /** As {@link #ask}, for what has to succeed. */
  JsonNode tell(String what, Map<String, ?> arguments) throws IOException {
    JsonNode answer = ask(what, arguments);
    if (!answer.path("ok").asBoolean()) {
      throw new IOException(what + " failed: " + answer.toPrettyString());
    }
    return answer;
  }

  /** Opens a scene where it lies, and returns its facts. */
  JsonNode open(Path blend) throws IOException {
    return tell("open", Map.of("blend", blend.toString(), "threads", 2)).get("facts");
  }

  /** Renders a cell. */
  JsonNode render(int frame, Tile tile, int overscan, SampleRange samples, int total, Path output)
      throws IOException {
    return tell("render", cell(frame, tile, overscan, samples, total, false, output));
  }

  static Map<String, Object> cell(
      int frame,
      Tile tile,
      int overscan,
      SampleRange samples,
      int total,
      boolean exactPattern,
      Path output) {
    return Map.of(
        "frame",
        frame,
        "tile",
        Map.of("x", tile.x(), "y", tile.y(), "width", tile.width(), "height", tile.height()),
        "overscan",
        overscan,
        "samples",
        Map.of("first", samples.first(), "end", samples.end()),
        "total_samples",
        total,
        "exact_pattern",
        exactPattern,
        "output",
        output.toString());
  }

  private JsonNode answer() throws IOException {
    StringBuilder chatter = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(MARKER)) {
        return JSON.readTree(line.substring(MARKER.length()));
      }
      chatter.append(line).append('\n');
    }
    throw new IOException("Blender ended without an answer:\n" + chatter);
  }

  /** Asks the script to quit, and returns Blender's exit code. */
  int quit() throws IOException, InterruptedException {
    tell("quit", Map.of());
    return process.waitFor();
  }

  @Override
  public void close() throws IOException {
    commands.close(); // the script takes the end of its input for a quit
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    output.close();
  }
}
