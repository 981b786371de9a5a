"""Makes the scenes of the command line's tests: blender -b --factory-startup -P THIS -- FOLDER

Each is 64 x 36 pixels, Cycles, 8 samples, PNG, and needs a texture beside itself.
"""

import os
import sys

import bpy

folder = sys.argv[sys.argv.index("--") + 1]
textures = os.path.join(folder, "textures")
os.makedirs(textures, exist_ok=True)


def texture(path):
    image = bpy.data.images.new("Wall", 8, 8)
    image.pixels = [0.0, 0.6, 0.0, 1.0] * 64
    image.filepath_raw = path
    image.file_format = "PNG"
    image.save()
    bpy.data.images.remove(image)


def fresh():
    bpy.ops.wm.read_factory_settings()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 8
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 64, 36
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = "//pictures/shot_"
    scene.view_settings.view_transform = "Standard"
    return scene


def glow(path):
    """Covers the cube with a picture that shines by itself."""
    material = bpy.data.materials.new("Glow")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    picture = nodes.new("ShaderNodeTexImage")
    picture.image = bpy.data.images.load(path)
    emission = nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(picture.outputs["Color"], emission.inputs["Color"])
    material.node_tree.links.new(emission.outputs["Emission"], output.inputs["Surface"])
    bpy.data.objects["Cube"].data.materials[0] = material


def save(name):
    bpy.ops.wm.save_as_mainfile(
        filepath=os.path.join(folder, name + ".blend"), compress=False, relative_remap=True
    )


wall = os.path.join(textures, "wall.png")
texture(wall)

fresh()
glow(wall)
save("shot")

scene = fresh()
scene.camera = None
for camera in [one for one in bpy.data.objects if one.type == "CAMERA"]:
    bpy.data.objects.remove(camera)
save("no-camera")

fresh()
lost = os.path.join(textures, "lost.png")
texture(lost)
glow(lost)
save("lost-texture")
os.remove(lost)

scene = fresh()
driver = bpy.data.objects["Cube"].driver_add("location", 0).driver
driver.expression = "__import__('math').sin(frame)"
text = bpy.data.texts.new("rig_ui.py")
text.write("print('hello')\n")
text.use_module = True
save("scripts")

scene = fresh()
scene.render.image_settings.file_format = "FFMPEG"
save("movie")

scene = fresh()
scene.cycles.use_denoising = True
save("denoised")

# Long enough to be stopped in: a full frame takes minutes.
scene = fresh()
scene.render.resolution_x, scene.render.resolution_y = 640, 360
scene.cycles.samples = 4096
save("endless")
