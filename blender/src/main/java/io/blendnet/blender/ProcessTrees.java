package io.blendnet.blender;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Killing of many processes by their handles, which know a process from a later one of the same
 * number by its start time.
 */
final class ProcessTrees {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private ProcessTrees() {}

  /** Kills what the search finds until it finds nothing alive. */
  static boolean killUntilGone(Supplier<Collection<ProcessHandle>> search) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Collection<ProcessHandle> found = search.get();
      found.forEach(ProcessHandle::destroyForcibly);
      if (found.isEmpty()) {
        return true;
      }
      if (System.nanoTime() > end) {
        return false;
      }
      try {
        Thread.sleep(Duration.ofMillis(5));
      } catch (InterruptedException e) {
        // Killing goes on without pauses: whoever interrupts us wants this to end, not to be left.
        Thread.currentThread().interrupt();
        Thread.onSpinWait();
      }
    }
  }

  /**
   * A search for a process and its descendants that remembers whom it has seen: a child whose
   * parent died belongs to somebody else by then.
   */
  static Supplier<Collection<ProcessHandle>> descendantsOf(ProcessHandle root) {
    Set<ProcessHandle> seen = new LinkedHashSet<>();
    seen.add(root);
    root.descendants().forEach(seen::add);
    return () -> {
      for (ProcessHandle known : Set.copyOf(seen)) {
        known.descendants().forEach(seen::add);
      }
      return seen.stream().filter(ProcessHandle::isAlive).toList();
    };
  }
}
