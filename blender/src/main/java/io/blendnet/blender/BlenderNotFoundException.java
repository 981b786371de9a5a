package io.blendnet.blender;

import java.io.Serial;

/** No Blender that works on this computer. The message says where we looked and what to do. */
public final class BlenderNotFoundException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  BlenderNotFoundException(String message) {
    super(message);
  }
}
