"""Makes the final picture of a merged file: the scene's own compositor, sequencer, colour
management and output format, fed by a render engine that replays the file."""

from __future__ import annotations

import os
import traceback

import bpy

import cells
import exr_header
import failures
import scene_facts
from failures import Failure
from scene_paths import is_relative, slashes

_CONTENT_TYPES = {
    ".bmp": "image/bmp",
    ".cin": "image/x-cineon",
    ".dpx": "image/x-dpx",
    ".exr": "image/x-exr",
    ".hdr": "image/vnd.radiance",
    ".jp2": "image/jp2",
    ".j2c": "image/x-jp2-codestream",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".rgb": "image/x-rgb",
    ".tga": "image/x-tga",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}

# What Cycles calls passes before denoising, and the sockets that hold the same where nothing was
# denoised. (Copying the pixels instead takes minutes: RNA sets them one by one.)
_BEFORE_DENOISING = {"Noisy Image": "Image", "Noisy Shadow Catcher": "Shadow Catcher"}


class ReplayEngine(bpy.types.RenderEngine):
    """Hands a finished multilayer file to Blender as if it had just been rendered."""

    bl_idname = "BLENDNET_REPLAY"
    bl_label = "BlendNet replay"
    bl_use_preview = False
    bl_use_postprocess = True

    # Blender makes the instances, so what they need hangs on the class
    exr = ""
    header: exr_header.ExrHeader | None = None
    replaces = ""
    error = ""

    def update_render_passes(self, scene=None, renderlayer=None):
        there = [] if self.header is None else self.header.passes().get(renderlayer.name, [])
        in_file = {name for name, _ in there}
        known = {"Combined"}
        if self.replaces == "CYCLES":
            from cycles import engine as cycles_engine

            for name, letters, kind in cycles_engine.list_render_passes(scene, renderlayer):
                known.add(name)
                if name in _BEFORE_DENOISING and name not in in_file:
                    continue
                self.register_pass(scene, renderlayer, name, len(letters), letters, kind)
        else:
            self.register_pass(scene, renderlayer, "Combined", 4, "RGBA", "COLOR")
        for name, letters in there:
            if name not in known:
                kind = {1: "VALUE", 2: "VECTOR"}.get(len(letters))
                kind = kind or ("COLOR" if set(letters) <= set("RGBA") else "VECTOR")
                self.register_pass(scene, renderlayer, name, len(letters), letters, kind)

    def render(self, depsgraph):
        try:
            self._replay(depsgraph.view_layer.name)
        except Exception:  # Blender prints what an engine throws, and goes on with a black picture
            ReplayEngine.error = traceback.format_exc()

    def _replay(self, layer: str) -> None:
        width, height = self.header.size()
        result = self.begin_result(0, 0, width, height, layer=layer)
        result.load_from_file(self.exr)
        self.end_result(result)


def compose(renderer: cells.CellRenderer, command: dict) -> dict:
    """Called with the scene as its user made it; leaves it so."""
    frame = scene_facts.check_frame(command["frame"])
    exr = os.path.abspath(command["exr"])
    folder = os.path.abspath(command["output_folder"])
    _check(renderer, exr, folder)
    renderer.show_frame(frame)
    overlay = cells.Overlay()
    before = _listing(folder)
    relinked: list[tuple] = []
    scene = renderer.scene
    try:
        warnings = _settings(renderer, overlay)
        picture = os.path.join(folder, picture_name(scene, frame))
        outputs = _Outputs(folder)
        outputs.lay_over(scene, overlay)
        relinked = _relink_before_denoising(scene, exr)
        _start_replaying(renderer, overlay, exr)
        overlay.set(scene.render, "filepath", picture)
        _write(frame)
    finally:
        overlay.take_off()
        for tree, source, target in relinked:
            tree.links.new(source, target)
        ReplayEngine.header = None
    if not os.path.isfile(picture) or os.path.getsize(picture) == 0:
        raise Failure(
            failures.MACHINE,
            f"Blender did not write {picture}; is the disk full?",
        )
    others = sorted(
        path for path, stamp in _listing(folder).items()
        if path != picture and before.get(path) != stamp
    )
    return {
        "files": [
            {"path": path, "content_type": content_type(path)} for path in [picture, *others]
        ],
        "warnings": warnings,
    }


def picture_name(scene: bpy.types.Scene, frame: int) -> str:
    """The file name that `blender -b scene.blend -f FRAME` would write."""
    path = scene.render.frame_path(frame=frame)
    return slashes(path).rsplit("/", 1)[-1]


def content_type(path: str) -> str:
    extension = os.path.splitext(path)[1].lower()
    return _CONTENT_TYPES.get(extension, "application/octet-stream")


def _check(renderer, exr: str, folder: str) -> None:
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise Failure(failures.MACHINE, f"Cannot write into the folder {folder}")
    try:
        header = exr_header.read(exr)
        size = header.size()
    except (OSError, exr_header.NotAnExr, KeyError) as error:
        raise Failure(
            failures.MACHINE, f"Cannot read the merged file {exr}: {error}", str(error)
        ) from error
    region = renderer.facts.region
    if size != (region.width, region.height):
        raise Failure(
            failures.BLENDER,
            f"The merged file {exr} has {size[0]}x{size[1]} pixels, the scene"
            f" {region.width}x{region.height}",
        )
    missing = [name for name in renderer.facts.layers if name not in header.passes()]
    if missing:
        raise Failure(
            failures.BLENDER,
            f"The merged file {exr} lacks the view layers {', '.join(missing)}",
        )


def _settings(renderer, overlay) -> list[str]:
    scene = renderer.scene
    overlay.set(scene.render, "use_single_layer", False)
    overlay.set(scene.render, "use_overwrite", True)
    if not renderer.order.use_compositor:
        overlay.set(scene.render, "use_compositing", False)
        overlay.set(scene.render, "use_sequencer", False)
    # These are in the merged file already, and would be drawn a second time
    overlay.set(scene.render, "use_freestyle", False)
    for thing in scene.objects:
        if thing.type in {"GPENCIL", "GREASEPENCIL"}:
            overlay.set(thing, "hide_render", True)
    if scene_facts.can_denoise():
        return []
    warnings = []
    for other in bpy.data.scenes:
        if other != scene and other.render.engine == "CYCLES" and other.cycles.use_denoising:
            overlay.set(other.cycles, "use_denoising", False)
            warnings.append(
                f"Scene {other.name!r} asks for denoising, which this Blender cannot do"
            )
    return warnings


def _start_replaying(renderer, overlay, exr: str) -> None:
    if not getattr(ReplayEngine, "is_registered", False):
        bpy.utils.register_class(ReplayEngine)
    ReplayEngine.exr = exr
    ReplayEngine.header = exr_header.read(exr)
    ReplayEngine.replaces = renderer.facts.engine
    ReplayEngine.error = ""
    overlay.set(renderer.scene.render, "engine", ReplayEngine.bl_idname)


def _relink_before_denoising(scene, exr: str) -> list[tuple]:
    """Feeds what asks for the picture before denoising with the picture; returns the old links."""
    passes = exr_header.read(exr).passes()
    relinked = []
    for tree in scene_facts.trees_of(scene_facts.compositor_tree(scene)):
        for link in list(tree.links):
            node, source, target = link.from_node, link.from_socket, link.to_socket
            instead = _BEFORE_DENOISING.get(source.name)
            if node.bl_idname != "CompositorNodeRLayers" or instead is None:
                continue
            if instead not in node.outputs or source.name in dict(passes.get(node.layer, ())):
                continue
            tree.links.new(node.outputs[instead], target)
            relinked.append((tree, source, target))
    return relinked


def _write(frame: int) -> None:
    try:
        result = bpy.ops.render.render(write_still=True)
    except RuntimeError as error:
        text = failures.operator_reports(error)
        kind = failures.MEMORY if failures.is_out_of_memory(text) else failures.BLENDER
        raise Failure(kind, f"Blender cannot compose frame {frame}: {text}", str(error)) from error
    if ReplayEngine.error:
        raise Failure(
            failures.BLENDER,
            f"The merged file of frame {frame} could not be replayed:"
            f" {ReplayEngine.error.strip().splitlines()[-1]}",
            ReplayEngine.error,
        )
    if "FINISHED" not in result:
        raise Failure(failures.BLENDER, f"Blender gave up composing frame {frame}")


class _Outputs:
    """Sends the File Output nodes into the output folder; the user's own names stay."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._taken: dict[str, str] = {}

    def lay_over(self, scene, overlay) -> None:
        for node in scene_facts.nodes_of(scene_facts.compositor_tree(scene)):
            if node.bl_idname != "CompositorNodeOutputFile":
                continue
            folder = "directory" if hasattr(node, "directory") else "base_path"
            overlay.set(node, folder, self._place(getattr(node, folder)))
            if hasattr(node, "file_name"):  # 5.0 and later
                overlay.set(node, "file_name", "/".join(_parts(node.file_name)))
            for slot in getattr(node, "file_slots", ()):
                overlay.set(slot, "path", "/".join(_parts(slot.path)))
            for item in getattr(node, "file_output_items", ()):
                overlay.set(item, "name", "/".join(_parts(item.name)))

    def _place(self, path: str) -> str:
        """A folder (or the stem of a file) below the output folder for a path of the user's."""
        parts = _parts(path)
        if not is_relative(path):
            parts = parts[-1:]  # of an absolute path only its last name means something here
        place = "/".join(parts)
        number = 1
        while self._taken.setdefault(place, path) != path:
            number += 1
            place = "/".join([*parts[:-1], f"{parts[-1] if parts else 'output'}-{number}"])
        return os.path.join(self._folder, place) if place else self._folder + "/"


def _parts(path: str) -> list[str]:
    """The names in a path, without any that leads out of a folder."""
    names = [name.replace(":", "_") for name in slashes(path).split("/")]
    return [name for name in names if name not in ("", ".", "..")]


def _listing(folder: str) -> dict[str, tuple]:
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            stat = os.stat(path)
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
