package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.blender.BlenderLine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldLinesTest {
  @Test
  void whoeverListensLateHearsEverythingOnceAndInOrder() {
    HeldLines lines = new HeldLines();
    List<BlenderLine> heard = new ArrayList<>();
    BlenderLine first = new BlenderLine.Other("Read blend: one.blend");
    BlenderLine second = new BlenderLine.Other("Warning: two");
    BlenderLine third = new BlenderLine.Other("three");
    lines.accept(first);
    lines.accept(second);

    lines.tell(heard::add);
    lines.accept(third);

    assertThat(heard).containsExactly(first, second, third);
  }

  @Test
  void aSceneThatPrintsWithoutEndDoesNotFillTheMemory() {
    HeldLines lines = new HeldLines();
    List<BlenderLine> heard = new ArrayList<>();
    for (int line = 0; line < 100_000; line++) {
      lines.accept(new BlenderLine.Other("line " + line));
    }

    lines.tell(heard::add);

    assertThat(heard).hasSize(1_000);
  }
}
