package io.blendnet.server;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.WirePaths;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Paths of requests, from the request line to a file's place in a workspace. */
public final class PathFuzz {
  private static final Path WORKSPACE = Path.of("/workspace");
  private static final ApiHandler NONE = _ -> ApiResponse.done("");
  private static final RouteTable ROUTES =
      new RouteTable(
          List.of(
              ApiRoute.get("info", "", String.class, NONE),
              ApiRoute.get("task/{name}", "", String.class, NONE),
              ApiRoute.get("task/{name}/file/{path+}", "", String.class, NONE),
              ApiRoute.get("task/{name}/status/result/{kind}", "", String.class, NONE),
              ApiRoute.get("work/blob/{sha256}", "", String.class, NONE)));
  private static final List<TaskConfig> CONFIGS =
      List.of(
          config("/home/me/shot", "/home/me"), config("C:/me/shot", "C:\\me"), config("/", "/"));

  private PathFuzz() {}

  private static TaskConfig config(String project, String folder) {
    TaskConfig standard = TaskConfig.of("shot.blend", 1);
    return new TaskConfig(
        standard.project(),
        Optional.of(project),
        Optional.of(folder),
        standard.samples(),
        standard.seed(),
        standard.frame(),
        standard.agentsNum(),
        standard.useCompositingNodes(),
        standard.composeFilepath(),
        standard.strategy(),
        standard.trustScripts(),
        standard.priority());
  }

  /** For Jazzer. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    take(bytes);
  }

  /** What paths look like. */
  public static List<String> samples() {
    return List.of(
        "/api/v1/task/shot-7/file/textures/wood.png",
        "/api/v1/task/shot%207/file//home/me/a.png",
        "/api/v1/task/shot/file/%2f%2ftextures%5cwood%20%C3%A9.png",
        "/api/v1/task/shot/file/C:/me/shot/../a.png",
        "/api/v1/task/..%2f/status/result/render",
        "/api/v1/work/blob/" + "0".repeat(64));
  }

  /** Takes a path from the wire, or the path within a configuration. */
  public static void take(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    request(text);
    place(text);
    // As JSON may spell it: with halves of characters.
    place(new String(bytes, StandardCharsets.UTF_16BE));
    var _ = refusedOr(() -> ByteRange.parse(text, 1_000).isPresent());
  }

  private static void request(String path) {
    refusedOr(() -> {
      RouteTable.Match match = ROUTES.find(path);
      String name = match.values().getOrDefault("name", "");
      if (TaskName.isValid(name) && !isBelow(name)) {
        throw new IllegalStateException("The task " + name + " leads elsewhere");
      }
      String file = match.values().get("path");
      if (file != null) {
        within(WirePaths.decodeFile(file));
      }
      return true;
    });
  }

  private static void place(String path) {
    refusedOr(() -> {
      String normal = WirePaths.normalise("path", path);
      if (!WirePaths.normalise("path", normal).equals(normal)) {
        throw new IllegalStateException("Normalised twice it is another: " + normal);
      }
      within(normal);
      return true;
    });
  }

  private static void within(String normal) {
    for (TaskConfig config : CONFIGS) {
      refusedOr(() -> {
        String place = WirePaths.inWorkspace(WirePaths.onSubmitter(normal, config), config);
        if (!isBelow(place)) {
          throw new IllegalStateException("'%s' leads to '%s'".formatted(normal, place));
        }
        return true;
      });
    }
  }

  private static boolean isBelow(String place) {
    Path path = WORKSPACE.resolve(place).normalize();
    return path.startsWith(WORKSPACE) && !path.equals(WORKSPACE);
  }

  private interface Attempt {
    boolean succeeds();
  }

  private static boolean refusedOr(Attempt attempt) {
    try {
      return attempt.succeeds();
    } catch (InvalidFieldException | ApiException e) {
      return false;
    }
  }
}
