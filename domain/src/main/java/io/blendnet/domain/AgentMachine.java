package io.blendnet.domain;

/**
 * An agent's process and the machine that it runs on.
 *
 * @param boot changes with every start of the agent: one that has started anew holds nothing
 * @param cores CPU cores that it renders with, at least 1
 * @param memory of the machine in bytes; 0: not known
 * @param rented whether somebody is paid for it, so that it is given back when it is not needed
 */
public record AgentMachine(String boot, int cores, long memory, boolean rented) {
  public AgentMachine {
    if (cores < 1) {
      throw new IllegalArgumentException(
          "An agent renders with at least one core, not %d".formatted(cores));
    }
    if (memory < 0) {
      throw new IllegalArgumentException(
          "A machine has at least 0 bytes of memory, not %d".formatted(memory));
    }
  }
}
