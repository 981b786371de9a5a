package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SilenceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Begins below zero, as {@link System#nanoTime} may. */
  private long now = -5;

  @Test
  void itIsTooLongFromTheLimitOn() {
    Silence silence = new Silence(Duration.ofSeconds(10), () -> now);

    assertThat(lookAfter(silence, 9)).isFalse();
    assertThat(lookAfter(silence, 1)).isTrue();
  }

  @Test
  void aSignBeginsItAnew() {
    Silence silence = new Silence(Duration.ofSeconds(10), () -> now);
    lookAfter(silence, 9);
    silence.look(true);

    assertThat(lookAfter(silence, 9)).isFalse();
    assertThat(lookAfter(silence, 1)).isTrue();
  }

  @Test
  void aSignInTheLastMomentIsEnough() {
    Silence silence = new Silence(Duration.ofSeconds(10), () -> now);
    lookAfter(silence, 9);
    now += SECOND.toNanos();

    assertThat(silence.look(true)).isFalse();
  }

  @Test
  void sleepDoesNotCount() {
    Silence silence = new Silence(Duration.ofSeconds(10), () -> now);
    lookAfter(silence, 2);
    now += Duration.ofHours(8).toNanos();

    assertThat(silence.look(false)).as("after waking up").isFalse();
    assertThat(lookAfter(silence, 4)).isFalse();
    assertThat(lookAfter(silence, 1)).as("as much as one step of the sleep counts").isTrue();
  }

  @Test
  void withoutALimitItIsNeverTooLong() {
    Silence silence = new Silence(Duration.ZERO, () -> now);

    assertThat(lookAfter(silence, 100_000)).isFalse();
  }

  @Test
  void aNegativeLimitIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Silence(Duration.ofSeconds(-1), () -> now));
  }

  /** Looks every second, silence all the time; the last answer. */
  private boolean lookAfter(Silence silence, int seconds) {
    boolean tooLong = false;
    for (int second = 0; second < seconds; second++) {
      now += SECOND.toNanos();
      tooLong = silence.look(false);
    }
    return tooLong;
  }
}
