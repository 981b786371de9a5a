"""Where the files of a scene lie: on the submitter's computer, and in an agent's workspace."""

from __future__ import annotations

import os
import posixpath
import re
from functools import lru_cache

import bpy

_PATH_SUBTYPES = {"FILE_PATH", "DIR_PATH", "FILE_NAME"}

# Datablocks whose paths no render ever reads.
_NOT_RENDERED = {
    "brushes",
    "libraries",  # rewritten first, by another way
    "palettes",
    "screens",
    "texts",
    "window_managers",
    "workspaces",
}

# Where Blender writes: (struct, property). compose sends these into its own folder.
OUTPUTS = {
    ("RenderSettings", "filepath"),
    ("BakeSettings", "filepath"),
    ("DynamicPaintSurface", "image_output_path"),
    ("CompositorNodeOutputFile", "base_path"),
    ("CompositorNodeOutputFile", "directory"),
    ("CompositorNodeOutputFile", "file_name"),
    ("NodeOutputFileSlotFile", "path"),
    ("ImageFormatSettings", "filepath"),
}

# The same path a second time: (struct, property).
_DOUBLES = {
    ("Image", "filepath_raw"),
    ("PackedFile", "filepath"),
    ("ImagePackedFile", "filepath"),
}

# What these lead to is evaluated anew at every step, and gone at the next.
_FLEETING = {"Depsgraph"}

_DRIVE = re.compile(r"[A-Za-z]:(/|$)")
_LIBRARY_ROUNDS = 10


def slashes(path: str) -> str:
    """A .blend made on Windows holds backslashes; every Blender understands slashes."""
    return path.replace("\\", "/")


def is_absolute(path: str) -> bool:
    path = slashes(path)
    return (path.startswith("/") and not is_relative(path)) or bool(_DRIVE.match(path))


def is_relative(path: str) -> bool:
    """Relative to the .blend file, as Blender writes it. A UNC path has backslashes in front."""
    return path.startswith("//")


def _normal(path: str) -> str:
    path = posixpath.normpath(slashes(path))
    return "/" + path.lstrip("/") if path.startswith("//") else path


class Workspace:
    """The two folders that an agent keeps a scene's files in, and where the files came from.

    project_path and working_path are folders of the submitter's computer, maybe of another
    operating system; None where unknown. A file under project_path lies in project_folder at the
    same relative path, any other in dependencies_folder at its absolute path, ':' as '_'.
    """

    NONE: Workspace

    def __init__(
        self,
        project_path: str | None,
        working_path: str | None,
        project_folder: str | None,
        dependencies_folder: str | None,
    ) -> None:
        self.project_path = _normal(project_path) if project_path else None
        self.working_path = _normal(working_path) if working_path else None
        self.project_folder = _normal(os.path.abspath(project_folder)) if project_folder else None
        self.dependencies_folder = (
            _normal(os.path.abspath(dependencies_folder)) if dependencies_folder else None
        )

    def place(self, stored: str, base: str) -> str:
        """Absolute path in the workspace for a path as a .blend holds it.

        base: the folder of the .blend (or library) in the workspace.
        """
        if is_relative(stored):
            inside = _normal(posixpath.join(_normal(base), slashes(stored)[2:].lstrip("/")))
            original = self.original(base)
            if original is None:
                return inside
            return self._forward(
                _normal(posixpath.join(original, slashes(stored)[2:].lstrip("/")))
            )
        if is_absolute(stored):
            path = _normal(stored)
            return self._forward(self.original(path) or path)
        if self.working_path:
            return self._forward(_normal(posixpath.join(self.working_path, slashes(stored))))
        return _normal(posixpath.join(_normal(base), slashes(stored)))

    def original(self, path: str) -> str | None:
        """Where a file or folder of the workspace came from; None: it is not in the workspace."""
        path = _normal(path)
        inside = _below(path, self.dependencies_folder)
        if inside is not None and self.dependencies_folder != "/":
            drive = re.match(r"([A-Za-z])_(/|$)", inside)
            if drive:
                return f"{drive.group(1)}:/{inside[3:]}"
            return "/" + inside
        inside = _below(path, self.project_folder)
        if inside is not None and self.project_path:
            return _normal(posixpath.join(self.project_path, inside))
        return None

    def _forward(self, original: str) -> str:
        if self.project_folder and self.project_path:
            inside = _below(original, self.project_path)
            if inside is not None:
                return _normal(posixpath.join(self.project_folder, inside))
        if self.dependencies_folder is None:
            return original
        return _normal(
            posixpath.join(self.dependencies_folder, original.lstrip("/").replace(":", "_"))
        )


Workspace.NONE = Workspace(None, None, None, None)


def _below(path: str, folder: str | None) -> str | None:
    """The path relative to a folder that it lies in, '' for the folder itself; else None."""
    if folder is None:
        return None
    # Windows does not tell upper from lower case
    same = str.lower if _DRIVE.match(folder) else str
    stem = folder.rstrip("/")
    if same(path) == same(stem):
        return ""
    if same(path).startswith(same(stem) + "/"):
        return path[len(stem) + 1:]
    return None


class StoredPath:
    """A path that a datablock holds: owner.name is the property."""

    def __init__(self, datablock, owner, name: str, subtype: str) -> None:
        self.datablock = datablock
        self.owner = owner
        self.name = name
        self.subtype = subtype

    @property
    def value(self) -> str:
        return getattr(self.owner, self.name)

    def is_output(self) -> bool:
        return _is_one_of(self.owner, self.name, OUTPUTS)


def _is_one_of(owner, name: str, pairs: set) -> bool:
    struct = owner.bl_rna
    while struct is not None:
        if (struct.identifier, name) in pairs:
            return True
        struct = struct.base
    return False


@lru_cache(maxsize=1)
def _structs_with_paths() -> set[str]:
    """Names of the RNA structs from which a path property can be reached.

    A walk that does not know this would read every vertex of every mesh.
    """
    leads_from: dict[str, set[str]] = {}
    reached = set()
    for name in dir(bpy.types):
        struct = getattr(getattr(bpy.types, name), "bl_rna", None)
        if struct is None:
            continue
        if struct.base is not None:  # a collection of the base may hold this one
            leads_from.setdefault(struct.identifier, set()).add(struct.base.identifier)
        for prop in struct.properties:
            if prop.type == "STRING" and prop.subtype in _PATH_SUBTYPES:
                reached.add(struct.identifier)
            elif prop.type in {"POINTER", "COLLECTION"} and prop.fixed_type is not None:
                leads_from.setdefault(prop.fixed_type.identifier, set()).add(struct.identifier)
    todo = list(reached)
    while todo:
        for name in leads_from.get(todo.pop(), ()):
            if name not in reached:
                reached.add(name)
                todo.append(name)
    return reached


@lru_cache(maxsize=None)
def _is_datablock(name: str) -> bool:
    struct = getattr(bpy.types, name).bl_rna
    while struct is not None:
        if struct.identifier == "ID":
            return True
        struct = struct.base
    return False


@lru_cache(maxsize=None)
def _properties(name: str) -> tuple[list, list]:
    """Of a struct: its path properties (name, subtype), and those that lead on (name, many)."""
    struct = getattr(bpy.types, name).bl_rna
    reached = _structs_with_paths()
    paths, ways = [], []
    for prop in struct.properties:
        if prop.type == "STRING" and prop.subtype in _PATH_SUBTYPES:
            paths.append((prop.identifier, prop.subtype))
        elif prop.type in {"POINTER", "COLLECTION"} and prop.fixed_type is not None:
            target = prop.fixed_type.identifier
            # Other datablocks are visited for themselves; only node trees lie within theirs.
            if prop.identifier == "rna_type" or target not in reached or target in _FLEETING:
                continue
            if _is_datablock(target) and not (
                prop.type == "POINTER" and prop.identifier == "node_tree"
            ):
                continue
            ways.append((prop.identifier, prop.type == "COLLECTION"))
    return paths, ways


def datablocks():
    """Every datablock that a render may read."""
    for prop in bpy.data.bl_rna.properties:
        if prop.type != "COLLECTION" or prop.identifier in _NOT_RENDERED:
            continue
        for datablock in getattr(bpy.data, prop.identifier):
            if is_used(datablock):
                yield datablock


def is_used(datablock) -> bool:
    """A fake user alone renders nothing; scenes stand for themselves."""
    if isinstance(datablock, bpy.types.Scene):
        return True
    return datablock.users > (1 if datablock.use_fake_user else 0)


def stored_paths():
    """Every path that the open scene holds, as StoredPath, in main file and libraries."""
    for datablock in datablocks():
        yield from _paths_within(datablock)


def _paths_within(datablock):
    seen = set()
    todo = [datablock]
    while todo:
        owner = todo.pop()
        struct = owner.bl_rna.identifier
        key = (owner.as_pointer(), struct)
        if key in seen or not hasattr(bpy.types, struct):
            continue
        seen.add(key)
        paths, ways = _properties(struct)
        for name, subtype in paths:
            if not _is_one_of(owner, name, _DOUBLES) and getattr(owner, name, ""):
                yield StoredPath(datablock, owner, name, subtype)
        for name, many in ways:
            value = getattr(owner, name, None)
            if value is None:
                continue
            if many:
                todo.extend(item for item in value if item is not None)
            elif not isinstance(value, bpy.types.ID) or value.is_embedded_data:
                todo.append(value)


def folder_of(datablock, blend: str) -> str:
    """The folder that the datablock's relative paths start from."""
    library = getattr(datablock, "library", None)
    if library is None:
        return os.path.dirname(blend)
    return os.path.dirname(library_file(library, blend))


def library_file(library, blend: str) -> str:
    path = library.filepath
    if is_relative(path):
        # Blender keeps the paths of all libraries relative to the main file
        return _normal(posixpath.join(os.path.dirname(blend), slashes(path)[2:]))
    return path


def is_packed(datablock) -> bool:
    if getattr(datablock, "packed_file", None) is not None:
        return True
    return bool(len(getattr(datablock, "packed_files", ())))


def rewrite(workspace: Workspace, blend: str) -> None:
    """Turns every path of the open scene into one of the workspace."""
    if workspace.project_folder is None and workspace.dependencies_folder is None:
        return
    _rewrite_libraries(workspace, blend)
    for path in list(stored_paths()):
        if path.is_output() or path.subtype == "FILE_NAME" or is_packed(path.datablock):
            continue
        base = folder_of(path.datablock, blend)
        _rewrite_path(path, workspace.place(path.value, base), base)
    _rewrite_fonts(workspace, blend)


def _rewrite_path(path: StoredPath, target: str, base: str) -> None:
    if path.subtype == "DIR_PATH" and path.value.endswith(("/", "\\")):
        target += "/"
    if _resolved(path.value, base) == target or path.owner.is_property_readonly(path.name):
        return
    setattr(path.owner, path.name, target)


def _resolved(stored: str, base: str) -> str:
    """Where Blender itself would look."""
    if is_relative(stored) and "\\" not in stored:
        path = posixpath.normpath(posixpath.join(base, stored[2:]))
        return path + "/" if stored.endswith("/") else path
    return stored


def _rewrite_libraries(workspace: Workspace, blend: str) -> None:
    """Libraries first, one generation a round: a library that is found brings its own."""
    done = set()
    for _ in range(_LIBRARY_ROUNDS):
        moved = False
        for library in list(bpy.data.libraries):
            if getattr(library, "packed_file", None) is not None:
                continue
            now = library_file(library, blend)
            target = _library_target(workspace, library, blend)
            key = (library.name, target)
            if key in done or _normal(now) == target or not os.path.isfile(target):
                continue
            done.add(key)
            library.filepath = target
            library.reload()
            moved = True
            break  # reloading frees datablocks, and may have brought libraries
        if not moved:
            return


def _library_target(workspace: Workspace, library, blend: str) -> str:
    now = library_file(library, blend)
    if library.parent is not None and workspace.original(now) is not None:
        # Its parent lies in the workspace already, and Blender found the way from there
        return workspace.place(now, os.path.dirname(blend))
    return workspace.place(library.filepath, os.path.dirname(blend))


def _rewrite_fonts(workspace: Workspace, blend: str) -> None:
    """The path of a font cannot be set: another font takes its users over."""
    for font in list(bpy.data.fonts):
        if font.filepath in ("", "<builtin>") or is_packed(font):
            continue
        base = folder_of(font, blend)
        target = workspace.place(font.filepath, base)
        if _resolved(font.filepath, base) != target and os.path.isfile(target):
            font.user_remap(bpy.data.fonts.load(target))
