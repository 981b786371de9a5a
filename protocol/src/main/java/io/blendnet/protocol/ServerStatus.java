package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * What {@code GET status} says.
 *
 * @param load average number of runnable threads over 1, 5 and 15 minutes
 * @param running names of the tasks being worked on
 * @param terminating whether the server is about to end
 * @param trouble why the server cannot go on with its work, such as a full disk; empty while it can
 */
public record ServerStatus(
    List<Double> load,
    Memory memory,
    Disk disk,
    List<String> running,
    boolean terminating,
    Optional<String> trouble) {
  public ServerStatus {
    load = List.copyOf(load);
    running = List.copyOf(running);
  }

  /** Memory of the machine in MB (2^20 bytes), by the names of {@code /proc/meminfo}. */
  public record Memory(
      @JsonProperty("MemTotal") long total,
      @JsonProperty("MemFree") long free,
      @JsonProperty("MemAvailable") long available) {}

  /** Disk that holds the server's data, in MB (2^20 bytes). */
  public record Disk(long total, long available) {}
}
