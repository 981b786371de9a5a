package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StepWatchTest {
  private static final Duration LIMIT = Duration.ofHours(24);
  private static final Duration LOOK = Duration.ofMillis(500);

  private long now = Long.MAX_VALUE - 1_000;
  private long lastOutput = 7;
  private Optional<Duration> processorTime = Optional.of(Duration.ZERO);
  private final StepWatch watch = watch(LIMIT);

  @Test
  void aStepThatWasStoppedForLongerThanItsDeadlineGoesOn() {
    StepWatch brief = watch(Duration.ofMinutes(1));
    pass(Duration.ofSeconds(30), brief);

    now += Duration.ofHours(3).toNanos();

    assertThat(brief.verdict()).isEmpty();
    pass(Duration.ofSeconds(20), brief);
    assertThat(brief.verdict()).isEmpty();
    pass(Duration.ofSeconds(10), brief);
    assertThat(brief.verdict().orElseThrow()).contains("was not done after");
  }

  @Test
  void aNightOfSleepIsNoSilence() {
    pass(SessionDeadlines.DEFAULT.idle().minusSeconds(30), watch);

    now += Duration.ofHours(9).toNanos();

    assertThat(watch.verdict()).isEmpty();
  }

  @Test
  void aClockThatGoesBackChangesNothing() {
    StepWatch brief = watch(Duration.ofMinutes(1));
    now -= Duration.ofHours(1).toNanos();
    assertThat(brief.verdict()).isEmpty();

    pass(Duration.ofSeconds(59), brief);
    assertThat(brief.verdict()).isEmpty();
    pass(Duration.ofSeconds(2), brief);
    assertThat(brief.verdict()).isPresent();
  }

  @Test
  void idleIsWhoNeitherPrintsNorComputes() {
    Duration idle = SessionDeadlines.DEFAULT.idle();
    pass(idle.minusSeconds(1), watch);
    lastOutput++;
    pass(idle.minusSeconds(1), watch);
    assertThat(watch.verdict()).as("it printed").isEmpty();

    processorTime = Optional.of(Duration.ofSeconds(30));
    pass(Duration.ofSeconds(2), watch);
    assertThat(watch.verdict()).as("it computed").isEmpty();

    pass(idle.plusSeconds(1), watch);
    assertThat(watch.verdict().orElseThrow()).contains("neither printed nor computed");
  }

  private StepWatch watch(Duration limit) {
    StepWatch.Signs signs =
        new StepWatch.Signs() {
          @Override
          public long lastOutput() {
            return lastOutput;
          }

          @Override
          public Optional<Duration> processorTime() {
            return processorTime;
          }
        };
    return new StepWatch(signs, SessionDeadlines.DEFAULT, limit, () -> now);
  }

  private void pass(Duration time, StepWatch watched) {
    for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(LOOK)) {
      now += LOOK.toNanos();
      var _ = watched.verdict();
    }
  }
}
