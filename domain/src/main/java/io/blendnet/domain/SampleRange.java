package io.blendnet.domain;

/**
 * The samples {@code [first, end)} of every pixel of a tile.
 *
 * @param first from 0
 * @param end more than {@code first}
 */
public record SampleRange(int first, int end) implements Comparable<SampleRange> {
  public SampleRange {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException("No such sample range: [%d, %d)".formatted(first, end));
    }
  }

  /** Number of samples, at least 1. */
  public int size() {
    return end - first;
  }

  public boolean contains(SampleRange other) {
    return first <= other.first && end >= other.end;
  }

  public boolean overlaps(SampleRange other) {
    return first < other.end && other.first < end;
  }

  @Override
  public int compareTo(SampleRange other) {
    int byFirst = Integer.compare(first, other.first);
    return byFirst != 0 ? byFirst : Integer.compare(end, other.end);
  }

  @Override
  public String toString() {
    return "[%d, %d)".formatted(first, end);
  }
}
