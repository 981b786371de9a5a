"""Makes examples/orrery: the scene that the demo renders.

    blender --background --factory-startup --python examples/make_example.py

An orrery on a table: one sun, and planets that go their own ways around it. It has what a farm
has to cope with: a texture beside the .blend, a linked library with a texture of its own, glass
and area lights (noise), depth of field, adaptive sampling, Cryptomatte and a compositor tree.
Written for Blender 3.4; later versions open the files.
"""

import math
import os
import random

import bpy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "orrery")
TEXTURES = os.path.join(FOLDER, "textures")
LIBRARY = os.path.join(FOLDER, "library", "planets.blend")
SCENE = os.path.join(FOLDER, "orrery.blend")

SUN_HEIGHT = 1.62


# ---- textures ------------------------------------------------------------------------------------


def smooth_noise(seed, width, height):
    """Value noise over a grid that repeats: a function of u, v in 0..1."""
    source = random.Random(seed)
    grid = [[source.random() for _ in range(width)] for _ in range(height)]

    def ease(t):
        return t * t * (3 - 2 * t)

    def value(u, v):
        x, y = u * width, v * height
        left, low = math.floor(x), math.floor(y)
        across, up = ease(x - left), ease(y - low)
        a = grid[low % height][left % width]
        b = grid[low % height][(left + 1) % width]
        c = grid[(low + 1) % height][left % width]
        d = grid[(low + 1) % height][(left + 1) % width]
        return (a * (1 - across) + b * across) * (1 - up) + (c * (1 - across) + d * across) * up

    return value


def paint(path, width, height, colour):
    """Writes a PNG whose pixels are colour(u, v)."""
    image = bpy.data.images.new(os.path.basename(path), width, height)
    pixels = []
    for y in range(height):
        for x in range(width):
            pixels.extend((*colour(x / width, y / height), 1.0))
    image.pixels = pixels
    image.filepath_raw = path
    image.file_format = "PNG"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    image.save()
    bpy.data.images.remove(image)


def between(one, other, share):
    return tuple(a * (1 - share) + b * share for a, b in zip(one, other))


def paint_wood(path):
    """Planks of walnut, lengthwise in u."""
    bend, streaks, fine = smooth_noise(1, 3, 8), smooth_noise(2, 6, 90), smooth_noise(3, 24, 220)
    tint = random.Random(4)
    planks = [(tint.random(), tint.random()) for _ in range(6)]

    def colour(u, v):
        plank = int(v * len(planks))
        shade, shift = planks[plank]
        along = u + shift
        rings = math.sin((v * 60 + 5 * bend(along, v + shift)) * 2.2)
        grain = 0.5 + 0.22 * rings + 0.35 * (streaks(along, v) - 0.5) + 0.3 * (fine(along, v) - 0.5)
        wood = between((0.20, 0.10, 0.055), (0.46, 0.26, 0.14), min(max(grain, 0), 1))
        edge = abs(v * len(planks) - plank - 0.5) * 2
        dark = 0.35 if edge > 0.985 else 0.8 + 0.4 * shade
        return tuple(min(channel * dark, 1.0) for channel in wood)

    paint(path, 768, 768, colour)


def paint_bands(path):
    """The bands of a gas planet."""
    bands, swirl = smooth_noise(5, 1, 14), smooth_noise(6, 10, 24)
    dark, light, red = (0.42, 0.22, 0.12), (0.93, 0.80, 0.62), (0.78, 0.42, 0.24)

    def colour(u, v):
        at = v + 0.035 * (swirl(u, v) - 0.5)
        tone = bands(0.0, at)
        mixed = between(dark, light, tone)
        return between(mixed, red, max(0.0, bands(0.0, at + 0.37) - 0.55) * 1.6)

    paint(path, 512, 256, colour)


# ---- materials -----------------------------------------------------------------------------------


def material(name, colour=(0.8, 0.8, 0.8), **inputs):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1)
    for label, value in inputs.items():
        shader.inputs[label.replace("_", " ")].default_value = value
    return made


def textured(name, path, scale=1.0, bump=0.0, **inputs):
    made = material(name, **inputs)
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    shader = nodes["Principled BSDF"]
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = bpy.data.images.load(path, check_existing=True)
    place = nodes.new("ShaderNodeMapping")
    place.inputs["Scale"].default_value = (scale, scale, 1)
    link(nodes.new("ShaderNodeTexCoord").outputs["UV"], place.inputs["Vector"])
    link(place.outputs[0], texture.inputs["Vector"])
    link(texture.outputs["Color"], shader.inputs["Base Color"])
    if bump:
        relief = nodes.new("ShaderNodeBump")
        relief.inputs["Strength"].default_value = bump
        link(texture.outputs["Color"], relief.inputs["Height"])
        link(relief.outputs[0], shader.inputs["Normal"])
    return made


def emission(name, colour, strength):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    light = nodes.new("ShaderNodeEmission")
    light.inputs["Color"].default_value = (*colour, 1)
    light.inputs["Strength"].default_value = strength
    made.node_tree.links.new(light.outputs[0], nodes["Material Output"].inputs["Surface"])
    return made


def sunlight():
    """Brighter in the middle than at the rim, as the real one is."""
    made = emission("Sun", (1.0, 0.6, 0.2), 5.0)
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    facing = nodes.new("ShaderNodeLayerWeight")
    facing.inputs["Blend"].default_value = 0.35
    ramp = nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (1.0, 0.58, 0.22, 1)
    ramp.color_ramp.elements[1].color = (0.95, 0.20, 0.03, 1)
    link(facing.outputs["Facing"], ramp.inputs[0])
    light = next(node for node in nodes if node.bl_idname == "ShaderNodeEmission")
    link(ramp.outputs[0], light.inputs["Color"])
    return made


def brass():
    return material("Brass", (0.85, 0.58, 0.24), Metallic=1.0, Roughness=0.22)


# ---- shapes --------------------------------------------------------------------------------------


def shape(name, vertices, faces, surface, uvs=None, smooth=True):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    mesh.materials.append(surface)
    for polygon in mesh.polygons:
        polygon.use_smooth = smooth
    if uvs:
        layer = mesh.uv_layers.new()
        for loop in mesh.loops:
            layer.data[loop.index].uv = uvs[loop.vertex_index]
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    return made


def turned(name, profile, surface, steps=64):
    """A solid of revolution. profile: (radius, height) from below."""
    vertices, faces, uvs = [], [], []
    for row, (radius, height) in enumerate(profile):
        for step in range(steps + 1):
            angle = 2 * math.pi * step / steps
            vertices.append((radius * math.cos(angle), radius * math.sin(angle), height))
            uvs.append((step / steps, row / (len(profile) - 1)))
    for row in range(len(profile) - 1):
        for step in range(steps):
            at = row * (steps + 1) + step
            faces.append((at, at + 1, at + steps + 2, at + steps + 1))
    return shape(name, vertices, faces, surface, uvs)


def ball(name, radius, surface, rows=32):
    profile = []
    for row in range(rows + 1):
        angle = math.pi * row / rows - math.pi / 2
        profile.append((radius * math.cos(angle), radius * math.sin(angle)))
    return turned(name, profile, surface, steps=rows * 2)


def ring(name, radius, thickness, surface, flat=1.0):
    steps = 24
    profile = []
    for step in range(steps + 1):
        angle = -2 * math.pi * step / steps
        profile.append(
            (radius + thickness * math.cos(angle), thickness * flat * math.sin(angle))
        )
    return turned(name, profile, surface, steps=160)


def rod(name, start, end, thickness, surface):
    length = math.dist(start, end)
    made = turned(name, [(thickness, 0), (thickness, length)], surface, steps=20)
    made.location = start
    x, y, z = (b - a for a, b in zip(start, end))
    made.rotation_euler = (0, math.acos(z / length), math.atan2(y, x))
    return made


# ---- the library: planets ------------------------------------------------------------------------


def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def into_collection(name, objects):
    collection = bpy.data.collections.new(name)
    scene = bpy.context.scene.collection
    scene.children.link(collection)
    for thing in objects:
        collection.objects.link(thing)
        scene.objects.unlink(thing)


def make_library():
    empty_file()
    glass = material("Blue glass", (0.62, 0.86, 1.0), Transmission=1.0, Roughness=0.0, IOR=1.45)
    into_collection("Glass planet", [ball("Glass planet", 0.30, glass)])

    bands = os.path.join(TEXTURES, "bands.png")
    giant = ball("Giant", 0.40, textured("Bands", bands, Roughness=0.35, Clearcoat=0.6))
    giant.rotation_euler = (math.radians(12), math.radians(-8), 0)
    into_collection("Giant", [giant])

    saturn = ball(
        "Amber planet", 0.25, material("Amber", (1.0, 0.62, 0.18), Transmission=0.85, Roughness=0.12)
    )
    belt = ring("Belt", 0.45, 0.085, material("Belt", (0.95, 0.86, 0.7), Metallic=1.0, Roughness=0.3),
                flat=0.06)
    for thing in (saturn, belt):
        thing.rotation_euler = (math.radians(24), math.radians(-16), 0)
    into_collection("Ringed planet", [saturn, belt])

    copper = material("Copper", (0.95, 0.42, 0.26), Metallic=1.0, Roughness=0.28)
    into_collection("Copper planet", [ball("Copper planet", 0.17, copper)])
    moon = material("Porcelain", (0.92, 0.91, 0.88), Roughness=0.2, Clearcoat=1.0)
    into_collection("Porcelain moon", [ball("Porcelain moon", 0.11, moon)])
    jade = material(
        "Jade", (0.10, 0.46, 0.30), Roughness=0.25, Clearcoat=0.8
    )
    into_collection("Jade planet", [ball("Jade planet", 0.2, jade)])
    save(LIBRARY)


def link_planet(name, place):
    with bpy.data.libraries.load(LIBRARY, link=True) as (_, wanted):
        wanted.collections = [name]
    made = bpy.data.objects.new(name, None)
    made.instance_type = "COLLECTION"
    made.instance_collection = wanted.collections[0]
    made.empty_display_size = 0.1
    made.location = place
    bpy.context.scene.collection.objects.link(made)


# ---- the scene -----------------------------------------------------------------------------------

# name, distance from the sun, angle in degrees, height above the table's plane of the orbits
PLANETS = (
    ("Copper planet", 0.78, 205, 0.02),
    ("Jade planet", 1.18, 318, -0.10),
    ("Glass planet", 1.62, 248, -0.02),
    ("Ringed planet", 2.02, 20, 0.12),
    ("Giant", 2.15, 158, 0.0),
)


def make_orrery():
    metal = brass()
    wood = textured("Walnut", os.path.join(TEXTURES, "wood.png"), Roughness=0.35, Clearcoat=0.5)
    turned(
        "Foot",
        [(0.0, 0.0), (0.72, 0.0), (0.74, 0.03), (0.72, 0.08), (0.60, 0.10), (0.58, 0.14),
         (0.40, 0.17), (0.26, 0.24), (0.20, 0.34), (0.19, 0.40), (0.0, 0.40)],
        wood,
    )
    turned(
        "Collar",
        [(0.20, 0.39), (0.22, 0.41), (0.22, 0.45), (0.16, 0.47), (0.08, 0.52), (0.06, 0.60),
         (0.055, 1.1), (0.09, 1.14), (0.09, 1.2), (0.055, 1.24), (0.05, SUN_HEIGHT - 0.3)],
        metal,
    )
    ball("Sun", 0.33, sunlight())
    bpy.data.objects["Sun"].location.z = SUN_HEIGHT
    for tilt, turn in ((90, 20), (90, 110)):
        hoop = ring("Hoop", 0.47, 0.012, metal)
        hoop.location.z = SUN_HEIGHT
        hoop.rotation_euler = (math.radians(tilt), 0, math.radians(turn))
    for number, (name, distance, angle, height) in enumerate(PLANETS):
        turn = math.radians(angle)
        x, y = distance * math.cos(turn), distance * math.sin(turn)
        level = 0.86 + 0.07 * number
        place = (x, y, SUN_HEIGHT - 0.12 + height)
        rod(f"Arm {name}", (0, 0, level), (x, y, level), 0.014, metal)
        rod(f"Post {name}", (x, y, level), place, 0.012, metal)
        turned(f"Hub {name}", [(0.0, -0.03), (0.075, -0.03), (0.075, 0.03), (0.0, 0.03)], metal
               ).location.z = level
        joint = ball(f"Joint {name}", 0.032, metal, rows=12)
        joint.location = (x, y, level)
        link_planet(name, place)
    orbit = ring("Orbit", 1.36, 0.018, metal)
    orbit.location.z = 0.72
    for angle in (30, 150, 270):
        turn = math.radians(angle)
        rod("Spoke", (0, 0, 0.72), (1.36 * math.cos(turn), 1.36 * math.sin(turn), 0.72), 0.012, metal)
    turned("Spoke hub", [(0.0, 0.68), (0.1, 0.68), (0.1, 0.76), (0.0, 0.76)], metal)
    link_planet("Porcelain moon", (1.36 * math.cos(4.1), 1.36 * math.sin(4.1), 0.85))


def make_room():
    wood = os.path.join(TEXTURES, "wood.png")
    table = textured("Table", wood, scale=1.6, bump=0.12, Roughness=0.32, Specular=0.5)
    shape("Table", [(-9, -6, 0), (9, -6, 0), (9, 5, 0), (-9, 5, 0)], [(0, 1, 2, 3)], table,
          [(0, 0), (3, 0), (3, 1.83), (0, 1.83)], smooth=False)
    wall = material("Wall", (0.035, 0.065, 0.09), Roughness=0.9)
    shape("Wall", [(-30, 13, -6), (30, 13, -6), (30, 13, 16), (-30, 13, 16)], [(0, 1, 2, 3)], wall,
          smooth=False)
    colours = ((1.0, 0.55, 0.2), (1.0, 0.8, 0.5), (0.45, 0.7, 1.0), (1.0, 0.35, 0.25))
    lamps = [emission(f"Lamp {n}", colour, 14.0) for n, colour in enumerate(colours)]
    source = random.Random(11)
    for number in range(60):
        lamp = ball(f"Lamp {number}", source.uniform(0.025, 0.05), source.choice(lamps), rows=8)
        lamp.location = (source.uniform(-8, 8), source.uniform(7, 12.5), source.uniform(0.8, 5.2))


def area(name, place, target, size, power, colour):
    light = bpy.data.lights.new(name, "AREA")
    light.size = size
    light.energy = power
    light.color = colour
    made = bpy.data.objects.new(name, light)
    made.location = place
    aim(made, target)
    bpy.context.scene.collection.objects.link(made)


def aim(thing, target):
    x, y, z = (b - a for a, b in zip(thing.location, target))
    thing.rotation_euler = (
        math.atan2(math.hypot(x, y), -z),
        0,
        math.atan2(y, x) - math.pi / 2,
    )


def make_light_and_camera(scene):
    area("Key", (-4.2, -3.4, 5.2), (0, 0, 1.0), 2.2, 260, (1.0, 0.86, 0.70))
    area("Rim", (4.8, 3.4, 3.6), (0, 0, 1.2), 1.6, 230, (0.50, 0.72, 1.0))
    area("Fill", (3.0, -6.0, 3.0), (0, 0, 1.0), 4.0, 40, (0.75, 0.85, 1.0))
    world = bpy.data.worlds.new("Dusk")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.012, 0.022, 0.04, 1)
    scene.world = world
    camera = bpy.data.cameras.new("Camera")
    camera.lens = 58
    camera.dof.use_dof = True
    camera.dof.aperture_fstop = 0.45
    made = bpy.data.objects.new("Camera", camera)
    made.location = (0.9, -7.6, 2.75)
    aim(made, (0.0, 0.0, 1.16))
    camera.dof.focus_distance = math.dist(made.location, (0.0, -0.9, 1.4))
    scene.collection.objects.link(made)
    scene.camera = made


def make_compositor(scene):
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()

    def node(kind, x, y, **settings):
        made = tree.nodes.new("CompositorNode" + kind)
        made.location = (x, y)
        for name, value in settings.items():
            setattr(made, name, value)
        return made

    layers = node("RLayers", 0, 0)
    glow = node("Glare", 320, 0, glare_type="FOG_GLOW", quality="HIGH", threshold=1.0, size=8, mix=-0.55)
    streaks = node("Glare", 540, 0, glare_type="STREAKS", quality="HIGH", threshold=4.0, streaks=6,
                   fade=0.82, mix=-0.94, angle_offset=math.radians(12))
    grade = node("ColorBalance", 760, 0)
    grade.lift = (0.985, 1.0, 1.02)
    grade.gamma = (1.0, 1.0, 1.0)
    grade.gain = (1.06, 1.01, 0.95)
    # The sun stays as bright as it is where the vignette darkens: Cryptomatte finds it
    sun = node("CryptomatteV2", 320, -420)
    sun.matte_id = "Sun"
    mask = node("EllipseMask", 320, -680, width=1.02, height=0.92)
    soft = node("Blur", 540, -680, filter_type="FAST_GAUSS", use_relative=True, factor_x=24,
                factor_y=24, aspect_correction="Y")
    keep = node("Math", 760, -560, operation="MAXIMUM", use_clamp=True)
    dark = node("MixRGB", 980, -160, blend_type="MULTIPLY")
    dark.inputs["Fac"].default_value = 0.62
    out = node("Composite", 1200, 0)
    link = tree.links.new
    link(layers.outputs["Image"], glow.inputs["Image"])
    link(glow.outputs["Image"], streaks.inputs["Image"])
    link(streaks.outputs["Image"], grade.inputs["Image"])
    link(mask.outputs["Mask"], soft.inputs["Image"])
    link(soft.outputs["Image"], keep.inputs[0])
    link(sun.outputs["Matte"], keep.inputs[1])
    link(grade.outputs["Image"], dark.inputs[1])
    link(keep.outputs["Value"], dark.inputs[2])
    link(dark.outputs["Image"], out.inputs["Image"])


def make_settings(scene):
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = 960, 540
    scene.render.resolution_percentage = 100
    scene.render.filepath = "//orrery_"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.cycles.samples = 192
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.adaptive_threshold = 0.02
    # Debian's Blender has no denoiser, and this picture shall look alike everywhere
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 10
    scene.cycles.sample_clamp_indirect = 6.0
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    layer = scene.view_layers[0]
    layer.name = "Orrery"
    layer.use_pass_z = True
    layer.use_pass_cryptomatte_object = True
    layer.pass_cryptomatte_depth = 2


def save(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=True)
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile(compress=True)


def main():
    empty_file()
    paint_wood(os.path.join(TEXTURES, "wood.png"))
    paint_bands(os.path.join(TEXTURES, "bands.png"))
    make_library()
    empty_file()
    scene = bpy.context.scene
    scene.name = "Orrery"
    make_settings(scene)
    make_room()
    make_orrery()
    make_light_and_camera(scene)
    make_compositor(scene)
    save(SCENE)


main()
