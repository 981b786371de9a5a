package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.blender.BlenderLine.Trouble;
import org.junit.jupiter.api.Test;

class OutputTailTest {
  private final OutputTail tail = new OutputTail();

  @Test
  void aProblemIsToldHoweverMuchWasPrintedAfterIt() {
    add("std::bad_alloc");
    for (int i = 0; i < 10_000; i++) {
      add("chatter " + i);
    }

    assertThat(tail.telling()).startsWith("std::bad_alloc").endsWith("chatter 9999");
    assertThat(tail.telling()).hasSizeLessThanOrEqualTo(40);
  }

  @Test
  void ofManyStatusLinesTheNewestIsKept() {
    add("before");
    for (int i = 0; i <= 64; i++) {
      add("Fra:1 Mem:1.00M (Peak %d.00M) | Sample %d/64".formatted(i + 1, i));
    }

    assertThat(tail.telling())
        .containsExactly("before", "Fra:1 Mem:1.00M (Peak 65.00M) | Sample 64/64");
    assertThat(tail.peak()).isEqualTo(65L << 20);
  }

  @Test
  void problemsBelongToTheirStep() {
    add("Malloc returns null: len=1");
    assertThat(tail.saw(Trouble.MEMORY)).isTrue();

    tail.beginStep();

    assertThat(tail.saw(Trouble.MEMORY)).isFalse();
  }

  private void add(String line) {
    tail.add(BlenderLine.parse(line));
  }
}
