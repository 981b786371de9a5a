package io.blendnet.blender;

import java.util.List;

/**
 * Everything that frames of a scene need beside the .blend.
 *
 * @param files in the order in which Blender names them, none twice
 * @param scripts names of texts and drivers in the .blend that want to run
 * @param pictures names of the pictures by Blender's own rule, one for each frame that was asked
 *     for
 */
public record SceneFiles(List<SceneFile> files, List<String> scripts, List<String> pictures) {
  public SceneFiles {
    pictures = List.copyOf(pictures);
    files = List.copyOf(files);
    scripts = List.copyOf(scripts);
  }
}
