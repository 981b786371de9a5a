package io.blendnet.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Says at the end what a render gave. */
final class RenderReport {
  private RenderReport() {}

  /** For people: paths, times, and what they should know. */
  static void print(RenderJob.Outcome outcome, PrintStream out) {
    for (FrameResult result : outcome.results()) {
      switch (result) {
        case FrameResult.Saved saved -> {
          out.printf("Frame %d: %s%n", saved.frame(), saved.picture());
          saved.layers().ifPresent(layers -> out.printf("  layers: %s%n", layers));
        }
        case FrameResult.Failed failed ->
            out.printf("Frame %d failed: %s%n", failed.frame(), failed.reason());
      }
    }
    warnings(outcome).forEach(warning -> out.println("Note: " + warning));
    out.printf(
        "Took %s: %s to prepare, %s to render%n",
        seconds(outcome.preparing().plus(outcome.rendering())),
        seconds(outcome.preparing()),
        seconds(outcome.rendering()));
  }

  /** For programs, which have seen each frame when it was saved. */
  static void tell(RenderJob.Outcome outcome, JsonDisplay out) {
    out.event(
        "result",
        Map.of(
            "exit_code",
            (outcome.isComplete() ? ExitCode.DONE : ExitCode.FAILED).number(),
            "preparing",
            inSeconds(outcome.preparing()),
            "rendering",
            inSeconds(outcome.rendering()),
            "warnings",
            warnings(outcome)));
  }

  private static List<String> warnings(RenderJob.Outcome outcome) {
    return Stream.concat(
            outcome.remarks().stream(),
            outcome.results().stream()
                .flatMap(result ->
                    switch (result) {
                      case FrameResult.Saved saved -> saved.warnings().stream();
                      case FrameResult.Failed _ -> Stream.empty();
                    }))
        .distinct()
        .toList();
  }

  private static double inSeconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", inSeconds(duration));
  }
}
