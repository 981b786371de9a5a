package io.blendnet.agent;

import java.io.IOException;
import java.io.Serial;

/** The agent's owner demands a sandbox, and there is none. The message says why, for the user. */
public final class NoSandboxException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  NoSandboxException(String message) {
    super(message);
  }
}
