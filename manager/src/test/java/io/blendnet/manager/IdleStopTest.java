package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** By a clock that the test moves. */
class IdleStopTest {
  private static final Duration LIMIT = Duration.ofMinutes(30);

  private long now;
  private boolean active;
  private boolean changed;
  private final IdleStop stop = new IdleStop(LIMIT, () -> now, () -> active, () -> changed);

  @Test
  void aManagerThatNeverHadATaskEndsAfterTheLimit() {
    assertThat(lookFor(LIMIT.minusSeconds(1))).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(1)))
        .contains("No task has been active for 1800 s (stop-when-idle)");
  }

  @Test
  void theTimeBeginsWhenTheLastTaskEnds() {
    active = true;
    assertThat(lookFor(LIMIT.multipliedBy(2))).isEmpty();

    active = false;

    assertThat(lookFor(LIMIT.minusSeconds(1))).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(1))).isPresent();
  }

  @Test
  void anUploadOfHoursKeepsItUp() {
    changed = true;
    assertThat(lookFor(LIMIT.multipliedBy(4))).isEmpty();

    changed = false;

    assertThat(lookFor(LIMIT)).isPresent();
  }

  @Test
  void aMachineThatSleptIsNotIdleForThatLong() {
    lookFor(LIMIT.minusMinutes(1));

    now += Duration.ofDays(1).toNanos();

    assertThat(stop.look()).isEmpty();
    assertThat(lookFor(Duration.ofMinutes(1))).isPresent();
  }

  /** Looks every second for so long; the last answer. */
  private Optional<String> lookFor(Duration time) {
    Optional<String> answer = Optional.empty();
    for (long second = 0; second < time.toSeconds(); second++) {
      now += Duration.ofSeconds(1).toNanos();
      answer = stop.look();
    }
    return answer;
  }
}
