package io.blendnet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The table of results, as docs/conformance.md has it. */
record ConformancePage(List<ConformanceRow> rows) {
  private static final String HEAD =
      """
      # Conformance

      Written by `bench/conformance --write`. It makes small scenes, each about one thing, renders a frame of each in one
      Blender and in parts, and compares every channel and every attribute that does not name a time. The parts are cut by the
      scheduler's rules, rendered by two sessions in turns as by two agents, and put together by the farm's own assembly.

      - `tiles`: the channels are equal bit by bit.
      - `samples`: the whole frame in sample ranges of different lengths. Equal within 1e-5, relative to values above 1.
        Cryptomatte is compared by its names, in the pixels where Blender's own file has room for more names.
      - `auto`: tiles of a first thin range over the frame, then other tiles of the rest. As `samples`.
      - `frame`: the whole frame in one piece. Bit by bit.

      What is not rendered, the farm refuses before it begins. Differences are given to one digit; the others depend on the
      processor.
      """;

  ConformancePage {
    rows = List.copyOf(rows);
  }

  String text() {
    var text = new StringBuilder(HEAD);
    for (String blender : rows.stream().map(ConformanceRow::blender).distinct().toList()) {
      List<ConformanceRow> ours =
          rows.stream().filter(row -> row.blender().equals(blender)).toList();
      text.append("\n## Blender ").append(blender).append("\n\n");
      text.append(exactRows(ours));
      text.append("\n### What is not cut so\n\n");
      text.append(refusedRows(ours));
    }
    return text.toString();
  }

  private static String exactRows(List<ConformanceRow> rows) {
    var text =
        new StringBuilder(
            "| scene | about | cut | cells | channels | difference | differ | holds |\n");
    text.append("|---|---|---|---|---|---|---|---|\n");
    rows.stream()
        .filter(row -> row.refusal().isEmpty())
        .forEach(row -> text.append(line(cells(row))).append('\n'));
    return text.toString();
  }

  private static String refusedRows(List<ConformanceRow> rows) {
    var text = new StringBuilder("| scene | cut | why not | difference | differ | needed |\n");
    text.append("|---|---|---|---|---|---|\n");
    rows.stream()
        .filter(row -> row.refusal().isPresent())
        .forEach(row -> text.append(line(cells(row))).append('\n'));
    return text.toString();
  }

  private static List<String> cells(ConformanceRow row) {
    String cut = row.strategy().name().toLowerCase(Locale.ROOT);
    if (row.refusal().isEmpty()) {
      return List.of(
          row.scene(),
          row.claim(),
          cut,
          Integer.toString(row.cells()),
          row.comparison().map(found -> Integer.toString(found.channels())).orElse(""),
          row.difference(),
          row.differing(),
          row.holds() ? "yes" : "**no**");
    }
    boolean isRendered = row.comparison().isPresent();
    return List.of(
        row.scene(),
        cut,
        row.refusal().get(),
        isRendered ? row.difference() : "not rendered",
        isRendered ? row.differing() : "",
        isRendered ? row.holds() ? "yes" : "**no**" : "");
  }

  private static String line(List<String> cells) {
    return "| "
        + String.join(" | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList())
        + " |";
  }

  /**
   * What the page says otherwise than these rows, differences' digits aside.
   *
   * @param page the text of docs/conformance.md
   */
  List<String> contradictions(String page) {
    List<String> lines = new ArrayList<>();
    for (String blender : rows.stream().map(ConformanceRow::blender).distinct().toList()) {
      int begin = page.indexOf("\n## Blender " + blender + "\n");
      int end = begin < 0 ? -1 : page.indexOf("\n## ", begin + 1);
      String part = begin < 0 ? "" : end < 0 ? page.substring(begin) : page.substring(begin, end);
      List<String> known = part.lines().map(ConformancePage::withoutDigits).toList();
      rows.stream()
          .filter(row -> row.blender().equals(blender))
          .map(row -> line(cells(row)))
          .filter(line -> !known.contains(withoutDigits(line)))
          .forEach(lines::add);
    }
    return lines;
  }

  private static String withoutDigits(String line) {
    return line.replaceAll("\\| \\de-\\d\\d \\|", "| . |");
  }

  /** One row for the reader of the command's output. */
  static String said(ConformanceRow row) {
    Optional<FrameComparison> comparison = row.comparison();
    return "%-4s %s %s %s: %s%s"
        .formatted(
            row.holds() ? "yes" : "NO",
            row.blender(),
            row.scene(),
            row.strategy().label(),
            comparison.isEmpty()
                ? "not rendered"
                : "%d channels in %d cells, difference %s, differ: %s"
                    .formatted(
                        comparison.get().channels(),
                        row.cells(),
                        row.difference(),
                        row.differing()),
            row.refusal().map(reason -> "; refused: " + reason).orElse(""));
  }
}
