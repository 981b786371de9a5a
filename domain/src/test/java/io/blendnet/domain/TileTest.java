package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TileTest {
  private static final FrameSize FRAME = new FrameSize(64, 48);

  @Test
  void aTileHasAtLeastOnePixelAndLiesInNoNegativePlace() {
    assertThatThrownBy(() -> new Tile(-1, 0, 1, 1)).hasMessageContaining("x -1");
    assertThatThrownBy(() -> new Tile(0, -1, 1, 1)).hasMessageContaining("y -1");
    assertThatThrownBy(() -> new Tile(0, 0, 0, 1)).hasMessageContaining("0 x 1");
    assertThatThrownBy(() -> new Tile(0, 0, 1, 0)).hasMessageContaining("1 x 0");
    assertThatThrownBy(() -> new Tile(Integer.MAX_VALUE, 0, 1, 1))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void theLargestFrameHasMorePixelsThanAnIntHolds() {
    assertThat(new FrameSize(65_536, 65_536).whole().area()).isEqualTo(1L << 32);
    assertThatThrownBy(() -> new FrameSize(65_537, 1)).hasMessageContaining("65537 x 1");
  }

  @Test
  void aTileIsHalvedAcrossItsLongerSide() {
    assertThat(new Tile(4, 6, 9, 4).halves())
        .containsExactly(new Tile(4, 6, 4, 4), new Tile(8, 6, 5, 4));
    assertThat(new Tile(4, 6, 4, 9).halves())
        .containsExactly(new Tile(4, 6, 4, 4), new Tile(4, 10, 4, 5));
  }

  @Test
  void aTileOfOnePixelCannotBeHalved() {
    Tile pixel = new Tile(3, 4, 1, 1);
    assertThat(pixel.canBeHalved()).isFalse();
    assertThatThrownBy(pixel::halves).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aMarginEndsWhereTheFrameEnds() {
    assertThat(new Tile(0, 0, 64, 48).grown(4, FRAME)).isEqualTo(FRAME.whole());
    assertThat(new Tile(2, 40, 10, 8).grown(4, FRAME)).isEqualTo(new Tile(0, 36, 16, 12));
    assertThat(new Tile(20, 20, 10, 8).grown(4, FRAME)).isEqualTo(new Tile(16, 16, 18, 16));
  }

  @Test
  void tilesThatOnlyTouchDoNotOverlap() {
    Tile tile = new Tile(8, 8, 8, 8);
    assertThat(tile.overlaps(new Tile(16, 8, 8, 8))).isFalse();
    assertThat(tile.overlaps(new Tile(8, 0, 8, 8))).isFalse();
    assertThat(tile.overlaps(new Tile(15, 15, 8, 8))).isTrue();
  }

  @Test
  void readingOrderGoesByRowsFromTheTop() {
    Tile first = new Tile(32, 0, 32, 32);
    Tile second = new Tile(0, 32, 32, 32);
    Tile third = new Tile(32, 32, 32, 32);
    assertThat(List.of(third, first, second).stream().sorted())
        .containsExactly(first, second, third);
  }

  @Test
  void containingAndOverlappingAgreeWithTheirPixels() {
    Random random = new Random(1);
    for (int round = 0; round < 2_000; round++) {
      Tile one = tile(random);
      Tile other = tile(random);
      int common = 0;
      for (int y = other.y(); y < other.bottom(); y++) {
        for (int x = other.x(); x < other.right(); x++) {
          common += one.contains(new Tile(x, y, 1, 1)) ? 1 : 0;
        }
      }
      assertThat(one.overlaps(other)).as("%s and %s", one, other).isEqualTo(common > 0);
      assertThat(one.contains(other)).as("%s and %s", one, other).isEqualTo(common == other.area());
    }
  }

  private static Tile tile(Random random) {
    return new Tile(
        random.nextInt(8), random.nextInt(8), 1 + random.nextInt(6), 1 + random.nextInt(6));
  }
}
