package io.blendnet.protocol;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The envelope of a success, as a client reads it. */
record ReceivedAnswer(String message, JsonNode data) {
  static final ReceivedAnswer EMPTY = new ReceivedAnswer("", MissingNode.getInstance());

  /**
   * Opens the envelope.
   *
   * @throws FarmException.SignInRefused status 401
   * @throws FarmException.Refused the envelope says so
   * @throws FarmException.BrokenAnswer there is no envelope
   */
  static ReceivedAnswer read(ServerAddress server, int status, byte[] body) throws FarmException {
    if (status == 401) {
      throw new FarmException.SignInRefused(
          server, "%s does not accept this user and password".formatted(server));
    }
    JsonNode tree;
    try {
      tree = WireJson.readTree(body);
    } catch (MalformedJsonException e) {
      throw broken(server, status, e);
    }
    JsonNode success = tree.path("success");
    String message = tree.path("message").asString("");
    if (!success.isBoolean()) {
      throw broken(server, status, null);
    }
    if (success.booleanValue() && status < 300) {
      return new ReceivedAnswer(message, tree.path("data"));
    }
    throw new FarmException.Refused(
        server,
        status,
        message.isEmpty() ? "%s refused with status %d".formatted(server, status) : message,
        ErrorCode.ofType(tree.path("type").asString("")),
        Optional.of(tree.path("data")).filter(data -> !data.isNull() && !data.isMissingNode()));
  }

  private static FarmException broken(
      ServerAddress server, int status, @org.jspecify.annotations.Nullable Throwable cause) {
    String message =
        "%s does not answer like a server of the farm (status %d). Is the address right?"
            .formatted(server, status);
    return cause == null
        ? new FarmException.BrokenAnswer(server, message)
        : new FarmException.BrokenAnswer(server, message, cause);
  }
}
