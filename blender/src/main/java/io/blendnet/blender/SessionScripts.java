package io.blendnet.blender;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** The Python that runs inside Blender, carried in our jar. */
final class SessionScripts {
  /** All of them, the one to start first. A jar cannot list its folders. */
  static final List<String> NAMES =
      List.of(
          "session.py",
          "cells.py",
          "exr_header.py",
          "failures.py",
          "replay.py",
          "scene_facts.py",
          "scene_files.py",
          "scene_network.py",
          "scene_paths.py");

  private SessionScripts() {}

  /** Puts the scripts into a folder and returns the one to start. */
  static Path extract(HostSystem host, Path folder) throws IOException {
    for (String name : NAMES) {
      try (InputStream in = SessionScripts.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("The script " + name + " is missing in our own jar");
        }
        host.createPrivateFile(folder.resolve(name), in.readAllBytes());
      }
    }
    return folder.resolve(NAMES.getFirst());
  }
}
