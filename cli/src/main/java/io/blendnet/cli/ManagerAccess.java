package io.blendnet.cli;

import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.Credentials;
import io.blendnet.security.TrustedAuthority;

/** How to reach a Manager, and as whom. */
record ManagerAccess(ServerAddress server, Credentials user, TrustedAuthority authority) {
  ManagerClient connect() {
    return new ManagerClient(
        ClientOptions.of(
            server, authority.clientContext(), user.user(), () -> user.password().reveal()));
  }
}
