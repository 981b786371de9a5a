package io.blendnet.agent;

import io.blendnet.server.Silence;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Ends an agent that no Manager talks to any more, so that a machine whose Manager is gone does not
 * run, and cost, for ever. While there is no Manager from the start on, it fires all the same.
 * Belongs to one thread.
 *
 * <p>Contact is a work call of the Manager that owns the agent, for as long as it lasts, and a task
 * of the agent's own that is not done. A Manager that is refused (of another farm, or one that a
 * later one has replaced) is none: it does not use the agent.
 */
final class DeadMansSwitch {
  private final Silence silence;
  private final BooleanSupplier isCalled;
  private final BooleanSupplier isAtWork;

  /**
   * A switch that counts from now on.
   *
   * @param timeout how long there may be no contact, in up-time; zero: it never fires
   * @param nanoTime nanoseconds from any origin, such as {@link System#nanoTime}
   * @param isCalled whether the owner calls, or has since this was asked last
   * @param isAtWork whether a task of the agent's own is not done
   */
  DeadMansSwitch(
      Duration timeout, LongSupplier nanoTime, BooleanSupplier isCalled, BooleanSupplier isAtWork) {
    this.silence = new Silence(timeout, nanoTime);
    this.isCalled = isCalled;
    this.isAtWork = isAtWork;
  }

  /** To be asked every second: why the agent is to end; empty while it is not. */
  Optional<String> look() {
    boolean called = isCalled.getAsBoolean();
    boolean atWork = isAtWork.getAsBoolean();
    return silence.look(called || atWork)
        ? Optional.of(
            "No Manager has talked to this agent for %d s (unavailable-timeout)"
                .formatted(silence.limit().toSeconds()))
        : Optional.empty();
  }
}
