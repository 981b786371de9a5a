"""Renders frames as one Blender does, for the tests to compare with.

blender -b SCENE.blend -P reference.py -- FOLDER FRAME...

For each frame FOLDER/FRAME.exr, all passes without compositing, and FOLDER/FRAME.png, the picture as the scene asks
for it; an engine without passes gives the picture alone.
"""

import os
import sys

import bpy


def render(path: str) -> None:
    scene = bpy.context.scene
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)


def main() -> None:
    folder, *frames = sys.argv[sys.argv.index("--") + 1 :]
    scene = bpy.context.scene
    settings = scene.render.image_settings
    for frame in frames:
        scene.frame_set(int(frame))
        settings.file_format = "PNG"
        settings.color_depth = "8"
        settings.color_mode = "RGBA"
        scene.render.use_compositing = True
        render(os.path.join(folder, frame + ".png"))
        if scene.render.engine != "CYCLES":
            continue
        settings.file_format = "OPEN_EXR_MULTILAYER"
        settings.color_depth = "32"
        settings.exr_codec = "ZIP"
        scene.render.use_compositing = False
        render(os.path.join(folder, frame + ".exr"))


main()
