package io.blendnet.blender;

import java.util.List;

/**
 * Everything that frames of a scene need beside the .blend.
 *
 * @param files in the order in which Blender names them, none twice
 * @param scripts names of texts and drivers in the .blend that want to run
 */
public record SceneFiles(List<SceneFile> files, List<String> scripts) {
  public SceneFiles {
    files = List.copyOf(files);
    scripts = List.copyOf(scripts);
  }
}
