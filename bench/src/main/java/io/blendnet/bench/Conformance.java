package io.blendnet.bench;

import io.blendnet.blender.BlenderNotFoundException;
import io.blendnet.blender.SessionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Renders small scenes whole and in parts, and compares them; holds docs/conformance.md to the
 * results.
 */
final class Conformance {
  private static final int WRONG = 1;
  private static final int USAGE = 2;

  /** Enough for a test: what is most easily broken. */
  private static final Set<String> FEW =
      Set.of(
          "passes",
          "passes-adaptive",
          "sample-count",
          "cryptomatte-2",
          "light-groups",
          "layers",
          "border-crop",
          "percentage",
          "pattern-multi-jitter",
          "volume-and-indirect-light");

  /** The same for the Blender that most is not tested with. */
  private static final Set<String> FEW_AS_MODULE = Set.of("passes", "layer-samples", "guiding");

  private Conformance() {}

  /**
   * What is wanted.
   *
   * @param blender {@code 3.4}, {@code 4.5} or {@code all}
   * @param scene one scene alone; empty: all of them
   */
  private record Options(
      String blender, String scene, boolean few, boolean write, boolean compare, boolean json) {
    static Options parse(String[] arguments) {
      List<String> words = new ArrayList<>(List.of(arguments));
      boolean few = words.remove("--few");
      boolean write = words.remove("--write");
      boolean compare = words.remove("--compare");
      Flags flags = Flags.parse(words.toArray(String[]::new), Set.of("--blender", "--scene"));
      String blender = flags.given().getOrDefault("--blender", "all");
      String scene = flags.given().getOrDefault("--scene", "");
      Flags.require(Set.of("3.4", "4.5", "all").contains(blender), "--blender is 3.4, 4.5 or all");
      Flags.require(
          !write || (blender.equals("all") && scene.isEmpty() && !few),
          "--write is for all Blenders and scenes");
      return new Options(blender, scene, few, write, compare, flags.json());
    }

    boolean wants(String version) {
      return blender.equals("all") || blender.equals(version);
    }

    Stream<String> chosen(ConformanceBlender of, Set<String> scenes) {
      Set<String> some = of.isModule() ? FEW_AS_MODULE : FEW;
      return scenes.stream()
          .filter(name -> scene.isEmpty() || name.equals(scene))
          .filter(name -> !few || some.contains(name));
    }
  }

  public static void main(String[] arguments) throws Exception {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(USAGE);
      return;
    }
    Path folder = Files.createTempDirectory("blendnet-bench-conformance-");
    List<ConformanceRow> rows = new ArrayList<>();
    try {
      for (ConformanceBlender blender : blenders(options, folder)) {
        rows.addAll(
            run(blender, options, Files.createDirectory(folder.resolve(blender.version()))));
      }
    } finally {
      Commands.delete(folder);
    }
    System.exit(judge(rows, options) ? 0 : WRONG);
  }

  private static List<ConformanceBlender> blenders(Options options, Path folder)
      throws BlenderNotFoundException {
    List<ConformanceBlender> blenders = new ArrayList<>();
    if (options.wants("3.4")) {
      blenders.add(ConformanceBlender.executable(folder));
    }
    if (options.wants("4.5")) {
      Path python = Path.of(System.getProperty("blendnet.bpy-python", ""));
      blenders.add(ConformanceBlender.module(folder, python));
    }
    return blenders;
  }

  private static List<ConformanceRow> run(ConformanceBlender blender, Options options, Path folder)
      throws IOException, InterruptedException, ExecutionException {
    Map<String, String> claims = blender.makeScenes(folder);
    List<ConformanceRow> rows = new ArrayList<>();
    try (ExecutorService cores =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<List<ConformanceRow>>> scenes =
          options
              .chosen(blender, claims.keySet())
              .map(name ->
                  cores.submit(() -> rows(name, claims.getOrDefault(name, ""), blender, folder)))
              .toList();
      for (Future<List<ConformanceRow>> scene : scenes) {
        rows.addAll(scene.get());
        if (!options.json()) {
          scene.get().forEach(row -> System.out.println(ConformancePage.said(row)));
        }
      }
    }
    return rows;
  }

  private static List<ConformanceRow> rows(
      String name, String claim, ConformanceBlender blender, Path folder)
      throws IOException, InterruptedException {
    var scene =
        new ConformanceScene(
            name, claim, blender, folder.resolve(name + ".blend"), folder.resolve(name));
    try {
      return scene.rows();
    } catch (SessionException e) {
      throw new IOException(
          "%s %s: %s %s".formatted(blender.version(), name, e.getMessage(), e.lines()), e);
    }
  }

  private static boolean judge(List<ConformanceRow> rows, Options options) throws IOException {
    long held = rows.stream().filter(ConformanceRow::holds).count();
    Path file = Commands.root().resolve("docs/conformance.md");
    var page = new ConformancePage(rows);
    List<String> contradictions =
        options.compare() ? page.contradictions(Files.readString(file)) : List.of();
    if (options.write()) {
      Files.writeString(file, page.text());
    }
    if (options.json()) {
      System.out.println(JsonMapper.builder().build().writeValueAsString(rows));
    } else {
      System.out.printf("%d of %d hold%n", held, rows.size());
    }
    contradictions.forEach(line -> System.out.println("docs/conformance.md lacks: " + line));
    if (rows.isEmpty()) {
      System.err.println("There is no such scene");
    }
    return !rows.isEmpty() && held == rows.size() && contradictions.isEmpty();
  }
}
