package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleSetTest {
  private static final int SAMPLES = 40;

  @Test
  void aRangeHasAtLeastOneSample() {
    assertThatThrownBy(() -> new SampleRange(4, 4)).hasMessageContaining("[4, 4)");
    assertThatThrownBy(() -> new SampleRange(-1, 4)).hasMessageContaining("[-1, 4)");
    assertThat(new SampleRange(4, 5).size()).isEqualTo(1);
  }

  @Test
  void rangesThatOnlyTouchDoNotOverlap() {
    assertThat(new SampleRange(0, 4).overlaps(new SampleRange(4, 8))).isFalse();
    assertThat(new SampleRange(0, 5).overlaps(new SampleRange(4, 8))).isTrue();
  }

  @Test
  void rangesThatTouchBecomeOne() {
    SampleSet set = SampleSet.of(new SampleRange(0, 4)).plus(new SampleRange(8, 12));
    assertThat(set.plus(new SampleRange(4, 8)).ranges()).containsExactly(new SampleRange(0, 12));
  }

  @Test
  void aSetOfTouchingOrUnorderedRangesIsRefused() {
    List<SampleRange> touching = List.of(new SampleRange(0, 4), new SampleRange(4, 8));
    assertThatThrownBy(() -> new SampleSet(touching)).hasMessageContaining("touching");
    assertThatThrownBy(() -> new SampleSet(touching.reversed())).hasMessageContaining("order");
  }

  @Test
  void aSetBehavesAsABitForEachSample() {
    Random random = new Random(2);
    SampleSet set = SampleSet.EMPTY;
    BitSet bits = new BitSet();
    for (int round = 0; round < 20_000; round++) {
      SampleRange range = range(random);
      if (random.nextBoolean()) {
        set = set.plus(range);
        bits.set(range.first(), range.end());
      } else {
        set = set.minus(range);
        bits.clear(range.first(), range.end());
      }
      assertThat(set).isEqualTo(ofBits(bits));
      assertThat(set.count()).isEqualTo(bits.cardinality());
      assertThat(set.isEmpty()).isEqualTo(bits.isEmpty());
      assertThat(set.first().map(SampleRange::first).orElse(-1)).isEqualTo(bits.nextSetBit(0));

      SampleRange asked = range(random);
      BitSet common = new BitSet();
      common.set(asked.first(), asked.end());
      common.and(bits);
      assertThat(set.within(asked)).isEqualTo(ofBits(common));
      assertThat(set.overlaps(asked)).isEqualTo(!common.isEmpty());
      assertThat(set.contains(asked)).isEqualTo(common.cardinality() == asked.size());
    }
  }

  private static SampleRange range(Random random) {
    int first = random.nextInt(SAMPLES);
    return new SampleRange(first, first + 1 + random.nextInt(Math.min(8, SAMPLES - first)));
  }

  private static SampleSet ofBits(BitSet bits) {
    List<SampleRange> ranges = new ArrayList<>();
    for (int first = bits.nextSetBit(0); first >= 0; ) {
      int end = bits.nextClearBit(first);
      ranges.add(new SampleRange(first, end));
      first = bits.nextSetBit(end);
    }
    return new SampleSet(ranges);
  }
}
