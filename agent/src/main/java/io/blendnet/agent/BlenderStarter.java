package io.blendnet.agent;

import io.blendnet.blender.SessionException;

/** Starts Blenders. */
@FunctionalInterface
interface BlenderStarter {
  LiveBlender start() throws SessionException;
}
