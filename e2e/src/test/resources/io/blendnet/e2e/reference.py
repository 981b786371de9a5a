"""Renders frames as one Blender does, for the tests to compare with.

blender -b SCENE.blend -P reference.py -- FOLDER/FRAME.exr|FOLDER/FRAME.png...

An .exr has all passes, without compositing; a .png is the picture that the scene asks for.
"""

import os
import sys

import bpy


def render(path: str) -> None:
    frame, extension = os.path.splitext(os.path.basename(path))
    scene = bpy.context.scene
    scene.frame_set(int(frame))
    scene.render.filepath = path
    passes = extension == ".exr"
    settings = scene.render.image_settings
    settings.file_format = "OPEN_EXR_MULTILAYER" if passes else "PNG"
    settings.color_depth = "32" if passes else "8"
    scene.render.use_compositing = not passes
    bpy.ops.render.render(write_still=True)


def main() -> None:
    for path in sys.argv[sys.argv.index("--") + 1 :]:
        render(path)


main()
