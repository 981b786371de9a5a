package io.blendnet.cli;

/** Where a person or a program watches a command. Thread-safe. */
interface ProgressDisplay extends AutoCloseable {
  /** Says something that is to stay: a warning, a step taken. */
  void say(String sentence);

  /** Shows how far the files are, before any work can begin. */
  void show(Sending sending);

  /** Shows the newest state of the work. */
  void show(Progress progress);

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
