package io.blendnet.bench;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every cell that an agent's Blenders were told to render: what is asked of Blender goes through a
 * program in front of it that writes it down, whatever becomes of the agent and of the cell. Beside
 * what the farm has stored it tells what was rendered in vain. Used by one thread.
 */
final class BegunCells {
  /** A cell that Blender was told to render. */
  record Begun(String agent, int frame, Cell cell, Instant seen) {}

  private final String agent;
  private final Path folder;
  private final Map<Path, Long> read = new HashMap<>();
  private final List<Begun> all = new ArrayList<>();

  /**
   * @param folder of its own; made here
   */
  BegunCells(String agent, Path folder, Path blender) throws IOException {
    this.agent = agent;
    this.folder = Files.createDirectories(folder);
    Files.writeString(program(), script(blender));
    Files.setPosixFilePermissions(program(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /**
   * Blender keeps the process that the agent started: it takes the script's place. {@code tee} ends
   * when either of them does.
   */
  private String script(Path blender) {
    return """
    #!/bin/sh
    pipe='%1$s'/pipe.$$
    mkfifo "$pipe"
    exec 3<&0
    { rm -f "$pipe"; exec tee '%1$s'/$$.txt; } <&3 3<&- >"$pipe" &
    exec '%2$s' "$@" <"$pipe" 3<&-
    """
        .formatted(folder, blender);
  }

  /** What the agent is to take for Blender. */
  Path program() {
    return folder.resolve("blender");
  }

  /** All that were begun so far. */
  List<Begun> look() throws IOException {
    List<Path> logs;
    try (Stream<Path> files = Files.list(folder)) {
      logs = files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
    for (Path log : logs) {
      long from = read.getOrDefault(log, 0L);
      if (Files.size(log) > from) {
        read.put(log, from + take(log, from));
      }
    }
    return List.copyOf(all);
  }

  /** Takes whole lines. */
  private int take(Path log, long from) throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    String fresh =
        new String(bytes, (int) from, bytes.length - (int) from, StandardCharsets.ISO_8859_1);
    int whole = fresh.lastIndexOf('\n') + 1;
    for (String line : fresh.substring(0, whole).lines().toList()) {
      JsonNode command = JsonMapper.shared().readTree(line);
      if (command.path("do").asString("").equals("render")) {
        all.add(new Begun(agent, command.get("frame").asInt(), cell(command), Instant.now()));
      }
    }
    return whole;
  }

  private static Cell cell(JsonNode command) {
    JsonNode tile = command.get("tile");
    JsonNode samples = command.get("samples");
    return new Cell(
        new Tile(
            tile.get("x").asInt(),
            tile.get("y").asInt(),
            tile.get("width").asInt(),
            tile.get("height").asInt()),
        new SampleRange(samples.get("first").asInt(), samples.get("end").asInt()));
  }
}
