package io.blendnet.storage.spi;

import io.blendnet.domain.AgentName;
import io.blendnet.security.Credentials;
import java.time.Instant;
import java.util.Optional;

/**
 * An agent that the Manager knows.
 *
 * @param address host name or IP literal, without brackets
 * @param port 1 to 65535
 * @param credentials what the agent asks the Manager for; hidden in {@code toString()}
 * @param authority PEM of the CA that its certificate must come from; absent: the farm's own
 * @param rented whether it runs on a machine that costs money until it is given back
 */
public record AgentRow(
    AgentName name,
    String address,
    int port,
    Credentials credentials,
    Optional<String> authority,
    Instant created,
    boolean rented) {
  public AgentRow {
    if (address.isBlank()) {
      throw new IllegalArgumentException("Agent " + name + " has no address");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "Agent %s: a port is 1 to 65535, not %d".formatted(name, port));
    }
  }
}
