package io.blendnet.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;

/**
 * Takes every connection that did not agree on HTTP/2 while TLS began for HTTP/1.1, so that
 * nonsense gets an answer. Helidon's own way closes without a word, or waits for the 24 bytes that
 * would tell HTTP/2 apart.
 */
record OtherConnections(ServerConnectionSelector http1) implements ServerConnectionSelector {
  @Override
  public int bytesToIdentifyConnection() {
    return 0;
  }

  @Override
  public Support supports(BufferData data) {
    return Support.SUPPORTED;
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return http1.connection(context);
  }
}
