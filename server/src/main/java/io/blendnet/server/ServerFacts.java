package io.blendnet.server;

import io.blendnet.protocol.ServerInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a server tells about itself. Called from many threads at once. */
public interface ServerFacts {
  /** {@code Manager} or {@code Agent}. */
  String engine();

  /** The program's version. */
  String version();

  /** The Blender at hand. */
  Optional<ServerInfo.BlenderInfo> blender();

  /** How scenes are run, where this server runs any. */
  default Optional<ServerInfo.SceneInfo> scenes() {
    return Optional.empty();
  }

  /** Names of the tasks being worked on. */
  List<String> runningTasks();

  /** Whether the server is about to end. */
  boolean isTerminating();

  /** Why the server cannot go on with its work, such as a full disk; empty while it can. */
  default Optional<String> trouble() {
    return Optional.empty();
  }

  /** Folder of the server's data, whose disk is reported. */
  Path dataFolder();
}
