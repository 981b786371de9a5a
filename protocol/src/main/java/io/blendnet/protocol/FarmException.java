package io.blendnet.protocol;

import java.io.IOException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Why a call to a server of the farm failed. The message is a sentence for the user. */
public abstract sealed class FarmException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient ServerAddress server;

  private FarmException(ServerAddress server, String message, Throwable cause) {
    super(message, cause);
    this.server = server;
  }

  private FarmException(ServerAddress server, String message) {
    super(message);
    this.server = server;
  }

  /** The server that was asked. */
  public ServerAddress server() {
    return server;
  }

  /** Nobody answers there, or the connection broke off, or no answer came in time. */
  public static final class NotReachable extends FarmException {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    NotReachable(ServerAddress server, String message, boolean refused, Throwable cause) {
      super(server, message, cause);
      this.refused = refused;
    }

    /** Whether the machine itself said that nothing listens there: the process is not running. */
    public boolean nothingListens() {
      return refused;
    }
  }

  /**
   * The server does not prove to be the one that is meant: other authority, other name, expired.
   */
  public static final class UntrustedServer extends FarmException {
    private static final long serialVersionUID = 1L;

    UntrustedServer(ServerAddress server, String message, Throwable cause) {
      super(server, message, cause);
    }
  }

  /** User or password is wrong. */
  public static final class SignInRefused extends FarmException {
    private static final long serialVersionUID = 1L;

    SignInRefused(ServerAddress server, String message) {
      super(server, message);
    }
  }

  /** The server understood and said no. The message is the server's own. */
  public static final class Refused extends FarmException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Optional<ErrorCode> code;
    private final transient Optional<JsonNode> data;

    Refused(
        ServerAddress server,
        int status,
        String message,
        Optional<ErrorCode> code,
        Optional<JsonNode> data) {
      super(server, message);
      this.status = status;
      this.code = code;
      this.data = data;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
      return status;
    }

    /** The stable code; absent where the server is newer or is not one of ours. */
    public Optional<ErrorCode> code() {
      return code;
    }

    public boolean is(ErrorCode expected) {
      return code.equals(Optional.of(expected));
    }

    /** What belongs to the refusal, such as {@link BlobsMissing}. */
    public <T> Optional<T> data(Class<T> type) {
      return data.map(tree -> WireJson.convert(tree, type));
    }
  }

  /** What came back is no answer of API v1, or a file that does not match its checksum. */
  public static final class BrokenAnswer extends FarmException {
    private static final long serialVersionUID = 1L;

    BrokenAnswer(ServerAddress server, String message) {
      super(server, message);
    }

    BrokenAnswer(ServerAddress server, String message, Throwable cause) {
      super(server, message, cause);
    }
  }
}
