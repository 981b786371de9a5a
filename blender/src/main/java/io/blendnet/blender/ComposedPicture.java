package io.blendnet.blender;

import java.util.List;

/**
 * The final picture.
 *
 * @param files the picture first, then what File Output nodes wrote
 * @param warnings for the user, such as a Denoise node that this Blender passes through
 */
public record ComposedPicture(List<ComposedFileOnDisk> files, List<String> warnings) {
  public ComposedPicture {
    files = List.copyOf(files);
    warnings = List.copyOf(warnings);
  }
}
