package io.blendnet.blender;

import io.blendnet.domain.BlenderVersion;
import java.nio.file.Path;
import java.util.List;

/**
 * A Blender on this computer that has been started once and answered.
 *
 * @param executable the program to start: Blender itself, or a Python that can import {@code bpy}
 * @param versionString Blender's own words: {@code 3.4.1}, {@code 4.5.0 Beta}
 * @param buildDate as Blender says it; empty where a distribution's build does not
 * @param denoising whether this build has OpenImageDenoise
 * @param folders where it reads its parts: libraries, Python modules, data files
 */
public record BlenderInstallation(
    Path executable,
    Kind kind,
    BlenderVersion version,
    String versionString,
    String buildDate,
    boolean denoising,
    List<Path> folders) {
  public BlenderInstallation {
    folders = List.copyOf(folders);
  }

  /** What the executable is. */
  public enum Kind {
    EXECUTABLE,
    PYTHON_MODULE
  }
}
