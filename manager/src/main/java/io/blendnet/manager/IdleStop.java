package io.blendnet.manager;

import io.blendnet.server.Silence;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Ends a Manager that has had nothing to do for long, on a machine that costs while it runs.
 * Belongs to one thread.
 *
 * <p>What it has to do is tasks that are active, and callers that change something: an upload of
 * hours belongs to no active task yet. Whoever only looks does not keep it up.
 */
final class IdleStop {
  private final Silence silence;
  private final BooleanSupplier hasActiveTasks;
  private final BooleanSupplier isChanged;

  /**
   * A stop that counts from now on.
   *
   * @param limit how long there may be nothing to do, in up-time; more than zero
   * @param nanoTime nanoseconds from any origin, such as {@link System#nanoTime}
   * @param isChanged whether somebody changes something, or has since this was asked last
   */
  IdleStop(
      Duration limit,
      LongSupplier nanoTime,
      BooleanSupplier hasActiveTasks,
      BooleanSupplier isChanged) {
    this.silence = new Silence(limit, nanoTime);
    this.hasActiveTasks = hasActiveTasks;
    this.isChanged = isChanged;
  }

  /** To be asked every second: why the Manager is to end; empty while it is not. */
  Optional<String> look() {
    boolean active = hasActiveTasks.getAsBoolean();
    boolean changed = isChanged.getAsBoolean();
    return silence.look(active || changed)
        ? Optional.of(
            "No task has been active for %d s (stop-when-idle)"
                .formatted(silence.limit().toSeconds()))
        : Optional.empty();
  }
}
