package io.blendnet.blender;

import io.blendnet.blender.BlenderLine.MemoryUse;
import io.blendnet.blender.BlenderLine.Tiling;
import io.blendnet.blender.BlenderLine.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes one line apart. Status lines are fields between {@code |}, of which each is optional. */
final class BlenderLineParser {
  /** Blender 5 puts time and module before each line: {@code 00:00.327 render | }. */
  private static final Pattern LOG_PREFIX =
      Pattern.compile("^\\d{2}:\\d{2}(?::\\d{2})?\\.\\d{3}\\s+\\S+\\s+\\| ");

  private static final Pattern FRAME = Pattern.compile("^Fra:\\s*-?\\d+\\b.*");
  private static final Pattern TIME = Pattern.compile("^Time:\\s*[\\d:.]+$");
  private static final Pattern REMAINING = Pattern.compile("^Remaining:\\s*([\\d:.]+)$");
  private static final Pattern MEMORY = Pattern.compile("\\bMem:\\s*([\\d.]+)\\s*([KMGT])?");
  private static final Pattern PEAK = Pattern.compile("\\bPeak:?\\s*([\\d.]+)\\s*([KMGT])?");
  private static final Pattern MEMORY_FIELD = Pattern.compile("^(Mem|Peak):?\\s*[\\d.]+.*");
  private static final Pattern SAMPLE =
      Pattern.compile("^(?:Rendered (\\d+)/(\\d+) Tiles, )?Sample (\\d+)/(\\d+)\\b.*");
  private static final Pattern SAVED = Pattern.compile("^Saved: '?(.*?)'?$");

  private record Sign(Pattern pattern, Trouble trouble) {
    static Sign of(String regex, Trouble trouble) {
      return new Sign(Pattern.compile(regex, Pattern.CASE_INSENSITIVE), trouble);
    }
  }

  private static final Sign OUT_OF_MEMORY =
      Sign.of(
          "out of (gpu |device |host |video |system |shared |and )*memory|out_of_(\\w+_)?memory"
              + "|erroroutofmemory|insufficient memory|std::bad_alloc"
              + "|\\b(m|c|re)alloc\\w* returns null|\\bMemoryError\\b|cannot allocate memory"
              + "|failed to allocate|memory allocation failed",
          Trouble.MEMORY);

  /** In this order: a crash for lack of memory is about memory. */
  private static final List<Sign> SIGNS =
      List.of(
          OUT_OF_MEMORY,
          Sign.of(
              "^writing: .*\\.crash\\.txt|segmentation fault|exception_access_violation"
                  + "|^aborted\\b|terminate called after throwing",
              Trouble.CRASH),
          Sign.of("error while loading shared libraries", Trouble.SYSTEM_LIBRARY),
          Sign.of(
              "no space left on device|disk quota exceeded|read-only file system", Trouble.DISK),
          Sign.of(
              "\\b(cuda|optix|hip|oneapi|metal|egl) error\\b|unable to open a display"
                  + "|failed to (create|initialize) .*(context|device)|no compatible gpus? found",
              Trouble.GRAPHICS),
          Sign.of(
              "no camera|not a blend(er)? file|cannot read file|can't find (lib|file)"
                  + "|lib(rary)? .*(missing|not found|cannot be|could not)"
                  + "|(missing|cannot find|unable to open|can't read) .*(lib|file|image|blend)"
                  + "|written by newer blender|failed to read blend",
              Trouble.SCENE),
          Sign.of(
              "^traceback \\(most recent call last\\)|^(\\w+\\.)*\\w+(error|exception): ",
              Trouble.PYTHON));

  private final String text;
  private Optional<Duration> remaining = Optional.empty();
  private long memory;
  private long peak;

  BlenderLineParser(String text) {
    this.text = text;
  }

  BlenderLine parse() {
    Matcher prefix = LOG_PREFIX.matcher(text);
    String content = prefix.lookingAt() ? text.substring(prefix.end()) : text;
    Matcher saved = SAVED.matcher(content);
    if (saved.matches()) {
      return new BlenderLine.Saved(text, saved.group(1));
    }
    if (FRAME.matcher(content).matches()) {
      return parseStatus(content);
    }
    return troubleIn(content)
        .<BlenderLine>map(trouble -> new BlenderLine.Problem(text, trouble))
        .orElseGet(() -> new BlenderLine.Other(text));
  }

  private BlenderLine parseStatus(String content) {
    List<String> rest = new ArrayList<>();
    boolean afterMemory = false;
    for (String field : content.split(" \\| ", -1)) {
      String trimmed = field.strip();
      if (isMeasure(trimmed)) {
        afterMemory = true;
        continue;
      }
      // "Scene, ViewLayer" follows the measures; what a render does never holds a comma there.
      if (afterMemory
          && rest.isEmpty()
          && trimmed.contains(", ")
          && !trimmed.startsWith("Rendered")) {
        afterMemory = false;
        continue;
      }
      rest.add(trimmed);
    }
    Optional<MemoryUse> use =
        memory == 0 && peak == 0
            ? Optional.empty()
            : Optional.of(new MemoryUse(memory, Math.max(memory, peak)));
    String step = String.join(" | ", rest);
    Matcher sample = SAMPLE.matcher(rest.isEmpty() ? "" : rest.getLast());
    if (sample.matches()) {
      Optional<Tiling> tiling =
          sample.group(1) == null
              ? Optional.empty()
              : Optional.of(new Tiling(number(sample.group(1)), number(sample.group(2))));
      return new BlenderLine.Sampling(
          text, number(sample.group(3)), number(sample.group(4)), tiling, remaining, use);
    }
    // Names of the user's objects stand behind these words and may say anything.
    boolean named = step.startsWith("Synchronizing") || step.startsWith("Updating");
    if (!named && OUT_OF_MEMORY.pattern().matcher(step).find()) {
      return new BlenderLine.Problem(text, Trouble.MEMORY);
    }
    return new BlenderLine.Step(text, step, remaining, use);
  }

  private boolean isMeasure(String field) {
    Matcher left = REMAINING.matcher(field);
    if (left.matches()) {
      remaining = duration(left.group(1));
      return true;
    }
    boolean frame = FRAME.matcher(field).matches();
    if (frame || MEMORY_FIELD.matcher(field).matches()) {
      memory = Math.max(memory, bytes(MEMORY.matcher(field)));
      peak = Math.max(peak, bytes(PEAK.matcher(field)));
      return true;
    }
    return TIME.matcher(field).matches();
  }

  private static Optional<Trouble> troubleIn(String content) {
    return SIGNS.stream()
        .filter(sign -> sign.pattern().matcher(content).find())
        .map(Sign::trouble)
        .findFirst();
  }

  private static long bytes(Matcher matcher) {
    if (!matcher.find()) {
      return 0;
    }
    String unit = matcher.group(2);
    int power = unit == null ? 2 : "KMGT".indexOf(unit) + 1;
    try {
      return Math.round(Double.parseDouble(matcher.group(1)) * Math.pow(1024, power));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static int number(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }

  /** {@code 12.93}, {@code 00:12.93} or {@code 01:00:12.93}. */
  private static Optional<Duration> duration(String clock) {
    double seconds = 0;
    try {
      for (String part : clock.split(":", -1)) {
        seconds = seconds * 60 + Double.parseDouble(part);
      }
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.round(seconds * 1000)));
  }
}
