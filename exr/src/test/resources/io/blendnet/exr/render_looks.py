"""Renders small files for the tests of what a cell looks like into the folder after "--".

lit.exr has two view layers, one of which has fewer samples of its own; dark.exr is the same scene without any light.
"""

import os
import sys

import bpy

folder = sys.argv[sys.argv.index("--") + 1]
scene = bpy.context.scene
render = scene.render
render.engine = "CYCLES"
render.resolution_x, render.resolution_y, render.resolution_percentage = 32, 18, 100
render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
render.image_settings.color_depth = "32"
render.image_settings.exr_codec = "ZIP"
scene.cycles.samples = 6
scene.cycles.use_denoising = False
scene.view_layers.new("Coarse.Layer").samples = 2
for name in ("lit", "dark"):
    if name == "dark":
        bpy.data.objects["Light"].hide_render = True
        scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0
    render.filepath = os.path.join(folder, name + ".exr")
    bpy.ops.render.render(write_still=True)
