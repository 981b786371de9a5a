package io.blendnet.agent;

import io.blendnet.blender.BlenderSession;
import io.blendnet.domain.SceneFacts;
import io.blendnet.protocol.SceneOrder;
import java.io.Closeable;
import java.time.Duration;

/**
 * A Blender with a scene open.
 *
 * @param opening how long it took to open it, from nothing
 */
record OpenScene(
    SceneOrder order, LiveBlender blender, Workspace workspace, SceneFacts facts, Duration opening)
    implements Closeable {
  BlenderRoom room() {
    return blender.room();
  }

  BlenderSession session() {
    return blender.session();
  }

  @Override
  public void close() {
    blender.close();
    workspace.close();
  }
}
