package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.domain.AgentName;
import io.blendnet.security.Credentials;
import io.blendnet.security.ServerIdentity;
import java.nio.file.Path;

/**
 * What an agent needs to start.
 *
 * @param name the agent's own name, for its log and its own tasks
 * @param host address to listen on, such as {@code 127.0.0.1} or {@code 0.0.0.0}
 * @param port 0 to 65535; 0: any free one
 * @param identity certificate and key
 * @param user who may use the agent
 * @param dataFolder for blobs, deliveries and sessions; made where it is missing, private, and of
 *     one running agent alone
 * @param threads to render with: a computer's agents share its cores; at least 1
 * @param scenes what scenes may do on this computer
 * @param version of the program, for {@code GET info}
 */
public record AgentOptions(
    AgentName name,
    String host,
    int port,
    ServerIdentity identity,
    Credentials user,
    Path dataFolder,
    int threads,
    BlenderInstallation blender,
    AgentLimits limits,
    ScenePolicy scenes,
    String version) {
  public AgentOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("A port is 0 to 65535, not " + port);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("An agent renders with at least 1 thread, not " + threads);
    }
    dataFolder = dataFolder.toAbsolutePath();
  }
}
