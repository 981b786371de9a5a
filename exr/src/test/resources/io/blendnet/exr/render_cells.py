"""Renders cells of a small scene in one live session, for the tests of the assembly.

After "--" comes a JSON file: {"adaptive": bool, "volume": bool, "cells": [{"x", "y", "width", "height" (y from the top,
overscan included), "first", "end", "path"}]}. The scene has what makes passes differ: glass, a glossy
and a textured surface, a volume, a transparent sky, an object in motion, several objects a pixel, and two
view layers.
"""

import json
import sys

import bpy

WIDTH, HEIGHT = 64, 36


def material(name, **inputs):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    for key, value in inputs.items():
        shader.inputs[key.replace("_", " ")].default_value = value
    return made


def build_scene(with_volume):
    scene = bpy.context.scene
    cube = bpy.data.objects["Cube"]
    cube.data.materials.clear()
    cube.data.materials.append(material("Red", Base_Color=(0.8, 0.1, 0.0, 1), Roughness=0.4))
    cube.pass_index = 3
    cube.keyframe_insert("location", frame=0)
    cube.location.x += 1.5
    cube.keyframe_insert("location", frame=2)

    bpy.ops.mesh.primitive_uv_sphere_add(location=(1.5, -2, 0.3), segments=16, ring_count=8)
    sphere = bpy.context.object
    sphere.data.materials.append(material("Glass", Transmission=1.0, Roughness=0.1))
    sphere.data.materials[0].pass_index = 5

    bpy.ops.mesh.primitive_uv_sphere_add(location=(-2, 1, 0.5), segments=16, ring_count=8)
    metal = bpy.context.object
    metal.data.materials.append(material("Metal", Metallic=1.0, Roughness=0.2, Base_Color=(0.9, 0.7, 0.3, 1)))

    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    floor = bpy.context.object
    checker = material("Checker")
    node = checker.node_tree.nodes.new("ShaderNodeTexChecker")
    node.inputs["Scale"].default_value = 12
    checker.node_tree.links.new(node.outputs["Color"], checker.node_tree.nodes["Principled BSDF"].inputs["Base Color"])
    floor.data.materials.append(checker)

    bpy.ops.mesh.primitive_cube_add(size=2, location=(-1, -2.5, 0))
    fog = bpy.data.materials.new("Fog")
    fog.use_nodes = True
    nodes = fog.node_tree.nodes
    nodes.clear()
    volume = nodes.new("ShaderNodeVolumeScatter")
    volume.inputs["Density"].default_value = 0.6
    output = nodes.new("ShaderNodeOutputMaterial")
    fog.node_tree.links.new(volume.outputs["Volume"], output.inputs["Volume"])
    if with_volume:
        bpy.context.object.data.materials.append(fog)
    else:
        bpy.data.objects.remove(bpy.context.object)

    for i in range(12):
        bpy.ops.mesh.primitive_cube_add(size=0.25, location=(-3 + i * 0.3, 3.5, 0.2 + (i % 3) * 0.2))

    scene.view_layers.new("Second.Layer")
    scene.frame_set(1)
    return scene


def set_up(scene, adaptive):
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.resolution_percentage = 100
    scene.render.film_transparent = True
    scene.render.use_persistent_data = True
    scene.render.use_compositing = False
    scene.render.use_sequencer = False
    settings = scene.render.image_settings
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    settings.exr_codec = "NONE"
    scene.cycles.use_denoising = False
    scene.cycles.use_adaptive_sampling = adaptive
    scene.cycles.adaptive_threshold = 0.05
    scene.cycles.adaptive_min_samples = 4
    first, second = scene.view_layers
    for layer in (first, second):
        layer.use_pass_combined = True
    every = [p.identifier for p in first.bl_rna.properties if p.identifier.startswith("use_pass_")]
    for name in every:
        setattr(first, name, True)
    for name in ("pass_debug_sample_count", "denoising_store_passes", "use_pass_volume_direct", "use_pass_volume_indirect"):
        setattr(first.cycles, name, True)
    second.use_pass_diffuse_direct = True
    second.use_pass_diffuse_color = True
    second.use_pass_cryptomatte_object = True


def render(scene, cell):
    render = scene.render
    render.use_border = True
    render.use_crop_to_border = True
    render.border_min_x = cell["x"] / WIDTH
    render.border_max_x = (cell["x"] + cell["width"]) / WIDTH
    render.border_min_y = (HEIGHT - cell["y"] - cell["height"]) / HEIGHT
    render.border_max_y = (HEIGHT - cell["y"]) / HEIGHT
    scene.cycles.samples = cell["end"] - cell["first"]
    scene.cycles.sample_offset = cell["first"]
    scene.update_tag()
    render.filepath = cell["path"]
    bpy.ops.render.render(write_still=True)


def main():
    with open(sys.argv[sys.argv.index("--") + 1], encoding="utf-8") as file:
        order = json.load(file)
    scene = build_scene(order["volume"])
    set_up(scene, order["adaptive"])
    for cell in order["cells"]:
        render(scene, cell)


main()
