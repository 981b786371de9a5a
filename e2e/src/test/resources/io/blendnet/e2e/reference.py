"""Renders a frame as one Blender does, for the tests to compare with.

blender -b SCENE.blend -P reference.py -- FOLDER/FRAME.exr|FOLDER/FRAME.png

An .exr has all passes, without compositing; a .png is the picture that the scene asks for.
"""

import os
import sys

import bpy


def main() -> None:
    path = sys.argv[sys.argv.index("--") + 1]
    frame, extension = os.path.splitext(os.path.basename(path))
    scene = bpy.context.scene
    scene.frame_set(int(frame))
    scene.render.filepath = path
    if extension == ".exr":
        settings = scene.render.image_settings
        settings.file_format = "OPEN_EXR_MULTILAYER"
        settings.color_depth = "32"
        settings.exr_codec = "ZIP"
        scene.render.use_compositing = False
    bpy.ops.render.render(write_still=True)


main()
