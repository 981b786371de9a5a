"""Makes the scenes that the session's tests render: blender -b -P make_scenes.py -- FOLDER"""

import math
import os
import sys

import bpy

FOLDER = sys.argv[sys.argv.index("--") + 1]


def material(name, colour, metallic=0.0, roughness=0.5):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Roughness"].default_value = roughness
    return made


def glass(name):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    shader = nodes.new("ShaderNodeBsdfGlass")
    made.node_tree.links.new(shader.outputs[0], nodes["Material Output"].inputs[0])
    return made


def scene(width=64, height=36, samples=16, adaptive=False):
    """Noisy on purpose: glass, gloss, an area light and depth of field."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.context.scene
    made.render.engine = "CYCLES"
    made.render.resolution_x = width
    made.render.resolution_y = height
    made.render.filepath = "//shot_"
    made.cycles.samples = samples
    made.cycles.use_adaptive_sampling = adaptive
    made.cycles.use_denoising = False
    bpy.ops.mesh.primitive_plane_add(size=12)
    bpy.context.object.data.materials.append(material("Floor", (0.6, 0.5, 0.4), roughness=0.3))
    for index, kind in enumerate((glass("Glass"), material("Metal", (0.9, 0.6, 0.2), 1.0, 0.15))):
        bpy.ops.mesh.primitive_uv_sphere_add(radius=0.9, location=(index * 2 - 1, 0, 0.9))
        bpy.context.object.data.materials.append(kind)
        bpy.context.object.pass_index = index + 1
    bpy.ops.object.light_add(type="AREA", location=(2, -2, 4))
    bpy.context.object.data.energy = 300
    bpy.context.object.rotation_euler = (0.6, 0.3, 0)
    bpy.ops.object.camera_add(location=(0, -7, 2.4), rotation=(math.radians(76), 0, 0))
    camera = bpy.context.object
    camera.data.dof.use_dof = True
    camera.data.dof.focus_distance = 6
    camera.data.dof.aperture_fstop = 1.0
    camera.keyframe_insert("location", frame=1)
    camera.location.x = 1
    camera.keyframe_insert("location", frame=10)
    made.camera = camera
    made.frame_set(1)
    return made


def all_passes(layer):
    for name in dir(layer):
        if name.startswith("use_pass_"):
            setattr(layer, name, True)
    for name in ("use_pass_volume_direct", "use_pass_volume_indirect", "denoising_store_passes"):
        setattr(layer.cycles, name, True)
    layer.cycles.pass_debug_sample_count = True


def save(name):
    path = os.path.join(FOLDER, name + ".blend")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=False)
    return path


def composited(made):
    """Glare, mist, ID mask, cryptomatte, two view layers, and File Output nodes of both kinds."""
    made.view_settings.view_transform = "Filmic"
    first = made.view_layers[0]
    first.use_pass_mist = first.use_pass_object_index = first.use_pass_z = True
    first.use_pass_ambient_occlusion = first.use_pass_cryptomatte_object = True
    second = made.view_layers.new("Clay")
    second.material_override = material("Clay", (0.8, 0.8, 0.8))
    made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()

    def node(kind, **settings):
        new = tree.nodes.new("CompositorNode" + kind)
        for name, value in settings.items():
            setattr(new, name, value)
        return new

    def mix(kind, factor, one, two):
        new = node("MixRGB", blend_type=kind)
        new.inputs[0].default_value = factor
        tree.links.new(one, new.inputs[1])
        tree.links.new(two, new.inputs[2])
        return new.outputs[0]

    layers = node("RLayers", layer=first.name)
    clay = node("RLayers", layer="Clay")
    glare = node("Glare", glare_type="FOG_GLOW", threshold=0.5, size=6)
    tree.links.new(layers.outputs["Image"], glare.inputs[0])
    mask = node("IDMask", index=1)
    tree.links.new(layers.outputs["IndexOB"], mask.inputs[0])
    matte = node("CryptomatteV2", matte_id="Sphere")
    picture = mix("MIX", 0.3, glare.outputs[0], clay.outputs["Image"])
    picture = mix("MULTIPLY", 0.5, picture, layers.outputs["AO"])
    picture = mix("ADD", 0.2, picture, mask.outputs[0])
    picture = mix("ADD", 0.2, picture, matte.outputs["Matte"])
    tree.links.new(picture, node("Composite").inputs[0])

    files = node("OutputFile", base_path="//../passes/deep/")
    files.format.file_format = "PNG"
    files.file_slots.new("../../escape/mist_###")
    tree.links.new(matte.outputs["Matte"], files.inputs[0])
    tree.links.new(layers.outputs["Mist"], files.inputs[1])
    depth = node("OutputFile", base_path=os.path.join(FOLDER, "elsewhere", "all_##"))
    depth.format.file_format = "OPEN_EXR_MULTILAYER"
    tree.links.new(layers.outputs["Depth"], depth.inputs[0])
    return tree, layers


def picture(path, colour):
    image = bpy.data.images.new("made", 8, 8)
    image.generated_color = colour
    image.filepath_raw = path
    image.file_format = "PNG"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    image.save()
    bpy.data.images.remove(image)
    return path


def textured(name, path):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = bpy.data.images.load(path)
    made.node_tree.links.new(texture.outputs[0], nodes["Principled BSDF"].inputs[0])
    bpy.ops.mesh.primitive_cube_add(size=0.5, location=(0, 0, 1))
    bpy.context.object.name = name
    bpy.context.object.data.materials.append(made)
    return texture


def simple_scenes():
    made = scene()
    all_passes(made.view_layers[0])
    made.view_layers.new("Second").use_pass_emit = True
    save("fixed")

    made = scene(samples=64, adaptive=True)
    made.cycles.adaptive_threshold = 0.1
    made.cycles.adaptive_min_samples = 4
    all_passes(made.view_layers[0])
    save("adaptive")

    made = scene(samples=300)
    made.cycles.sampling_pattern = "PROGRESSIVE_MULTI_JITTER"
    made.view_layers[0].use_pass_diffuse_direct = True
    made.view_layers[0].use_pass_glossy_indirect = True
    save("many-samples")

    made = scene(samples=8)
    made.keyframe_insert("cycles.samples", frame=1)
    made.cycles.samples = 20
    made.keyframe_insert("cycles.samples", frame=10)
    made.frame_set(1)
    save("animated-samples")

    made = scene(samples=8)
    made.view_layers.new("Finer").samples = 12
    save("layer-samples")

    made = scene(samples=4)
    made.cycles.use_denoising = True
    made.use_nodes = True
    layers = made.node_tree.nodes["Render Layers"]
    made.view_layers.update()
    made.node_tree.links.new(
        layers.outputs["Noisy Image"], made.node_tree.nodes["Composite"].inputs[0]
    )
    save("denoised")


def composed_scenes():
    made = scene(160, 90, samples=4, adaptive=True)
    composited(made)
    made.render.filepath = "//out/shot ## é"
    save("composited")

    for crop in (True, False):
        made = scene(160, 90, samples=4)
        composited(made)
        made.render.resolution_percentage = 50
        made.render.use_border = True
        made.render.use_crop_to_border = crop
        made.render.border_min_x, made.render.border_max_x = 0.213, 0.789
        made.render.border_min_y, made.render.border_max_y = 0.1, 0.667
        save("cropped" if crop else "bordered")

    made = scene(samples=4)
    output = made.render.image_settings
    for kind, depth, mode in (
        ("PNG", "16", "RGB"),
        ("JPEG", "8", "BW"),
        ("TIFF", "16", "RGBA"),
        ("OPEN_EXR", "16", "RGB"),
    ):
        output.file_format = kind
        output.color_mode = mode
        output.color_depth = depth
        save("as-" + kind.lower())

    path = picture(os.path.join(FOLDER, "card.png"), (0, 0, 1, 1))
    made = scene(samples=4)
    editor = made.sequence_editor_create()
    editor.sequences.new_image("Card", path, channel=1, frame_start=2)
    save("sequencer")


def awkward_scenes():
    made = scene()
    bpy.data.objects.remove(made.camera)
    save("no-camera")

    made = scene()
    made.render.image_settings.file_format = "FFMPEG"
    save("movie")

    made = scene()
    made.camera.data.type = "PANO"
    save("panorama")

    made = scene(adaptive=True)
    made.view_layers[0].cycles.pass_debug_sample_count = True
    save("counted")

    made = scene()
    made.view_layers[0].use_pass_diffuse_indirect = True
    fog = material("Fog", (1, 1, 1))
    nodes = fog.node_tree.nodes
    scatter = nodes.new("ShaderNodeVolumeScatter")
    fog.node_tree.links.new(scatter.outputs[0], nodes["Material Output"].inputs["Volume"])
    bpy.context.scene.objects["Sphere"].data.materials[0] = fog
    save("foggy")

    made = scene()
    made.cycles.auto_scrambling_distance = True
    made.cycles.sampling_pattern = "PROGRESSIVE_MULTI_JITTER"
    save("scrambled")
    made.cycles.sampling_pattern = "SOBOL"
    save("scrambled-sobol")

    made = scene()
    made.render.engine = "BLENDER_WORKBENCH"
    made.render.use_compositing = True
    save("workbench")

    class ForeignEngine(bpy.types.RenderEngine):
        bl_idname = "FOREIGN_ENGINE"
        bl_label = "Foreign"

    bpy.utils.register_class(ForeignEngine)
    made = scene()
    made.render.engine = "FOREIGN_ENGINE"
    save("foreign-engine")
    bpy.utils.unregister_class(ForeignEngine)

    made = scene()
    text = bpy.data.texts.new("rig.py")
    text.write(
        "import bpy, os\n"
        "open(os.path.join(os.path.dirname(bpy.data.filepath), 'script-ran'), 'w').close()\n"
    )
    text.use_module = True
    driver = made.camera.driver_add("rotation_euler", 2).driver
    driver.expression = "frame * 0.01"
    driver = made.camera.driver_add("rotation_euler", 1).driver
    driver.expression = "len('needs Python') * 0"
    save("scripts/scripts")

    made = scene()
    made.view_layers[0].aovs.add().name = "Dirt"
    made.view_layers[0].use_pass_cryptomatte_object = True
    text = bpy.data.texts.new("passes.py")
    text.write(
        "from cycles import engine\n"
        "known = engine.list_render_passes\n"
        "def more(scene, layer):\n"
        "    yield from known(scene, layer)\n"
        "    yield 'Wetness', 'X', 'VALUE'\n"
        "engine.list_render_passes = more\n"
    )
    text.use_module = True
    save("strange-pass")


def project():
    """A project with everything awkward in its paths, as on the computer of its user."""
    home = os.path.join(FOLDER, "home")
    base = os.path.join(home, "Projekt äö 'x' \"y\"")
    shared = os.path.join(home, "shared")

    def save_relative(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.file.make_paths_relative()
        bpy.ops.wm.save_mainfile()

    def link(path, name):
        with bpy.data.libraries.load(path, link=True) as (there, here):
            here.objects = [name]
        bpy.context.scene.collection.objects.link(here.objects[0])

    red = picture(os.path.join(base, "tex", "wood é.png"), (1, 0, 0, 1))
    inside = picture(os.path.join(base, "tex", "inside.png"), (1, 1, 0, 1))
    deep = picture(os.path.join(shared, "tex", "deep.png"), (0, 0, 1, 1))
    metal = picture(os.path.join(shared, "tex", "metal.png"), (0, 1, 0, 1))
    for number in (1001, 1002):
        picture(os.path.join(base, "tex", f"tile.{number}.png"), (1, 0, 1, 1))
    for number in range(1, 6):
        picture(os.path.join(base, "tex", f"seq_{number:04}.png"), (0, 1, 1, 1))

    # A library of a library, which reaches back into the project
    bpy.ops.wm.read_factory_settings(use_empty=True)
    textured("Deep", deep)
    bpy.context.object.location.x = -1
    textured("Inside", inside)
    bpy.context.object.parent = bpy.data.objects["Deep"]
    inner = os.path.join(shared, "libs", "inner.blend")
    save_relative(inner)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    link(inner, "Inside")
    textured("Metal", metal)
    bpy.context.object.parent = bpy.data.objects["Inside"]
    outer = os.path.join(shared, "libs", "outer.blend")
    save_relative(outer)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    textured("Local", red)
    local = os.path.join(base, "lib", "local.blend")
    save_relative(local)

    scene(32, 18, samples=2)
    bpy.ops.wm.save_as_mainfile(filepath=os.path.join(base, "scene ü.blend"))
    link(outer, "Metal")
    link(local, "Local")
    tiles = textured("Tiles", os.path.join(base, "tex", "tile.1001.png")).image
    tiles.source = "TILED"
    tiles.tiles.new(1002)
    tiles.filepath = os.path.join(base, "tex", "tile.<UDIM>.png")
    sequence = textured("Sequence", os.path.join(base, "tex", "seq_0001.png"))
    sequence.image.source = "SEQUENCE"
    sequence.image_user.frame_duration = 5
    sequence.image_user.frame_start = 1
    sequence.image_user.use_auto_refresh = True
    gone = textured("Gone", os.path.join(base, "tex", "seq_0001.png")).image
    windows = textured("Windows", os.path.join(base, "tex", "seq_0002.png")).image
    bpy.ops.file.make_paths_relative()
    gone.filepath = "/nowhere/gone.png"
    windows.filepath = "C:\\Users\\Jö\\tex\\win.png"
    bpy.ops.wm.save_mainfile()


simple_scenes()
composed_scenes()
awkward_scenes()
project()
