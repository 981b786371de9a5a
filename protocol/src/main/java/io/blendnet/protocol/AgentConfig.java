package io.blendnet.protocol;

import java.util.Optional;

/**
 * How a Manager reaches an agent that someone else started: {@code PUT agent/{name}/config}.
 *
 * @param address host name or IP address, as its certificate names it
 * @param port 1 to 65535
 * @param ca PEM of the authority that signed the agent's certificate; absent: the farm's own
 * @param rented whether the machine costs while it runs, and is to be ended when it has nothing to
 *     do; absent: false
 */
public record AgentConfig(
    String address,
    int port,
    String authUser,
    String authPassword,
    Optional<String> ca,
    Optional<Boolean> rented) {
  public AgentConfig {
    if (address.isBlank()) {
      throw new InvalidFieldException("address", "'address' must not be empty");
    }
    if (port < 1 || port > 65_535) {
      throw new InvalidFieldException("port", "'port' must be 1 to 65535, not " + port);
    }
    if (authUser.contains(":")) {
      // RFC 7617: the colon separates user and password.
      throw new InvalidFieldException("auth_user", "'auth_user' must not contain a colon");
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "AgentConfig[%s@%s:%d]".formatted(authUser, address, port);
  }
}
