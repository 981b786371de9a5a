package io.blendnet.domain;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Blender, as in "4.5.3". */
public record BlenderVersion(int major, int minor, int patch)
    implements Comparable<BlenderVersion> {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(?:\\.(\\d{1,3}))?");

  /** The first version in a text such as {@code Blender 3.4.1}. */
  public static Optional<BlenderVersion> find(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String patch = matcher.group(3);
    return Optional.of(
        new BlenderVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            patch == null ? 0 : Integer.parseInt(patch)));
  }

  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return compareTo(new BlenderVersion(otherMajor, otherMinor, 0)) >= 0;
  }

  @Override
  public int compareTo(BlenderVersion other) {
    return Comparator.comparingInt(BlenderVersion::major)
        .thenComparingInt(BlenderVersion::minor)
        .thenComparingInt(BlenderVersion::patch)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
