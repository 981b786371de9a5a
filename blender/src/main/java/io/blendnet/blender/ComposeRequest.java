package io.blendnet.blender;

import java.nio.file.Path;

/**
 * The final picture to make with the scene that is open.
 *
 * @param frame Blender's frame number
 * @param exr the assembled frame, multilayer
 * @param outputFolder an existing folder for the picture and for what File Output nodes write
 */
public record ComposeRequest(int frame, Path exr, Path outputFolder) {
  public ComposeRequest {
    exr = exr.toAbsolutePath();
    outputFolder = outputFolder.toAbsolutePath();
  }
}
