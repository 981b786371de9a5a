package io.blendnet.cli;

/** Where a person or a program watches a command. Thread-safe. */
interface ProgressDisplay extends AutoCloseable {
  /** Says something that is to stay: a warning, a step taken. */
  void say(String sentence);

  /** Shows how far the files are, before any work can begin. */
  void show(Sending sending);

  /** Shows the newest state of the work. */
  void show(Progress progress);

  /** Tells what became of a frame, at once; people read it in the report at the end. */
  default void tell(FrameResult result) {}

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
