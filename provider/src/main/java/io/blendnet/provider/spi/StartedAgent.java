package io.blendnet.provider.spi;

import io.blendnet.domain.AgentName;
import io.blendnet.security.Credentials;

/**
 * An agent that a provider started and that listens.
 *
 * @param name unique on its farm
 * @param address host name or address, as its certificate says it
 * @param port 1 to 65535
 * @param credentials that it accepts
 * @param cores it renders with, at least 1
 */
public record StartedAgent(
    AgentName name, String address, int port, Credentials credentials, int cores) {
  public StartedAgent {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("A port is 1 to 65535, not " + port);
    }
    if (cores < 1) {
      throw new IllegalArgumentException("An agent has at least one core, not " + cores);
    }
  }
}
