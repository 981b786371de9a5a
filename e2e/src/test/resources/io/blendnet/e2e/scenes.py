"""Makes the small scenes that the tests of exactness render.

blender -b --factory-startup -P scenes.py -- FOLDER

What makes passes differ is in them: glass, metal, a textured floor, a transparent sky, objects in motion, several objects
a pixel, two view layers, a compositor that looks beyond a pixel.
"""

import os
import sys

import bpy


def material(name: str, **inputs) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    for key, value in inputs.items():
        shader.inputs[key.replace("_", " ")].default_value = value
    return made


def checker() -> bpy.types.Material:
    made = material("Checker", Roughness=0.3)
    node = made.node_tree.nodes.new("ShaderNodeTexChecker")
    node.inputs["Scale"].default_value = 12
    shader = made.node_tree.nodes["Principled BSDF"]
    made.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    return made


def ball(location: tuple, surface: bpy.types.Material) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(location=location, segments=32, ring_count=16)
    bpy.context.object.data.materials.append(surface)


def build(width: int = 224, height: int = 126) -> bpy.types.Scene:
    """The factory scene, with more in it."""
    bpy.ops.wm.read_factory_settings()
    scene = bpy.context.scene
    cube = bpy.data.objects["Cube"]
    cube.data.materials.clear()
    cube.data.materials.append(material("Red", Base_Color=(0.8, 0.1, 0.0, 1), Roughness=0.4))
    cube.pass_index = 3
    cube.keyframe_insert("location", frame=0)
    cube.location.x += 1.5
    cube.keyframe_insert("location", frame=2)
    cube.location.z += 1
    cube.keyframe_insert("location", frame=4)
    ball((1.5, -2, 0.3), material("Glass", Transmission=1.0, Roughness=0.1))
    bpy.data.materials["Glass"].pass_index = 5
    ball((-2, 1, 0.5), material("Metal", Metallic=1.0, Roughness=0.2, Base_Color=(0.9, 0.7, 0.3, 1)))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.object.data.materials.append(checker())
    for i in range(12):
        bpy.ops.mesh.primitive_cube_add(size=0.25, location=(-3 + i * 0.3, 3.5, 0.2 + (i % 3) * 0.2))
    scene.view_layers.new("Second.Layer")
    scene.frame_set(1)
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_depth = "8"
    scene.render.filepath = "//picture-"
    return scene


def cycles(scene: bpy.types.Scene, samples: int, adaptive: bool) -> None:
    scene.render.engine = "CYCLES"
    scene.render.film_transparent = True
    scene.cycles.samples = samples
    scene.cycles.use_denoising = False
    scene.cycles.use_adaptive_sampling = adaptive
    scene.cycles.adaptive_threshold = 0.01
    scene.cycles.adaptive_min_samples = 8


def all_passes(scene: bpy.types.Scene) -> None:
    first, second = scene.view_layers
    for name in (p.identifier for p in first.bl_rna.properties if p.identifier.startswith("use_pass_")):
        setattr(first, name, True)
    first.cycles.denoising_store_passes = True
    # With adaptive sampling 3.4 counts otherwise in a tile than in the whole picture
    first.cycles.pass_debug_sample_count = not scene.cycles.use_adaptive_sampling
    # Not exact in sample ranges
    first.use_pass_vector = scene.cycles.use_adaptive_sampling
    second.use_pass_combined = True
    second.use_pass_diffuse_direct = True
    second.use_pass_diffuse_color = True
    second.use_pass_cryptomatte_object = True


def composite(scene: bpy.types.Scene) -> None:
    """Glare over the first layer times its ambient occlusion, the second one mixed in where an object is."""
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()

    def node(kind: str, **settings) -> bpy.types.CompositorNode:
        made = tree.nodes.new("CompositorNode" + kind)
        for key, value in settings.items():
            setattr(made, key, value)
        return made

    first = node("RLayers", layer=scene.view_layers[0].name)
    second = node("RLayers", layer=scene.view_layers[1].name)
    shade = node("MixRGB", blend_type="MULTIPLY")
    glare = node("Glare", glare_type="FOG_GLOW", threshold=0.8, size=6)
    mask = node("IDMask", index=3)
    mix = node("MixRGB", blend_type="MIX")
    out = node("Composite")
    for source, name, target, slot in (
        (first, "Image", shade, 1),
        (first, "AO", shade, 2),
        (shade, "Image", glare, 0),
        (first, "IndexOB", mask, 0),
        (mask, "Alpha", mix, 0),
        (glare, "Image", mix, 1),
        (second, "Image", mix, 2),
        (mix, "Image", out, 0),
    ):
        tree.links.new(source.outputs[name], target.inputs[slot])


def save(folder: str, name: str) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, name + ".blend"), compress=True)


def main() -> None:
    folder = sys.argv[sys.argv.index("--") + 1]

    for name, adaptive in (("adaptive", True), ("fixed", False)):
        scene = build()
        cycles(scene, 64, adaptive)
        all_passes(scene)
        composite(scene)
        save(folder, name)

    scene = build()
    cycles(scene, 112, False)
    scene.view_layers[0].use_pass_z = True
    scene.view_layers[0].use_pass_cryptomatte_object = True
    save(folder, "long")

    scene = build()
    cycles(scene, 16, False)
    save(folder, "animation")

    scene.camera.data.type = "PANO"
    scene.camera.data.cycles.panorama_type = "EQUIRECTANGULAR"
    save(folder, "panorama")

    scene = build()
    scene.render.engine = "BLENDER_WORKBENCH"
    save(folder, "workbench")


main()
