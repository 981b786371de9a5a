"""Makes the scenes of the conformance suite, and renders them as one Blender does.

blender -b --factory-startup -P conformance_scenes.py -- make FOLDER
blender -b --factory-startup -P conformance_scenes.py -- render SCENE.blend OUTPUT.exr FRAME [PATTERN]

The same with a Python that has bpy in place of `blender -b --factory-startup -P`. `make` saves the scenes that this
Blender can have, and prints `made NAME` for each. `render` opens the scene as it is and saves every pass of the frame,
without denoising and compositing, which come after the passes; with another sampling pattern, where one is named.
"""

from __future__ import annotations

import math
import os
import sys
from typing import Callable

import bpy

WIDTH, HEIGHT = 131, 73  # nothing that divides well
SCENES: dict[str, Callable[[bpy.types.Scene], None]] = {}


class CannotHave(Exception):
    """This Blender lacks what the scene is about."""


def scene(maker: Callable) -> Callable:
    SCENES[maker.__name__.replace("_", "-")] = maker
    return maker


# --- what is in them ---------------------------------------------------------------------------------------------------


def material(name: str, **inputs) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    for key, value in inputs.items():
        socket = key.replace("_", " ")
        if socket not in shader.inputs:  # 4.0 and later
            socket += " Weight"
        shader.inputs[socket].default_value = value
    return made


def ball(location: tuple, surface: bpy.types.Material) -> bpy.types.Object:
    bpy.ops.mesh.primitive_uv_sphere_add(location=location, segments=32, ring_count=16)
    bpy.context.object.data.materials.append(surface)
    return bpy.context.object


def build() -> bpy.types.Scene:
    """Glass, metal, a textured floor, an object in motion, small ones that share pixels, a transparent sky."""
    bpy.ops.wm.read_factory_settings()
    made = bpy.context.scene
    cube = bpy.data.objects["Cube"]
    cube.data.materials.clear()
    cube.data.materials.append(material("Red", Base_Color=(0.8, 0.1, 0.0, 1), Roughness=0.4))
    cube.pass_index = 3
    cube.keyframe_insert("location", frame=0)
    cube.location.x += 1.5
    cube.keyframe_insert("location", frame=4)
    ball((1.5, -2, 0.3), material("Glass", Transmission=1.0, Roughness=0.1))
    bpy.data.materials["Glass"].pass_index = 5
    ball((-2, 1, 0.5), material("Metal", Metallic=1.0, Roughness=0.2, Base_Color=(0.9, 0.7, 0.3, 1)))
    floor = material("Checker", Roughness=0.3)
    checker = floor.node_tree.nodes.new("ShaderNodeTexChecker")
    checker.inputs["Scale"].default_value = 12
    shader = floor.node_tree.nodes["Principled BSDF"]
    floor.node_tree.links.new(checker.outputs["Color"], shader.inputs["Base Color"])
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.object.name = "Floor"
    bpy.context.object.data.materials.append(floor)
    for i in range(12):
        bpy.ops.mesh.primitive_cube_add(size=0.25, location=(-3 + i * 0.3, 3.5, 0.2 + (i % 3) * 0.2))
    made.frame_set(1)
    made.render.resolution_x, made.render.resolution_y = WIDTH, HEIGHT
    made.render.resolution_percentage = 100
    made.render.film_transparent = True
    made.render.engine = "CYCLES"
    made.cycles.samples = 32
    made.cycles.seed = 0
    made.cycles.use_denoising = False
    made.cycles.use_adaptive_sampling = False
    made.cycles.adaptive_threshold = 0.02
    made.cycles.adaptive_min_samples = 8
    return made


def every_pass(layer: bpy.types.ViewLayer) -> None:
    for name in (p.identifier for p in layer.bl_rna.properties):
        if name.startswith("use_pass_"):
            setattr(layer, name, True)
    layer.cycles.pass_debug_sample_count = True
    layer.cycles.denoising_store_passes = True


def crowd(made: bpy.types.Scene) -> None:
    """Far more objects than a pixel has room for names: small ones, out of focus."""
    shared = [material(f"Crowd {i}", Base_Color=(0.1 * i, 0.5, 0.5, 1)) for i in range(8)]
    parents = []
    for i in range(3):
        bpy.ops.object.empty_add(location=(0, 0, 0))
        parents.append(bpy.context.object)
    for i in range(200):
        angle, ring = i * 2.4, 0.08 * math.sqrt(i)
        bpy.ops.mesh.primitive_cube_add(
            size=0.07, location=(3 + ring * math.cos(angle), -2.5 + ring * math.sin(angle), 1.2 + 0.004 * i)
        )
        bpy.context.object.data.materials.append(shared[i % 8])
        bpy.context.object.parent = parents[i % 3]
    blur(made, 2.0)


def adapt(made: bpy.types.Scene, samples: int) -> None:
    """Adaptive sampling up to so many samples."""
    made.cycles.use_adaptive_sampling = True
    made.cycles.samples = samples


def blur(made: bpy.types.Scene, stop: float) -> None:
    depth = made.camera.data.dof
    depth.use_dof, depth.focus_distance, depth.aperture_fstop = True, 11.0, stop / 40


def cryptomatte(made: bpy.types.Scene, depth: int) -> None:
    crowd(made)
    layer = made.view_layers[0]
    for kind in ("object", "material", "asset"):
        setattr(layer, f"use_pass_cryptomatte_{kind}", True)
    layer.pass_cryptomatte_depth = depth


def pattern(made: bpy.types.Scene, *names: str) -> None:
    """More samples than the shortest table has, in a smaller picture."""
    made.render.resolution_x, made.render.resolution_y = 64, 36
    made.cycles.samples = 320
    for name in names:
        try:
            made.cycles.sampling_pattern = name  # 4.x lists its patterns to nobody
            return
        except TypeError:
            continue
    raise CannotHave


def panorama(made: bpy.types.Scene, kind: str) -> None:
    camera = made.camera.data
    camera.type = "PANO"
    try:
        (camera if hasattr(camera, "panorama_type") else camera.cycles).panorama_type = kind
    except TypeError:
        raise CannotHave from None
    made.camera.location = (0.5, -5, 1)


# --- passes ------------------------------------------------------------------------------------------------------------


@scene
def passes(made):
    """every pass of colour, data and light but the motion vectors, with fixed sampling"""
    every_pass(made.view_layers[0])
    made.view_layers[0].use_pass_vector = False


@scene
def passes_adaptive(made):
    """every pass but the sample count, with adaptive sampling and an empty sky"""
    every_pass(made.view_layers[0])
    made.view_layers[0].cycles.pass_debug_sample_count = False
    adapt(made, 96)


@scene
def sample_count(made):
    """the sample count of adaptive sampling, with an empty sky"""
    made.view_layers[0].cycles.pass_debug_sample_count = True
    adapt(made, 96)


@scene
def denoising(made):
    """a scene that asks for denoising: its data beside the picture before it"""
    made.cycles.use_denoising = True
    made.view_layers[0].cycles.use_denoising = True
    made.view_layers[0].cycles.denoising_store_passes = True


@scene
def vector(made):
    """motion vectors of objects that move before the sky and the floor"""
    flying = ball((-4.8, -0.3, 0.5), bpy.data.materials["Red"])
    flying.keyframe_insert("location", frame=1)
    flying.location.x += 1
    flying.keyframe_insert("location", frame=4)
    made.view_layers[0].use_pass_vector = True
    made.view_layers[0].use_pass_z = True


@scene
def cryptomatte_2(made):
    """Cryptomatte of objects, materials and assets, 2 levels, up to dozens of names a pixel"""
    cryptomatte(made, 2)


@scene
def cryptomatte_6(made):
    """the same with 6 levels"""
    cryptomatte(made, 6)


@scene
def cryptomatte_16(made):
    """the same with 16 levels"""
    cryptomatte(made, 16)


@scene
def aovs(made):
    """shaders' own outputs, of colours and of values"""
    layer = made.view_layers[0]
    for name, kind in (("Glow", "COLOR"), ("Wear.2", "VALUE")):
        output = layer.aovs.add()
        output.name, output.type = name, kind
    for surface in ("Checker", "Red"):
        tree = bpy.data.materials[surface].node_tree
        noise = tree.nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = 30
        for name, source, target in (("Glow", "Color", "Color"), ("Wear.2", "Fac", "Value")):
            node = tree.nodes.new("ShaderNodeOutputAOV")
            setattr(node, "aov_name" if hasattr(node, "aov_name") else "name", name)
            tree.links.new(noise.outputs[source], node.inputs[target])


@scene
def light_groups(made):
    """light groups of a lamp, of a shining object and of the world"""
    layer = made.view_layers[0]
    for name in ("lamp", "shine", "world"):
        layer.lightgroups.add(name=name)
    bpy.data.objects["Light"].lightgroup = "lamp"
    shining = material("Shining")
    tree = shining.node_tree
    emission = tree.nodes.new("ShaderNodeEmission")
    emission.inputs["Strength"].default_value = 8
    tree.links.new(emission.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    ball((0, -1, 2.5), shining).lightgroup = "shine"
    made.world.lightgroup = "world"


@scene
def shadow_catcher(made):
    """a floor that catches shadows, and its pass"""
    bpy.data.objects["Floor"].is_shadow_catcher = True
    made.view_layers[0].cycles.use_pass_shadow_catcher = True


@scene
def volume(made, density: float = 0.6):
    """light in a volume, direct and indirect, and what it does to the other passes"""
    bpy.ops.mesh.primitive_cube_add(size=2.5, location=(-1, -2.5, 0))
    fog = bpy.data.materials.new("Fog")
    fog.use_nodes = True
    tree = fog.node_tree
    tree.nodes.clear()
    scatter, output = tree.nodes.new("ShaderNodeVolumePrincipled"), tree.nodes.new("ShaderNodeOutputMaterial")
    scatter.inputs["Density"].default_value = density
    tree.links.new(scatter.outputs["Volume"], output.inputs["Volume"])
    bpy.context.object.data.materials.append(fog)
    layer = made.view_layers[0]
    layer.cycles.use_pass_volume_direct = layer.cycles.use_pass_volume_indirect = True
    layer.use_pass_diffuse_direct = layer.use_pass_diffuse_color = True
    layer.use_pass_glossy_direct = layer.use_pass_glossy_indirect = layer.use_pass_glossy_color = True
    for kind in ("direct", "indirect", "color"):
        setattr(layer, f"use_pass_transmission_{kind}", True)
    layer.use_pass_z = layer.use_pass_environment = True


@scene
def volume_and_indirect_light(made):
    """indirect light on surfaces where a volume is in the way"""
    volume(made, density=1.5)
    made.view_layers[0].use_pass_diffuse_indirect = True


# --- view layers and views ---------------------------------------------------------------------------------------------


def three_layers(made) -> None:
    first = made.view_layers[0]
    first.use_pass_z = first.use_pass_cryptomatte_object = True
    second = made.view_layers.new("Back.Plate.01")
    second.use_pass_diffuse_direct = second.use_pass_normal = True
    third = made.view_layers.new("Vorder grund, Übersicht 層")
    third.use_pass_cryptomatte_material = third.use_pass_uv = True
    third.use_pass_ambient_occlusion = True


@scene
def layers(made):
    """three view layers, with dots, spaces, a comma and other scripts in their names, each with passes of its own"""
    three_layers(made)


@scene
def layers_adaptive(made):
    """the same with adaptive sampling"""
    three_layers(made)
    adapt(made, 64)


@scene
def layer_samples(made):
    """view layers with numbers of samples of their own"""
    three_layers(made)
    made.view_layers[0].samples = 16
    made.view_layers[1].samples = 40


@scene
def stereo(made):
    """two views, beside each other in one file"""
    made.render.use_multiview = True
    made.render.views_format = "STEREO_3D"
    made.view_layers[0].use_pass_z = made.view_layers[0].use_pass_cryptomatte_object = True
    made.view_layers[0].use_pass_diffuse_direct = True


# --- cameras and geometry ----------------------------------------------------------------------------------------------


@scene
def blurred(made):
    """depth of field and motion blur"""
    blur(made, 4.0)
    made.render.use_motion_blur = True
    made.render.motion_blur_shutter = 0.8
    made.view_layers[0].use_pass_z = made.view_layers[0].use_pass_mist = True


@scene
def blurred_adaptive(made):
    """the same with adaptive sampling"""
    blurred(made)
    adapt(made, 96)


@scene
def shifted(made):
    """a shifted orthographic camera, pixels that are not square, an overscan of its own in the filter"""
    made.camera.data.type = "ORTHO"
    made.camera.data.ortho_scale = 9
    made.camera.data.shift_x, made.camera.data.shift_y = 0.13, -0.07
    made.render.pixel_aspect_x = 1.5
    made.cycles.filter_width = 4.0
    made.view_layers[0].use_pass_position = made.view_layers[0].use_pass_normal = True


@scene
def subdivision(made):
    """adaptive subdivision with displacement, of the experimental features"""
    made.cycles.feature_set = "EXPERIMENTAL"
    thing = ball((0.5, 0, 0.8), bpy.data.materials["Red"])
    thing.scale = (1.5, 1.5, 1.5)
    thing.modifiers.new("Subdivision", "SUBSURF")
    thing.cycles.use_adaptive_subdivision = True
    made.cycles.dicing_rate = 2.0
    surface = bpy.data.materials["Red"]
    (surface if hasattr(surface, "displacement_method") else surface.cycles).displacement_method = "DISPLACEMENT"
    tree = surface.node_tree
    noise, push = tree.nodes.new("ShaderNodeTexNoise"), tree.nodes.new("ShaderNodeDisplacement")
    push.inputs["Scale"].default_value = 0.4
    tree.links.new(noise.outputs["Fac"], push.inputs["Height"])
    tree.links.new(push.outputs[0], tree.nodes["Material Output"].inputs["Displacement"])
    made.view_layers[0].use_pass_normal = made.view_layers[0].use_pass_z = True


@scene
def equirectangular(made):
    """an equirectangular panorama"""
    panorama(made, "EQUIRECTANGULAR")


@scene
def equirectangular_adaptive(made):
    """the same with adaptive sampling"""
    equirectangular(made)
    adapt(made, 96)


@scene
def equirectangular_blurred(made):
    """the same with depth of field and motion blur"""
    equirectangular(made)
    blur(made, 4.0)
    made.render.use_motion_blur = True


@scene
def equirectangular_subdivision(made):
    """the same with adaptive subdivision"""
    subdivision(made)
    equirectangular(made)


@scene
def cubemap_face(made):
    """the face of an equiangular cube map"""
    panorama(made, "EQUIANGULAR_CUBEMAP_FACE")


@scene
def central_cylindrical(made):
    """a cylindrical panorama"""
    panorama(made, "CENTRAL_CYLINDRICAL")


@scene
def mirror_ball(made):
    """a mirror ball"""
    panorama(made, "MIRRORBALL")


@scene
def fisheye(made):
    """an equidistant fisheye"""
    panorama(made, "FISHEYE_EQUIDISTANT")


@scene
def fisheye_adaptive(made):
    """the same with adaptive sampling"""
    fisheye(made)
    adapt(made, 96)


@scene
def fisheye_equisolid(made):
    """an equisolid fisheye"""
    panorama(made, "FISHEYE_EQUISOLID")


@scene
def fisheye_polynomial(made):
    """a fisheye by a polynomial"""
    panorama(made, "FISHEYE_LENS_POLYNOMIAL")


@scene
def border(made):
    """a render border without cropping: its pixels, which are all that the assembled file has"""
    made.render.use_border = True
    made.render.border_min_x, made.render.border_max_x = 0.213, 0.789
    made.render.border_min_y, made.render.border_max_y = 0.1, 0.967


@scene
def border_crop(made):
    """a render border with cropping"""
    border(made)
    made.render.use_crop_to_border = True


@scene
def percentage(made):
    """an odd size by a percentage"""
    made.render.resolution_x, made.render.resolution_y = 163, 91
    made.render.resolution_percentage = 83
    made.view_layers[0].use_pass_z = True


@scene
def own_tiles(made):
    """Blender's own tiles in a picture that is larger than they are"""
    made.cycles.use_auto_tile = True
    made.cycles.tile_size = 64
    made.view_layers[0].use_pass_z = made.view_layers[0].use_pass_cryptomatte_object = True


# --- sampling ----------------------------------------------------------------------------------------------------------


@scene
def adaptive_long(made):
    """adaptive sampling that looks again and again: many samples, a low threshold"""
    made.render.resolution_x, made.render.resolution_y = 100, 66
    adapt(made, 768)
    made.cycles.adaptive_threshold = 0.004
    made.cycles.adaptive_min_samples = 1


@scene
def guiding(made):
    """path guiding"""
    if not hasattr(made.cycles, "use_guiding"):
        raise CannotHave
    import _cycles

    if not getattr(_cycles, "with_path_guiding", False):
        raise CannotHave
    made.cycles.use_guiding = True
    made.cycles.guiding_training_samples = 16


@scene
def scrambling(made):
    """the automatic scrambling distance, with a pattern that uses it"""
    pattern(made, "PROGRESSIVE_MULTI_JITTER", "TABULATED_SOBOL")
    made.cycles.samples = 64
    made.cycles.auto_scrambling_distance = True


@scene
def scrambling_sobol(made):
    """the automatic scrambling distance, with a pattern that does not use it"""
    pattern(made, "SOBOL", "BLUE_NOISE")
    made.cycles.samples = 64
    made.cycles.auto_scrambling_distance = True


@scene
def scrambling_fixed(made):
    """a scrambling distance of 0.3"""
    pattern(made, "PROGRESSIVE_MULTI_JITTER", "TABULATED_SOBOL")
    made.cycles.samples = 64
    made.cycles.scrambling_distance = 0.3


@scene
def pattern_automatic(made):
    """320 samples of the automatic pattern"""
    pattern(made, "AUTOMATIC")


@scene
def pattern_blue_noise(made):
    """320 samples of blue noise"""
    pattern(made, "BLUE_NOISE")


@scene
def pattern_multi_jitter(made):
    """320 samples of the progressive multi-jitter pattern"""
    pattern(made, "PROGRESSIVE_MULTI_JITTER")


@scene
def pattern_sobol(made):
    """320 samples of the Sobol pattern"""
    pattern(made, "SOBOL", "SOBOL_BURLEY")


@scene
def pattern_tabulated(made):
    """320 samples of the tabulated Sobol pattern"""
    pattern(made, "TABULATED_SOBOL")


@scene
def seed(made):
    """another seed, that changes with the frame"""
    made.cycles.seed = 7
    made.cycles.use_animated_seed = True


@scene
def seed_curve(made):
    """a seed with an animation curve"""
    made.cycles.seed = 3
    made.keyframe_insert("cycles.seed", frame=1)
    made.cycles.seed = 90
    made.keyframe_insert("cycles.seed", frame=4)


@scene
def time_limit(made):
    """a time limit that one Blender does not reach"""
    made.cycles.time_limit = 600


@scene
def many_lights(made):
    """an environment texture and many lamps, which are picked by chance"""
    tree = made.world.node_tree
    sky = tree.nodes.new("ShaderNodeTexNoise")
    tree.links.new(sky.outputs["Color"], tree.nodes["Background"].inputs["Color"])
    for i in range(24):
        bpy.ops.object.light_add(type="POINT", location=(-4 + i % 6 * 1.6, -4 + i // 6 * 2.5, 1.5))
        bpy.context.object.data.energy = 20 + 5 * i
    made.render.film_transparent = False


# --- the two commands --------------------------------------------------------------------------------------------------


def make(folder: str) -> None:
    for name, maker in SCENES.items():
        made = build()
        try:
            maker(made)
        except CannotHave:
            continue
        bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, name + ".blend"), compress=True)
        print(f"made {name} {maker.__doc__}", flush=True)


def render(blend: str, output: str, frame: int, patterns: list[str]) -> None:
    bpy.ops.wm.open_mainfile(filepath=blend, load_ui=False)
    made = bpy.context.scene
    made.frame_set(frame)
    made.render.use_compositing = False
    made.cycles.use_denoising = False
    for name in patterns:
        made.cycles.sampling_pattern = name
    picture = made.render.image_settings
    picture.file_format = "OPEN_EXR_MULTILAYER"
    picture.color_depth = "32"
    made.render.use_crop_to_border = True
    if made.render.use_multiview:
        picture.views_format = "MULTIVIEW"  # all in one file
    made.render.use_file_extension = False
    made.render.filepath = output
    bpy.ops.render.render(write_still=True)


def main() -> None:
    command, *rest = sys.argv[sys.argv.index("--") + 1 :]
    if command == "make":
        make(*rest)
    else:
        blend, output, frame, *patterns = rest
        render(blend, output, int(frame), patterns)


if __name__ == "__main__":
    main()
