package io.blendnet.cli;

import java.time.Duration;

/**
 * How far the files of one command are on their way to the Manager.
 *
 * @param elapsed since the first was looked at
 * @param there bytes that the Manager has, those among them that it had before
 * @param total bytes of all files
 */
record Sending(Duration elapsed, long there, long total) {
  /** 0 to 1. */
  double done() {
    return total == 0 ? 1 : (double) there / total;
  }
}
