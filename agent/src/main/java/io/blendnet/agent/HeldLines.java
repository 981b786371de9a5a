package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What Blender prints before somebody listens: kept for whoever does, in order, up to a number of
 * lines. Thread-safe.
 */
final class HeldLines implements Consumer<BlenderLine> {
  /** More than a lease tells of. */
  private static final int MOST = 1_000;

  private final List<BlenderLine> held = new ArrayList<>();
  private Optional<Consumer<BlenderLine>> listener = Optional.empty();

  @Override
  public synchronized void accept(BlenderLine line) {
    if (listener.isPresent()) {
      listener.get().accept(line);
    } else if (held.size() < MOST) {
      held.add(line);
    }
  }

  /** Sends what was printed, and what will be, to a listener. */
  synchronized void tell(Consumer<BlenderLine> told) {
    held.forEach(told);
    held.clear();
    listener = Optional.of(told);
  }
}
