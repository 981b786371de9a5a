package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** By a clock that the test moves. */
class DeadMansSwitchTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private long now = Long.MAX_VALUE - 17;
  private boolean called;
  private boolean atWork;

  private DeadMansSwitch deadMansSwitch = create(TIMEOUT);

  @Test
  void itFiresWhenNobodyHasCalledSinceTheStart() {
    assertThat(lookFor(TIMEOUT.minusSeconds(1))).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(1)))
        .contains("No Manager has talked to this agent for 600 s (unavailable-timeout)");
  }

  @Test
  void aCallBeginsTheTimeAnew() {
    lookFor(TIMEOUT.minusSeconds(1));
    call();

    assertThat(lookFor(TIMEOUT.minusSeconds(1))).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(1))).isPresent();
  }

  @Test
  void aCallThatLastsHoldsItOff() {
    called = true;

    assertThat(lookFor(TIMEOUT.multipliedBy(3))).isEmpty();
    called = false;
    assertThat(lookFor(TIMEOUT.minusSeconds(1))).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(1))).isPresent();
  }

  @Test
  void aTaskOfItsOwnHoldsItOff() {
    atWork = true;

    assertThat(lookFor(TIMEOUT.multipliedBy(3))).isEmpty();
    atWork = false;
    assertThat(lookFor(TIMEOUT)).isPresent();
  }

  @Test
  void aMachineThatSleptOrAProcessThatWasStoppedDoesNotFireOnWakingUp() {
    lookFor(TIMEOUT.minusSeconds(30));

    now += Duration.ofDays(3).toNanos();

    assertThat(deadMansSwitch.look()).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(26))).isEmpty();
    assertThat(lookFor(Duration.ofSeconds(1))).isPresent();
  }

  @Test
  void itKeepsFiringUntilItIsHeeded() {
    lookFor(TIMEOUT);

    assertThat(deadMansSwitch.look()).isPresent();
  }

  @Test
  void withZeroItNeverFires() {
    deadMansSwitch = create(Duration.ZERO);

    assertThat(lookFor(Duration.ofHours(10))).isEmpty();
  }

  private DeadMansSwitch create(Duration timeout) {
    return new DeadMansSwitch(timeout, () -> now, () -> called, () -> atWork);
  }

  private void call() {
    called = true;
    assertThat(deadMansSwitch.look()).isEmpty();
    called = false;
  }

  /** Looks every second for so long; the last answer. */
  private Optional<String> lookFor(Duration time) {
    Optional<String> answer = Optional.empty();
    for (long second = 0; second < time.toSeconds(); second++) {
      now += Duration.ofSeconds(1).toNanos();
      answer = deadMansSwitch.look();
    }
    return answer;
  }
}
