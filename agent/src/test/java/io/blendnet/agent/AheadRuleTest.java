package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.blender.HostMemory;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AheadRuleTest {
  private static final long GIB = 1L << 30;
  private static final long LARGE = 64 * GIB;
  private static final Duration OPENING = Duration.ofSeconds(10);

  @Test
  void theLastStepIsTheTimeWhateverIsKnown() {
    assertThat(AheadRule.isTime(0, Optional.empty(), Duration.ZERO)).isTrue();
    assertThat(AheadRule.isTime(0, Optional.of(Duration.ofHours(1)), OPENING)).isTrue();
  }

  @Test
  void earlierIsTheTimeWhereWhatIsLeftTakesTwiceAsLongAsOpening() {
    assertThat(AheadRule.isTime(5, Optional.of(Duration.ofSeconds(20)), OPENING)).isTrue();
    assertThat(AheadRule.isTime(5, Optional.of(Duration.ofSeconds(21)), OPENING)).isFalse();
    assertThat(AheadRule.isTime(1, Optional.empty(), OPENING)).isFalse();
  }

  @Test
  void thereIsRoomForTwiceThePresentSceneBesideTheReserve() {
    OptionalLong used = OptionalLong.of(4 * GIB);

    assertThat(AheadRule.hasRoom(new HostMemory(LARGE, 9 * GIB), used)).isTrue();
    assertThat(AheadRule.hasRoom(new HostMemory(LARGE, 9 * GIB - 1), used)).isFalse();
  }

  @Test
  void ofASmallMachineAnEighthIsTheReserve() {
    OptionalLong used = OptionalLong.of(GIB / 4);

    assertThat(AheadRule.hasRoom(new HostMemory(2 * GIB, GIB * 3 / 4), used)).isTrue();
    assertThat(AheadRule.hasRoom(new HostMemory(2 * GIB, GIB * 3 / 4 - 1), used)).isFalse();
    assertThat(AheadRule.isShort(new HostMemory(2 * GIB, GIB / 4))).isFalse();
    assertThat(AheadRule.isShort(new HostMemory(2 * GIB, GIB / 4 - 1))).isTrue();
  }

  @Test
  void memoryIsShortWhereLessThanTheReserveIsLeft() {
    assertThat(AheadRule.isShort(new HostMemory(LARGE, GIB))).isFalse();
    assertThat(AheadRule.isShort(new HostMemory(LARGE, GIB - 1))).isTrue();
  }

  @Test
  void whereTheSystemDoesNotTellThereIsNoRoom() {
    assertThat(AheadRule.hasRoom(new HostMemory(LARGE, LARGE), OptionalLong.empty())).isFalse();
  }
}
