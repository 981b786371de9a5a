package io.blendnet.manager;

import io.blendnet.protocol.ServerInfo;
import io.blendnet.security.Credentials;
import io.blendnet.security.ServerIdentity;
import io.blendnet.security.TrustedAuthority;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a Manager is set up.
 *
 * @param host address to listen on
 * @param port 1 to 65535, or 0 for any free one
 * @param identity certificate and key of its HTTPS door
 * @param authority what agents' certificates must come from, unless an agent's settings name
 *     another
 * @param user what opens its endpoints
 * @param folder its data: store, blobs, scratch frames; made where missing
 * @param name of this Manager's machine, for {@code GET resources}
 * @param version of the program
 * @param blender the Blender at hand, where there is one; a Manager needs none
 */
public record ManagerOptions(
    String host,
    int port,
    ServerIdentity identity,
    TrustedAuthority authority,
    Credentials user,
    Path folder,
    String name,
    String version,
    Optional<ServerInfo.BlenderInfo> blender) {}
