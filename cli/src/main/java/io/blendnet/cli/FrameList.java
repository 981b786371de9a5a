package io.blendnet.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Frames in the order in which the user wrote them, each once: {@code 7} or {@code 1-10,20}.
 *
 * @param frames 1 to {@value #MOST} of them, each from 0 to {@value #LAST}
 */
record FrameList(List<Integer> frames) {
  /** Blender's own last frame (MAXFRAME). */
  static final int LAST = 1_048_574;

  /** More than that in one command is taken for a slip of the hand. */
  static final int MOST = 100_000;

  private static final Pattern PART = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

  FrameList {
    frames = List.copyOf(frames);
  }

  /**
   * Reads what the user wrote.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static FrameList parse(String text) {
    var frames = new LinkedHashSet<Integer>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'%s' is neither a frame nor a range of frames; frames look like 7 or 1-10,20"
                .formatted(part.strip()));
      }
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      add(first, last, frames);
    }
    return new FrameList(List.copyOf(frames));
  }

  private static void add(int first, int last, LinkedHashSet<Integer> frames) {
    if (last < first) {
      throw new IllegalArgumentException(
          "The frames %d-%d run backwards; write %d-%d".formatted(first, last, last, first));
    }
    if (last > LAST) {
      throw new IllegalArgumentException(
          "Frame %d is out of range; Blender's frames go from 0 to %d".formatted(last, LAST));
    }
    if (frames.size() + (last - first) >= MOST) {
      throw new IllegalArgumentException(
          "More than %d frames in one command; render them in several".formatted(MOST));
    }
    for (int frame = first; frame <= last; frame++) {
      frames.add(frame);
    }
  }
}
