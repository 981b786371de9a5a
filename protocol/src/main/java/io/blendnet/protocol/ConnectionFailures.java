package io.blendnet.protocol;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Says in words why a connection failed. */
final class ConnectionFailures {
  private ConnectionFailures() {}

  static FarmException explain(ServerAddress server, Throwable failure) {
    return find(failure, SSLException.class)
        .map(tls -> ofTls(server, failure, tls))
        .orElseGet(() -> notReachable(server, failure));
  }

  private static FarmException ofTls(ServerAddress server, Throwable failure, SSLException tls) {
    if (find(failure, CertificateExpiredException.class).isPresent()) {
      return new FarmException.UntrustedServer(
          server,
          "The certificate of %s has expired. Issue a new one, or set the clock of this machine."
              .formatted(server),
          failure);
    }
    if (find(failure, CertificateNotYetValidException.class).isPresent()) {
      return new FarmException.UntrustedServer(
          server,
          "The certificate of %s is not valid yet. Is the clock of this machine right?"
              .formatted(server),
          failure);
    }
    if (find(failure, CertPathBuilderException.class).isPresent()
        || find(failure, CertPathValidatorException.class).isPresent()) {
      return new FarmException.UntrustedServer(
          server,
          "%s has a certificate of another authority than this client trusts. Use the ca.crt of that"
                  .formatted(server)
              + " server.",
          failure);
    }
    if (find(failure, CertificateException.class).isPresent()) {
      return new FarmException.UntrustedServer(
          server,
          "The certificate of %s was not issued for the name '%s'. Use a name that it lists, or issue"
                  .formatted(server, server.host())
              + " one that lists this name.",
          failure);
    }
    String message = String.valueOf(tls.getMessage());
    if (message.toLowerCase(Locale.ROOT).contains("unrecognized ssl message")) {
      return new FarmException.BrokenAnswer(
          server, "%s does not speak HTTPS. Is the port right?".formatted(server), failure);
    }
    if (tls instanceof SSLHandshakeException && !isCutOff(message)) {
      return new FarmException.UntrustedServer(
          server,
          "No secure connection to %s could be agreed on: %s".formatted(server, message),
          failure);
    }
    return notReachable(server, failure);
  }

  /** In the JDK's words, which have no type of their own: the line broke, nobody disagreed. */
  private static boolean isCutOff(String message) {
    return message.contains("terminated the handshake") || message.contains("closed the channel");
  }

  private static FarmException notReachable(ServerAddress server, Throwable failure) {
    return new FarmException.NotReachable(
        server, reason(server, failure), isRefused(failure), failure);
  }

  /** The machine is there, and says that nothing listens: no network in between is to blame. */
  private static boolean isRefused(Throwable failure) {
    return find(failure, ConnectException.class).isPresent()
        && find(failure, UnresolvedAddressException.class).isEmpty()
        && find(failure, HttpConnectTimeoutException.class).isEmpty()
        && find(failure, NoRouteToHostException.class).isEmpty()
        && !says(failure, "unreachable");
  }

  private static boolean says(Throwable failure, String word) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains(word)) {
        return true;
      }
    }
    return false;
  }

  private static String reason(ServerAddress server, Throwable failure) {
    if (find(failure, UnresolvedAddressException.class).isPresent()) {
      return "%s is not reachable: nobody knows the host name '%s'"
          .formatted(server, server.host());
    }
    if (find(failure, HttpConnectTimeoutException.class).isPresent()) {
      return "%s is not reachable: no connection in time. Is the address right, and the port open?"
          .formatted(server);
    }
    if (find(failure, ConnectException.class).isPresent()) {
      return "%s is not reachable: nothing listens there. Is the server running?".formatted(server);
    }
    if (find(failure, HttpTimeoutException.class).isPresent()) {
      return "%s does not answer: %s".formatted(server, failure.getMessage());
    }
    if (failure instanceof IOException) {
      return "The connection to %s broke off: %s".formatted(server, failure.getMessage());
    }
    return "The call to %s failed: %s".formatted(server, failure);
  }

  private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }
}
