package io.blendnet.provider;

import java.io.Serial;

/** An agent did not come up. The message is for the user and holds the agent's last words. */
public final class AgentStartException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  AgentStartException(String message) {
    super(message);
  }

  AgentStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
