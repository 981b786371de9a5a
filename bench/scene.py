"""Makes the scene that the benchmarks render.

blender -b --factory-startup -P bench/scene.py -- OUTPUT.blend WIDTH HEIGHT SAMPLES [adaptive|fixed]

Glossy and glass spheres over a plane under an area light: noise everywhere, so that adaptive sampling has something to
decide. Twelve channels: Combined (4), Depth (1), Normal (3), Mist (1), Ambient Occlusion (3).
"""

import sys

import bpy


def material(name: str, hue: float, glass: bool) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (0.9 - 0.6 * hue, 0.3 + 0.5 * hue, 0.4, 1.0)
    shader.inputs["Roughness"].default_value = 0.05 + 0.4 * hue
    transmission = "Transmission" if "Transmission" in shader.inputs else "Transmission Weight"
    shader.inputs[transmission].default_value = 1.0 if glass else 0.0
    return made


def build(width: int, height: int, samples: int, adaptive: bool) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    bpy.ops.mesh.primitive_plane_add(size=40)
    bpy.context.object.data.materials.append(material("floor", 0.5, False))
    for row in range(7):
        for column in range(7):
            bpy.ops.mesh.primitive_ico_sphere_add(
                subdivisions=5, radius=0.42, location=(column - 3, row - 3, 0.42)
            )
            ball = bpy.context.object
            ball.data.materials.append(
                material(f"ball {row} {column}", (row * 7 + column) / 48, (row + column) % 4 == 0)
            )
            bpy.ops.object.shade_smooth()
    bpy.ops.object.light_add(type="AREA", location=(4, -4, 7))
    bpy.context.object.data.energy = 900
    bpy.context.object.data.size = 3
    bpy.context.object.rotation_euler = (0.6, 0.35, 0.7)
    bpy.ops.object.camera_add(location=(5.5, -7.5, 5.0), rotation=(0.98, 0, 0.63))
    scene.camera = bpy.context.object
    scene.world = bpy.data.worlds.new("sky")
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = width
    scene.render.resolution_y = height
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = "//still-####"
    scene.cycles.samples = samples
    scene.cycles.use_adaptive_sampling = adaptive
    scene.cycles.use_denoising = False
    layer = bpy.context.view_layer
    layer.use_pass_z = True
    layer.use_pass_normal = True
    layer.use_pass_mist = True
    layer.use_pass_ambient_occlusion = True


if __name__ == "__main__":
    target, width, height, samples, *sampling = sys.argv[sys.argv.index("--") + 1 :]
    build(int(width), int(height), int(samples), sampling != ["fixed"])
    bpy.ops.wm.save_as_mainfile(filepath=target, compress=True)
