"""What decides how the frames of a scene may be cut."""

from __future__ import annotations

import ctypes
import gzip
import os
import re
import struct
from dataclasses import dataclass, field

import bpy

import failures
from failures import Failure

# Blender names the movie formats by these; everything else is one file a frame.
_MOVIES = {"AVI_JPEG", "AVI_RAW", "FFMPEG"}

# A pattern that takes the same samples whatever the number of samples in a cell, under the names
# that versions gave it. Measured: the default of 3.0 to 3.4 depends on the cell's count above 256
# samples in all, Sobol does not. With the sample subsets of 4.4 and later a cell knows the frame's
# total, and every pattern is exact (4.5: tabulated Sobol, blue noise, automatic).
_EXACT_PATTERNS = ("SOBOL", "SOBOL_BURLEY")
PATTERN_LIMIT = 256

# Passes of which it is known how those of sample ranges become one, by the names up to 4.x and
# those since 5.0; the farm's assembly has the rules.
_KNOWN_PASSES = frozenset(
    """
    Combined|Depth|Mist|Position|Normal|Vector|UV|IndexOB|IndexMA|Object Index|Material Index
    DiffDir|DiffInd|DiffCol|GlossDir|GlossInd|GlossCol|TransDir|TransInd|TransCol
    Diffuse Direct|Diffuse Indirect|Diffuse Color|Glossy Direct|Glossy Indirect|Glossy Color
    Transmission Direct|Transmission Indirect|Transmission Color
    VolumeDir|VolumeInd|Volume Direct|Volume Indirect|Emit|Emission|Env|Environment
    Shadow|AO|Ambient Occlusion|Shadow Catcher|Debug Sample Count
    Noisy Image|Noisy Shadow Catcher|Denoising Normal|Denoising Albedo|Denoising Depth
    """.strip().replace("\n    ", "|").split("|")
)
_CRYPTOMATTE = re.compile(r"Crypto(Object|Material|Asset)\d\d")

_FIRST_FRAME, _LAST_FRAME = -1_048_574, 1_048_574


def check_frame(frame) -> int:
    if isinstance(frame, bool) or not isinstance(frame, int):
        raise Failure(failures.SCENE, f"A frame is a whole number, not {frame!r}")
    if not _FIRST_FRAME <= frame <= _LAST_FRAME:
        raise Failure(
            failures.SCENE,
            f"Frame {frame} is out of Blender's range, {_FIRST_FRAME} to {_LAST_FRAME}",
        )
    return frame


def can_denoise() -> bool:
    """Without OpenImageDenoise Blender passes pictures through unchanged, and says nothing."""
    try:
        import _cycles
    except ImportError:
        return False
    return bool(getattr(_cycles, "with_openimagedenoise", False))


def can_guide() -> bool:
    try:
        import _cycles
    except ImportError:
        return False
    return bool(getattr(_cycles, "with_path_guiding", False))


def engines() -> list[str]:
    """Identifiers of the render engines of this Blender. RNA does not list the built-in ones."""
    names = ["BLENDER_WORKBENCH"]
    scene = bpy.context.scene
    before = scene.render.engine
    for name in ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"):
        try:
            scene.render.engine = name
            names.append(name)
        except TypeError:
            pass
    scene.render.engine = before
    for engine in bpy.types.RenderEngine.__subclasses__():
        name = getattr(engine, "bl_idname", "")
        # Hydra's base class has no name, the replay engine is our own
        if name and name != "BLENDNET_REPLAY" and name not in names:
            names.append(name)
    return sorted(names)


class EngineName:
    """Reads the engine that a scene asks for, even one that this Blender does not have.

    For an engine that is not there, RNA answers with the first one of its list, and the
    operator renders with EEVEE: a scene made for another engine would come out wrong without a
    word. The name still stands in Scene.r.engine in memory; where, this class finds out by
    setting it.
    """

    _SCAN = 4096

    def __init__(self) -> None:
        self._offset: int | None = None
        render = bpy.context.scene.render
        before = render.engine
        try:
            found = set()
            for name in ("BLENDER_WORKBENCH", "CYCLES"):
                render.engine = name
                memory = ctypes.string_at(render.as_pointer(), self._SCAN)
                found.add(memory.find(name.encode() + b"\0"))
            if len(found) == 1 and -1 not in found:
                self._offset = found.pop()
        except TypeError:
            pass  # a build without Cycles: RNA's answer has to do
        finally:
            render.engine = before

    def of(self, scene: bpy.types.Scene) -> str:
        name = scene.render.engine
        if self._offset is not None:
            raw = ctypes.string_at(scene.render.as_pointer() + self._offset, 32)
            name = raw.split(b"\0")[0].decode("ascii", "replace") or name
        # The same engine under the names that versions gave it: the file was converted on load.
        if name != scene.render.engine and not (
            name.startswith("BLENDER_EEVEE") and scene.render.engine.startswith("BLENDER_EEVEE")
        ):
            raise Failure(
                failures.SCENE,
                f"Scene {scene.name!r} is made for the render engine {name}, which this Blender"
                f" {bpy.app.version_string} does not have; it has {', '.join(engines())}",
            )
        return scene.render.engine


def check_readable(blend: str) -> None:
    """Says what is wrong with a file before Blender says less, or crashes."""
    try:
        with open(blend, "rb") as file:
            head = file.read(64)
    except FileNotFoundError as error:
        raise Failure(failures.SCENE, f"There is no file {blend}", str(error)) from error
    except OSError as error:
        raise Failure(
            failures.SCENE, f"Cannot read {blend}: {error.strerror}", str(error)
        ) from error
    if head[:2] == b"\x1f\x8b":  # Blender 2.x, 'compress file'
        try:
            with gzip.open(blend, "rb") as file:
                head = file.read(64)
        except (OSError, EOFError) as error:
            raise Failure(
                failures.SCENE, f"{blend} is damaged: it cannot be unpacked", str(error)
            ) from error
    if head[:4] == b"\x28\xb5\x2f\xfd":  # Zstandard, Blender 3.0 and later; opened by Blender
        return
    if not head.startswith(b"BLENDER"):
        raise Failure(
            failures.SCENE,
            f"{blend} is not a Blender file: it does not begin as one",
        )
    # 'BLENDER-v304', and since 5.0 'BLENDER17-01v0500'
    match = re.match(rb"BLENDER(?:[-_][vV](\d)(\d\d)|\d\d-\d\dv(\d\d)(\d\d))", head)
    if match:
        numbers = [int(group) for group in match.groups() if group is not None]
        _refuse_newer(blend, (numbers[0], numbers[1]))


def check_version(blend: str) -> None:
    """For compressed files, whose head only Blender itself could read."""
    _refuse_newer(blend, tuple(bpy.data.version[:2]))


def check_library_versions() -> None:
    for library in bpy.data.libraries:
        version = getattr(library, "version", None)
        if version:
            path = bpy.path.abspath(library.filepath)
            _refuse_newer(f"The linked library {path}", tuple(version[:2]))


def _refuse_newer(what: str, version: tuple[int, int]) -> None:
    if version > tuple(bpy.app.version[:2]):
        raise Failure(
            failures.SCENE,
            f"{what} was saved by Blender {version[0]}.{version[1]}; this is Blender"
            f" {bpy.app.version_string}, which would lose a part of it. Render with a Blender"
            f" {version[0]}.{version[1]} or later, or save the file with this version",
        )


@dataclass(frozen=True)
class Region:
    """The pixels that the scene renders: the whole picture, or its own render border.

    x and y are the lower left corner, counted from below as Blender does; full_width and
    full_height are the picture's without a border.
    """

    x: int
    y: int
    width: int
    height: int
    full_width: int
    full_height: int

    @staticmethod
    def of(scene: bpy.types.Scene) -> Region:
        render = scene.render
        full_width = max(1, render.resolution_x * render.resolution_percentage // 100)
        full_height = max(1, render.resolution_y * render.resolution_percentage // 100)
        if not render.use_border:
            return Region(0, 0, full_width, full_height, full_width, full_height)
        left = _border_pixel(render.border_min_x, full_width)
        right = _border_pixel(render.border_max_x, full_width)
        bottom = _border_pixel(render.border_min_y, full_height)
        top = _border_pixel(render.border_max_y, full_height)
        if right <= left or top <= bottom:
            raise Failure(
                failures.SCENE,
                f"The render region of scene {scene.name!r} is empty; draw a larger one, or"
                " switch 'Render Region' off in the output properties",
            )
        return Region(left, bottom, right - left, top - bottom, full_width, full_height)


def _border_pixel(share: float, pixels: int) -> int:
    """Blender multiplies in single precision and cuts off (RE_InitState, Cycles' buffer params)."""
    return int(struct.unpack("<f", struct.pack("<f", share * pixels))[0])


@dataclass
class Facts:
    """SceneFacts of the Java side, and what the session itself needs beside it."""

    engine: str
    region: Region
    samples: int
    adaptive: bool
    file_extension: str
    layers: list[str]
    own_layer_samples: dict[str, int] = field(default_factory=dict)
    pattern_depends_on_range: bool = False
    tile_obstacles: list[str] = field(default_factory=list)
    sample_obstacles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    added_passes: list[str] = field(default_factory=list)
    wants_denoising: bool = False

    def as_json(self) -> dict:
        return {
            "engine": self.engine,
            "blender": ".".join(str(part) for part in bpy.app.version),
            "size": {"width": self.region.width, "height": self.region.height},
            "samples": self.samples,
            "adaptive": self.adaptive,
            "tileObstacles": list(self.tile_obstacles),
            "sampleObstacles": list(self.sample_obstacles),
            "patternDependsOnRange": self.pattern_depends_on_range,
            "warnings": list(self.warnings),
            "addedPasses": list(self.added_passes),
            "fileExtension": self.file_extension,
        }


def gather(scene: bpy.types.Scene, engine: str, samples: int | None) -> Facts:
    """Looks at a scene as its user made it. samples: the user's override."""
    if engine not in engines():
        raise Failure(
            failures.SCENE,
            f"Scene {scene.name!r} wants the render engine {engine}, which this Blender"
            f" {bpy.app.version_string} does not have; it has {', '.join(engines())}",
        )
    _check_output(scene)
    layers = [layer for layer in scene.view_layers if layer.use]
    if not layers:
        raise Failure(
            failures.SCENE,
            f"No view layer of scene {scene.name!r} is rendered; switch 'Use for Rendering' on"
            " for one",
        )
    _check_camera(scene)
    facts = Facts(
        engine=engine,
        region=Region.of(scene),
        samples=1,
        adaptive=False,
        file_extension=_file_extension(scene),
        layers=[layer.name for layer in layers],
    )
    if engine == "CYCLES":
        _gather_cycles(facts, scene, layers, samples)
    else:
        whole = f"{engine} renders whole frames only"
        facts.tile_obstacles.append(whole)
        facts.sample_obstacles.append(whole)
    _gather_drawn_over(facts, scene, layers)
    _gather_sequencer(facts, scene)
    _gather_other_scenes(facts, scene)
    return facts


def _check_output(scene: bpy.types.Scene) -> None:
    render = scene.render
    if render.is_movie_format or render.image_settings.file_format in _MOVIES:
        raise Failure(
            failures.SCENE,
            f"Scene {scene.name!r} is saved as a movie ({render.image_settings.file_format}),"
            " which a farm cannot write frame by frame. Choose an image format such as PNG or"
            " OpenEXR in the output properties, and make the movie of the frames afterwards",
        )
    if render.use_multiview:
        raise Failure(
            failures.SCENE,
            f"Scene {scene.name!r} renders stereo pictures, which cannot be put together from"
            " parts. Switch 'Stereoscopy' off in the output properties and render each eye as a"
            " scene of its own",
        )


def _check_camera(scene: bpy.types.Scene) -> None:
    cameras = [marker.camera for marker in scene.timeline_markers if marker.camera]
    if scene.camera is not None:
        cameras.append(scene.camera)
    if not any(camera.type == "CAMERA" for camera in cameras):
        raise Failure(
            failures.SCENE,
            f"Scene {scene.name!r} has no camera. Add one and make it the scene's active camera"
            " (Ctrl Numpad 0 in the 3D viewport)",
        )


def _file_extension(scene: bpy.types.Scene) -> str:
    extension = scene.render.file_extension
    return extension or ".png"


def _gather_cycles(facts, scene, layers, samples) -> None:
    cycles = scene.cycles
    facts.adaptive = bool(cycles.use_adaptive_sampling)
    _gather_samples(facts, scene, layers, samples)
    if _guides_paths(scene):
        facts.tile_obstacles.append("Path guiding learns anew in every tile")
    # 3.4 ends a tile when all its pixels are done, and counts in shares of that; 4.5 goes on
    if facts.adaptive and bpy.app.version < (4, 5):
        for layer in layers:
            if layer.cycles.pass_debug_sample_count:
                facts.tile_obstacles.append(
                    f"The Sample Count pass of view layer {layer.name!r} counts in shares of what"
                    " the busiest pixel of a tile needed"
                )
    _gather_sample_obstacles(facts, scene, layers)
    if not facts.sample_obstacles:
        _warn_of_unknown_passes(facts, scene, layers)
    # use_denoising of the layer is what its user sees as a tick in the view layer properties
    facts.wants_denoising = bool(cycles.use_denoising) and any(
        layer.cycles.use_denoising for layer in layers
    )
    if facts.wants_denoising:
        facts.warnings.append(
            f"Scene {scene.name!r} asks for denoising: it is rendered without, because "
            + (
                "frames that were put together from parts are not denoised yet"
                if can_denoise()
                else f"this Blender {bpy.app.version_string} is built without OpenImageDenoise"
            )
            + "; expect noise that you do not see on your own computer, or raise the samples"
        )
    if not can_denoise() and _has_denoise_node(scene):
        facts.warnings.append(
            "The compositor has a Denoise node, which this Blender"
            f" {bpy.app.version_string}, built without OpenImageDenoise, passes through unchanged"
        )
    if cycles.time_limit > 0:
        facts.warnings.append(
            f"The scene's time limit of {cycles.time_limit:g} s a frame is not kept: all"
            f" {facts.samples} samples are rendered"
        )


def _gather_samples(facts, scene, layers, samples) -> None:
    cycles = scene.cycles
    if samples is not None:
        facts.samples = int(samples)
        return
    counts = {layer.name: _layer_samples(cycles, layer) for layer in layers}
    facts.samples = max(counts.values())
    if len(set(counts.values())) > 1:
        facts.own_layer_samples = counts
        facts.sample_obstacles.append(
            "The view layers have different numbers of samples ("
            + ", ".join(f"{name} {count}" for name, count in counts.items())
            + ")"
        )


def _layer_samples(cycles, layer) -> int:
    own = layer.samples
    if own <= 0 or cycles.use_layer_samples == "IGNORE":
        return cycles.samples
    if cycles.use_layer_samples == "BOUNDED":
        return min(own, cycles.samples)
    return own


def _guides_paths(scene) -> bool:
    return bool(getattr(scene.cycles, "use_guiding", False)) and can_guide()


def _gather_sample_obstacles(facts, scene, layers) -> None:
    cycles = scene.cycles
    obstacles = facts.sample_obstacles
    if not hasattr(cycles, "sample_offset"):
        obstacles.append(
            f"Blender {bpy.app.version_string} cannot start at a later sample; 3.0 and later can"
        )
    else:
        exact = exact_pattern(scene, cycles.sampling_pattern, facts.samples)
        facts.pattern_depends_on_range = exact != cycles.sampling_pattern
        if exact is None:
            # 3.5 to 4.3 show Sobol-Burley to developers alone; the others are off by up to 0.5 (4.2)
            obstacles.append(
                f"Above {PATTERN_LIMIT} samples the patterns of Blender {bpy.app.version_string}"
                " depend on the number of samples in a range"
            )
    if cycles.use_adaptive_sampling:
        obstacles.append("Adaptive sampling decides by all samples of a pixel together")
    if (
        getattr(cycles, "auto_scrambling_distance", False)
        # Sobol scrambles everything (3.4), and with subsets a cell knows the frame's total (4.5)
        and cycles.sampling_pattern not in _EXACT_PATTERNS
        and not hasattr(cycles, "use_sample_subset")
    ):
        obstacles.append("The automatic scrambling distance depends on the number of samples")
    if _guides_paths(scene):
        obstacles.append("Path guiding learns anew in every sample range")
    for layer in layers:
        if layer.use_pass_vector and not scene.render.use_motion_blur:
            # Off by 0.9 in 3.4 and 4.5 where something moves before the sky
            obstacles.append(
                f"The Vector pass of view layer {layer.name!r} is a mean over the samples that hit"
                " something, whose number is not known"
            )
        if getattr(layer.cycles, "use_pass_shadow_catcher", False):
            obstacles.append(
                f"The Shadow Catcher pass of view layer {layer.name!r} is a ratio that parts do"
                " not add up to"
            )
    # Measured: off by 0.5 in 3.4, exact in 4.5
    if bpy.app.version < (4, 5) and _has_volumes(scene):
        for layer in layers:
            if layer.use_pass_diffuse_indirect:
                obstacles.append(
                    f"The Diffuse Indirect pass of view layer {layer.name!r} loses light from"
                    " volumes in parts that did not see the surface behind them"
                )
    if any(_catches_shadows(thing) for thing in scene.objects):
        obstacles.append("A shadow catcher's shadow is a ratio that parts do not add up to")


def _warn_of_unknown_passes(facts, scene, layers) -> None:
    from cycles import engine

    for layer in layers:
        own = {aov.name for aov in layer.aovs}
        own |= {f"Combined_{group.name}" for group in getattr(layer, "lightgroups", ())}
        for name, *_ in engine.list_render_passes(scene, layer):
            if name not in _KNOWN_PASSES | own and not _CRYPTOMATTE.fullmatch(name):
                facts.warnings.append(
                    f"How the pass {name!r} of view layer {layer.name!r} adds up from sample ranges"
                    " is not known: their mean is taken. '--strategy tiles' is exact for every pass"
                )


def _catches_shadows(thing) -> bool:
    # Other kinds of objects answer at random: a light of the factory scene says True
    return thing.type == "MESH" and thing.is_shadow_catcher and not thing.hide_render


def _has_volumes(scene) -> bool:
    materials = [material for material in bpy.data.materials if material.users > 0]
    return any(thing.type == "VOLUME" for thing in scene.objects) or any(
        owner is not None and owner.use_nodes and _feeds_volume(owner.node_tree)
        for owner in (scene.world, *materials)
    )


def _feeds_volume(tree) -> bool:
    return any(
        node.bl_idname in {"ShaderNodeOutputMaterial", "ShaderNodeOutputWorld"}
        and node.inputs["Volume"].is_linked
        for node in tree.nodes
    )


def _gather_drawn_over(facts, scene, layers) -> None:
    """Strokes that Blender draws over the finished picture of a view layer."""
    obstacles = []
    if scene.render.use_freestyle and any(layer.use_freestyle for layer in layers):
        obstacles.append("Freestyle draws its lines over the whole picture")
    if any(
        thing.type in {"GPENCIL", "GREASEPENCIL"} and not thing.hide_render
        for thing in scene.objects
    ):
        obstacles.append("Grease Pencil is drawn over the whole picture")
    facts.tile_obstacles += obstacles
    facts.sample_obstacles += obstacles


def rendered_strips(scene: bpy.types.Scene) -> list:
    """The strips that make the sequencer take the picture over, as Blender decides it."""
    if not scene.render.use_sequencer or scene.sequence_editor is None:
        return []
    editor = scene.sequence_editor
    muted = {
        index + 1 for index, channel in enumerate(getattr(editor, "channels", [])) if channel.mute
    }
    strips = getattr(editor, "strips", None)
    if strips is None:
        strips = editor.sequences
    return [
        strip
        for strip in strips
        if strip.type != "SOUND" and not strip.mute and strip.channel not in muted
    ]


def _gather_sequencer(facts, scene) -> None:
    strips = rendered_strips(scene)
    if not strips:
        return
    if any(strip.type == "SCENE" and strip.scene == scene for strip in strips):
        raise Failure(
            failures.SCENE,
            f"A strip in the video sequencer shows the scene {scene.name!r} itself, which is"
            " rendered in parts. Put the strip into a scene of its own, or switch 'Sequencer' off"
            " under 'Post Processing' in the output properties",
        )
    facts.warnings.append(
        f"The video sequencer of scene {scene.name!r} makes the picture; what its camera sees"
        " appears only in the assembled OpenEXR file"
    )
    others = sorted({s.scene.name for s in strips if s.type == "SCENE" and s.scene is not None})
    if others:
        facts.warnings.append(
            "These scenes are strips of the video sequencer, and are rendered whole while the"
            f" picture is composed: {', '.join(others)}. Submit them as scenes of their own to"
            " share their work"
        )


def compositor_tree(scene: bpy.types.Scene):
    """The scene's compositor, or None where it has none."""
    group = getattr(scene, "compositing_node_group", None)  # 5.0 and later
    if group is not None:
        return group
    if getattr(scene, "use_nodes", False):
        return getattr(scene, "node_tree", None)
    return None


def trees_of(tree, seen: set | None = None):
    """The tree and those of the groups in it, each once."""
    seen = set() if seen is None else seen
    if tree is None or tree.as_pointer() in seen:
        return
    seen.add(tree.as_pointer())
    yield tree
    for node in tree.nodes:
        yield from trees_of(getattr(node, "node_tree", None), seen)


def nodes_of(tree):
    """The nodes of a tree and of the groups in it."""
    for each in trees_of(tree):
        yield from each.nodes


def _composites(scene) -> bool:
    return scene.render.use_compositing and compositor_tree(scene) is not None


def _has_denoise_node(scene) -> bool:
    return _composites(scene) and any(
        node.bl_idname == "CompositorNodeDenoise" and not node.mute
        for node in nodes_of(compositor_tree(scene))
    )


def _gather_other_scenes(facts, scene) -> None:
    if not _composites(scene):
        return
    others = sorted(
        {
            node.scene.name
            for node in nodes_of(compositor_tree(scene))
            if node.bl_idname == "CompositorNodeRLayers"
            and node.scene is not None
            and node.scene != scene
            and not node.mute
        }
    )
    if others:
        facts.warnings.append(
            "The compositor uses other scenes, which are rendered whole while the picture is"
            f" composed: {', '.join(others)}"
        )


def exact_pattern(scene: bpy.types.Scene, own: str, total_samples: int) -> str | None:
    """The pattern for a frame whose samples are split; None: this Blender has no exact one.

    own: the scene's pattern, kept where it is exact.
    """
    cycles = scene.cycles
    if total_samples <= PATTERN_LIMIT or hasattr(cycles, "use_sample_subset"):
        return own
    before = cycles.sampling_pattern
    try:
        for name in _EXACT_PATTERNS:
            try:
                cycles.sampling_pattern = name  # some versions list their patterns to nobody
                return name
            except TypeError:
                continue
    finally:
        cycles.sampling_pattern = before
    return None
