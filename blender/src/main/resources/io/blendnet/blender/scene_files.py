"""The files that a scene needs, and the scripts that want to run."""

from __future__ import annotations

import os
import re

import bpy

import scene_facts
import scene_paths
from scene_paths import StoredPath

_SHOWN_MISSING = 20


class _Collection:
    """Files by absolute path; the first who needs one is named."""

    def __init__(self) -> None:
        self._files: dict[str, dict] = {}

    def add(self, path: str, kind: str, needed_by: str, packed: bool = False) -> None:
        if not scene_paths.is_absolute(path):  # another system's absolute path stays as it is
            path = os.path.abspath(path)
        self._files.setdefault(
            path,
            {
                "path": path,
                "kind": kind,
                "exists": os.path.isfile(path),
                "packed": packed,
                "needed_by": needed_by,
            },
        )

    def add_folder(self, path: str, kind: str, needed_by: str, names: str = "") -> bool:
        """Every file in a folder whose name begins so. False: there is none."""
        found = False
        for parent, _, files in os.walk(path):
            for name in sorted(files):
                if name.startswith(names):
                    self.add(os.path.join(parent, name), kind, needed_by)
                    found = True
        return found

    def as_json(self) -> list[dict]:
        return list(self._files.values())


def collect(blend: str, workspace: scene_paths.Workspace, frames: list[int]) -> dict:
    """The answer to the command `files`: all that the frames need, the .blend itself first."""
    frames = [scene_facts.check_frame(frame) for frame in frames]
    return {
        "files": _needed(blend, workspace, frames).as_json(),
        "scripts": scripts(),
        "blend_version": ".".join(str(part) for part in bpy.data.version),
    }


def warnings(blend: str, workspace: scene_paths.Workspace, trust_scripts: bool) -> list[str]:
    """What the user should know about files and scripts before a frame is rendered."""
    found = []
    # Which pictures of a sequence are needed depends on frames that nobody has named yet
    missing = [
        file
        for file in _needed(blend, workspace, frames=[]).as_json()
        if not file["exists"] and not file["packed"]
    ]
    for file in missing[:_SHOWN_MISSING]:
        where = workspace.original(file["path"]) or file["path"]
        found.append(f"Missing file: {where}, needed by {file['needed_by']}")
    if len(missing) > _SHOWN_MISSING:
        found.append(f"And {len(missing) - _SHOWN_MISSING} more missing files")
    if not trust_scripts:
        named = scripts()
        if named:
            found.append(
                "The scene contains scripts that want to run, and do not unless you trust them"
                f" (--trust-scripts): {'; '.join(named)}"
            )
    return found


def scripts() -> list[str]:
    """Texts that register themselves, and drivers that are more than simple arithmetic."""
    named = [
        f"text {text.name!r}" for text in bpy.data.texts if text.use_module and text.as_string()
    ]
    for datablock in scene_paths.datablocks():
        for owner in (datablock, getattr(datablock, "node_tree", None)):
            animation = getattr(owner, "animation_data", None)
            for curve in animation.drivers if animation is not None else ():
                driver = curve.driver
                if driver.type == "SCRIPTED" and not driver.is_simple_expression:
                    named.append(
                        f"driver {driver.expression!r} of {curve.data_path} of {_name(datablock)}"
                    )
    return list(dict.fromkeys(named))


def _name(datablock) -> str:
    return f"{datablock.bl_rna.name.lower()} {datablock.name!r}"


def _needed(blend: str, workspace, frames: list[int]) -> _Collection:
    files = _Collection()
    files.add(blend, "blend", "the scene")
    for library in bpy.data.libraries:
        by = f"library {library.parent.name!r}" if library.parent else "the scene"
        packed = getattr(library, "packed_file", None) is not None
        path = scene_paths.library_file(library, blend)
        files.add(workspace.place(path, os.path.dirname(blend)), "library", by, packed)
    for path in scene_paths.stored_paths():
        if path.is_output() or path.subtype == "FILE_NAME":
            continue
        where = workspace.place(path.value, scene_paths.folder_of(path.datablock, blend))
        _add_path(files, path, where, frames)
    _add_strips(files, workspace, blend, frames)
    _add_disk_caches(files, blend)
    return files


def _add_path(files: _Collection, path: StoredPath, where: str, frames: list[int]) -> None:
    owner, by = path.owner, _name(path.datablock)
    packed = scene_paths.is_packed(path.datablock)
    struct = owner.bl_rna.identifier
    if struct == "Image":
        _add_image(files, owner, where, by, packed, frames)
    elif struct == "VectorFont":
        if path.value != "<builtin>":
            files.add(where, "font", by, packed)
    elif struct == "MovieClip":
        _add_clip(files, owner, where, by, frames)
    elif struct == "Volume":
        _add_volume(files, owner, where, by, packed, frames)
    elif struct in {"CacheFile", "CacheFileLayer"}:
        _add_cache_file(files, path.datablock, where, by, frames)
    elif struct == "PointCache":
        # Only an external cache reads from here; the name of its files is the cache's own
        if owner.use_external and not files.add_folder(where, "cache", by):
            files.add(where, "cache", by)
    elif struct == "FluidDomainSettings":
        if not files.add_folder(where, "cache", by):
            pass  # never baked: Blender renders the domain empty, here as there
    elif struct in {"OceanModifier", "NodesModifier", "NodesModifierBake"}:
        files.add_folder(where, "cache", by)  # a default path where nothing is baked
    elif struct in {"MovieSequence", "MovieStrip", "ImageSequence", "ImageStrip"}:
        pass  # by frame, with the other strips
    elif struct in {"SequenceProxy", "MovieClipProxy", "FreestyleModuleSettings"}:
        pass  # proxies serve the display alone
    elif path.subtype == "DIR_PATH":
        files.add_folder(where, "cache", by)
    elif struct == "MeshCacheModifier":
        files.add(where, "cache", by)
    else:
        files.add(where, _kind(struct), by, packed)


def _kind(struct: str) -> str:
    return {
        "Sound": "sound",
        "ShaderNodeTexIES": "ies",
        "ShaderNodeScript": "script",
        "MultiresModifier": "mesh",
    }.get(struct, "other")


def _add_image(files, image, where, by, packed, frames) -> None:
    if image.source in {"GENERATED", "VIEWER"}:
        return
    if image.source == "TILED" and not packed:
        for tile in image.tiles:
            number = tile.number
            path = where.replace("<UDIM>", str(number))
            column, row = (number - 1001) % 10 + 1, (number - 1001) // 10 + 1
            files.add(path.replace("<UVTILE>", f"u{column}_v{row}"), "image", by)
        return
    if image.source == "SEQUENCE" and not packed:
        for user in _image_users(image):
            for number in _image_frames(user, frames):
                path = numbered(where, number)
                # Before the first frame Blender looks for number 0, and shows nothing without
                if number != user.frame_offset or os.path.isfile(path):
                    files.add(path, "image", by)
        return
    files.add(where, "movie" if image.source == "MOVIE" else "image", by, packed)


def _image_users(image) -> list:
    """What says which frame of the sequence is shown when. Without any, nothing is."""
    users = []
    trees = [
        tree
        for datablock in scene_paths.datablocks()
        for tree in (datablock, getattr(datablock, "node_tree", None))
        if isinstance(tree, bpy.types.NodeTree)
    ]
    for tree in trees:
        for node in tree.nodes:
            if getattr(node, "image", None) != image:
                continue
            # The compositor's node is an image user itself
            user = getattr(node, "image_user", None) or node
            if hasattr(user, "frame_duration"):
                users.append(user)
    for texture in bpy.data.textures:
        if getattr(texture, "image", None) == image:
            users.append(texture.image_user)
    for thing in bpy.data.objects:
        if thing.type == "EMPTY" and thing.data == image:
            users.append(thing.image_user)
    return users


def _image_frames(user, frames: list[int]) -> list[int]:
    """Numbers in file names (BKE_image_user_frame_get)."""
    numbers = []
    for frame in frames:
        at = frame - user.frame_start + 1
        length = user.frame_duration
        if length <= 0:
            continue
        if user.use_cyclic:
            at = (at - 1) % length + 1
        numbers.append(min(max(at, 0), length) + user.frame_offset)
    return numbers


def numbered(path: str, number: int) -> str:
    """The path with the last number of its file name replaced, as Blender counts sequences."""
    folder, name = os.path.split(path)
    stem, extension = os.path.splitext(name)
    match = re.search(r"(\d+)(\D*)$", stem)
    if match is None:
        return os.path.join(folder, f"{stem}{number}{extension}")
    digits = str(number).zfill(len(match.group(1)))
    return os.path.join(folder, stem[: match.start()] + digits + match.group(2) + extension)


def _number_in(path: str) -> int:
    stem = os.path.splitext(os.path.basename(path))[0]
    match = re.search(r"(\d+)\D*$", stem)
    return int(match.group(1)) if match else 0


def _add_clip(files, clip, where, by, frames) -> None:
    if clip.source != "SEQUENCE":
        files.add(where, "movie", by)
        return
    first = _number_in(where)
    for frame in frames:
        number = frame - clip.frame_start + first + clip.frame_offset
        files.add(numbered(where, max(number, 0)), "image", by)


def _add_volume(files, volume, where, by, packed, frames) -> None:
    if packed or not volume.is_sequence:
        files.add(where, "volume", by, packed)
        return
    for frame in frames:
        number = _volume_frame(volume, frame)
        if number is not None:
            files.add(numbered(where, number), "volume", by)


def _volume_frame(volume, frame: int) -> int | None:
    """The number in the file name; None: nothing is shown (BKE_volume.cc, volume_sequence_frame)."""
    length = volume.frame_duration
    if length == 0:
        return None
    at = frame - volume.frame_start + 1
    if volume.sequence_mode == "CLIP":
        if not 1 <= at <= length:
            return None
    elif volume.sequence_mode == "EXTEND":
        at = min(max(at, 1), length)
    elif volume.sequence_mode == "REPEAT":
        at = (at - 1) % length + 1
    else:  # PING_PONG
        period = max(1, 2 * (length - 1))
        at = (at - 1) % period
        at = (at if at < length else period - at) + 1
    return at + volume.frame_offset


def _add_cache_file(files, cache, where, by, frames) -> None:
    if not cache.is_sequence:
        files.add(where, "cache", by)
        return
    for frame in frames:
        at = cache.frame if cache.override_frame else frame + cache.frame_offset
        files.add(numbered(where, int(at)), "cache", by)


def _add_strips(files, workspace, blend, frames) -> None:
    """Image, movie and sound strips; of image strips only the pictures of these frames."""
    scene = bpy.context.scene
    if not scene_facts.rendered_strips(scene):
        return
    editor = scene.sequence_editor
    every = getattr(editor, "strips_all", None)
    for strip in every if every is not None else editor.sequences_all:
        by = f"strip {strip.name!r} of {_name(scene)}"
        base = os.path.dirname(blend)
        if strip.type == "MOVIE":
            files.add(workspace.place(strip.filepath, base), "movie", by)
        elif strip.type == "IMAGE":
            folder = workspace.place(strip.directory, base)
            for index in _strip_elements(strip, frames):
                name = strip.elements[index].filename
                files.add(os.path.join(folder, name), "image", by)


def _strip_elements(strip, frames: list[int]) -> list[int]:
    """Indices of the pictures that an image strip shows at the frames, as Blender clamps them."""
    first = getattr(strip, "content_start", None)  # 5.x
    if first is None:
        first = strip.frame_start
    last = len(strip.elements) - 1
    found = []
    for frame in frames:
        if strip.frame_final_start <= frame < strip.frame_final_end:
            index = int(frame - first) + strip.animation_offset_start
            found.append(min(max(index, 0), last))
    return found


def _add_disk_caches(files: _Collection, blend: str) -> None:
    """Baked cloth, particles and the like lie in a folder that is named after the .blend."""
    stem = os.path.splitext(os.path.basename(blend))[0]
    folder = os.path.join(os.path.dirname(blend), f"blendcache_{stem}")
    files.add_folder(folder, "cache", "the scene's simulations")
    for library in bpy.data.libraries:
        path = scene_paths.library_file(library, blend)
        stem = os.path.splitext(os.path.basename(path))[0]
        folder = os.path.join(os.path.dirname(path), f"blendcache_{stem}")
        files.add_folder(folder, "cache", f"simulations of library {library.name!r}")
