package io.blendnet.agent;

import io.blendnet.blender.BlenderFinder;
import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.BlenderNotFoundException;
import io.blendnet.security.FolderTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A tiny scene, made once by the Blender of this machine: a cube that glows green by a texture
 * outside the project's folder, on a grey world. 64 x 36 pixels, Cycles, 8 samples, PNG.
 *
 * @param project the project's folder, with {@code scene.blend}
 * @param texture absolute path of the texture
 */
record TestingScene(Path project, Path texture) {
  static final int WIDTH = 64;
  static final int HEIGHT = 36;
  static final int SAMPLES = 8;

  private static final String SCRIPT =
      """
      import bpy, sys
      blend, texture = sys.argv[sys.argv.index('--') + 1:]
      scene = bpy.context.scene
      scene.render.engine = 'CYCLES'
      scene.cycles.samples = 8
      scene.cycles.use_adaptive_sampling = False
      scene.cycles.use_denoising = False
      scene.render.resolution_x, scene.render.resolution_y = 64, 36
      scene.render.resolution_percentage = 100
      scene.render.image_settings.file_format = 'PNG'
      scene.view_settings.view_transform = 'Standard'
      image = bpy.data.images.new('Wall', 8, 8)
      image.pixels = [0.0, 0.6, 0.0, 1.0] * 64
      image.filepath_raw = texture
      image.file_format = 'PNG'
      image.save()
      material = bpy.data.materials.new('Green')
      material.use_nodes = True
      nodes = material.node_tree.nodes
      nodes.clear()
      picture = nodes.new('ShaderNodeTexImage')
      picture.image = image
      glow = nodes.new('ShaderNodeEmission')
      output = nodes.new('ShaderNodeOutputMaterial')
      material.node_tree.links.new(picture.outputs['Color'], glow.inputs['Color'])
      material.node_tree.links.new(glow.outputs['Emission'], output.inputs['Surface'])
      bpy.data.objects['Cube'].data.materials[0] = material
      bpy.ops.mesh.primitive_plane_add(size=30, location=(0, 0, -1))
      bpy.ops.wm.save_as_mainfile(filepath=blend, relative_remap=False)
      """;

  private static final class Made {
    static final Path FOLDER = newFolder();
    static final BlenderInstallation BLENDER = find();
    static final TestingScene SCENE = make();

    private static Path newFolder() {
      try {
        Path folder = Files.createTempDirectory("blendnet-agent-test");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> FolderTree.discard(folder)));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static BlenderInstallation find() {
      try {
        return new BlenderFinder(FOLDER.resolve("blenders")).find();
      } catch (BlenderNotFoundException e) {
        throw new AssertionError("These tests need a Blender: " + e.getMessage(), e);
      }
    }

    private static TestingScene make() {
      try {
        Path project = Files.createDirectories(FOLDER.resolve("My project"));
        Path texture = Files.createDirectories(FOLDER.resolve("textures")).resolve("wäll.png");
        Path script = Files.writeString(FOLDER.resolve("make.py"), SCRIPT);
        Process blender =
            new ProcessBuilder(
                    BLENDER.executable().toString(),
                    "-b",
                    "--factory-startup",
                    "-noaudio",
                    "--python-exit-code",
                    "42",
                    "-P",
                    script.toString(),
                    "--",
                    project.resolve("scene.blend").toString(),
                    texture.toString())
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve("make.log").toFile())
                .start();
        if (!blender.waitFor(60, TimeUnit.SECONDS) || blender.exitValue() != 0) {
          throw new AssertionError(Files.readString(FOLDER.resolve("make.log")));
        }
        return new TestingScene(project, texture);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  static TestingScene make() {
    return Made.SCENE;
  }

  /** The Blender of this machine; a failure without one. */
  static BlenderInstallation blender() {
    return Made.BLENDER;
  }

  Path blend() {
    return project.resolve("scene.blend");
  }
}
