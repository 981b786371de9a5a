package io.blendnet.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A set of samples, kept as ascending ranges of which no two touch.
 *
 * @param ranges ascending, disjoint, with a gap between neighbours
 */
public record SampleSet(List<SampleRange> ranges) {
  public static final SampleSet EMPTY = new SampleSet(List.of());

  public SampleSet {
    ranges = List.copyOf(ranges);
    for (int i = 1; i < ranges.size(); i++) {
      if (ranges.get(i).first() <= ranges.get(i - 1).end()) {
        throw new IllegalArgumentException("Ranges out of order or touching: " + ranges);
      }
    }
  }

  public static SampleSet of(SampleRange range) {
    return new SampleSet(List.of(range));
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** Number of samples. */
  public int count() {
    int count = 0;
    for (SampleRange range : ranges) {
      count += range.size();
    }
    return count;
  }

  public boolean contains(SampleRange wanted) {
    return ranges.stream().anyMatch(range -> range.contains(wanted));
  }

  public boolean overlaps(SampleRange other) {
    return ranges.stream().anyMatch(range -> range.overlaps(other));
  }

  /** The range with the smallest samples. */
  public Optional<SampleRange> first() {
    return ranges.stream().findFirst();
  }

  public SampleSet plus(SampleRange added) {
    int first = added.first();
    int end = added.end();
    List<SampleRange> before = new ArrayList<>();
    List<SampleRange> after = new ArrayList<>();
    for (SampleRange range : ranges) {
      if (range.end() < first) {
        before.add(range);
      } else if (range.first() > end) {
        after.add(range);
      } else {
        first = Math.min(first, range.first());
        end = Math.max(end, range.end());
      }
    }
    before.add(new SampleRange(first, end));
    before.addAll(after);
    return new SampleSet(before);
  }

  public SampleSet minus(SampleRange removed) {
    List<SampleRange> left = new ArrayList<>();
    for (SampleRange range : ranges) {
      if (!range.overlaps(removed)) {
        left.add(range);
        continue;
      }
      if (range.first() < removed.first()) {
        left.add(new SampleRange(range.first(), removed.first()));
      }
      if (range.end() > removed.end()) {
        left.add(new SampleRange(removed.end(), range.end()));
      }
    }
    return new SampleSet(left);
  }

  /** The samples of this set that lie in a range. */
  public SampleSet within(SampleRange wanted) {
    List<SampleRange> common = new ArrayList<>();
    for (SampleRange range : ranges) {
      if (range.overlaps(wanted)) {
        common.add(
            new SampleRange(
                Math.max(range.first(), wanted.first()), Math.min(range.end(), wanted.end())));
      }
    }
    return new SampleSet(common);
  }

  @Override
  public String toString() {
    return ranges.toString();
  }
}
