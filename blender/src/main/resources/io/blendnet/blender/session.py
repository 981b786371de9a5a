"""A live Blender that renders cells of a scene on request.

Runs under `blender --background --python session.py` and under a Python that has `bpy`
(`python session.py`), Blender 3.0 to 5.x. Commands come in on stdin, one JSON object a line;
answers go out on stdout, each on a line of its own behind the marker. Everything else on
stdout is Blender's chatter. The modules beside this file are its parts.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback

sys.dont_write_bytecode = True  # the folder may be shared, and is private to nobody's cache
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import bpy  # noqa: E402

import cells  # noqa: E402
import failures  # noqa: E402
import replay  # noqa: E402
import scene_facts  # noqa: E402
import scene_files  # noqa: E402
import scene_network  # noqa: E402
import scene_paths  # noqa: E402
from failures import Failure  # noqa: E402

MARKER = b"@blendnet "


class Wire:
    """The two ends that the commands and answers go through.

    Both are private: a script in a trusted scene that reads stdin would eat a command, and one
    that closes stdout would end the session.
    """

    def __init__(self) -> None:
        self._out = os.dup(1)
        self._in = os.fdopen(os.dup(0), "rb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def commands(self):
        for line in self._in:
            if line.strip():
                yield line

    def send(self, answer: dict) -> None:
        # Blender writes through C's buffered stdout, Python through its own: both go out first,
        # so that what Blender said about a command stands before its answer.
        sys.stdout.flush()
        try:
            ctypes.CDLL(None).fflush(None)
        except (OSError, TypeError, AttributeError):
            pass  # Windows has no such handle; there the chatter may come a little later
        # The line feed in front ends a line that Blender left unfinished.
        data = b"\n" + MARKER + json.dumps(answer).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self._out, data):]


class Session:
    """The scene that is open, and what was made of it."""

    def __init__(self) -> None:
        self._engine_name = scene_facts.EngineName()
        self._cells: cells.CellRenderer | None = None
        self._workspace = scene_paths.Workspace.NONE
        self._blend = ""

    def hello(self) -> dict:
        return {
            "version": ".".join(str(part) for part in bpy.app.version),
            "version_string": bpy.app.version_string,
            "build_date": bpy.app.build_date.decode("utf-8", "replace"),
            "denoising": scene_facts.can_denoise(),
            "engines": scene_facts.engines(),
            "folders": _folders(),
        }

    def open(self, command: dict) -> dict:
        self._cells = None
        blend = os.path.abspath(command["blend"])
        trust_scripts = bool(command.get("trust_scripts", False))
        scene_facts.check_readable(blend)
        if trust_scripts:
            scene_network.explain_absence()
        _open_mainfile(blend, trust_scripts)
        scene_facts.check_version(blend)
        self._blend = blend
        self._workspace = scene_paths.Workspace(
            command.get("project_path"),
            command.get("working_path"),
            command.get("project_folder"),
            command.get("dependencies_folder"),
        )
        scene_paths.rewrite(self._workspace, blend)
        scene_facts.check_library_versions()
        scene = bpy.context.scene
        order = cells.Order(
            threads=int(command.get("threads") or 0),
            samples=command.get("samples"),
            seed=command.get("seed"),
            use_compositor=bool(command.get("use_compositor", True)),
        )
        engine = self._engine_name.of(scene)
        renderer = cells.CellRenderer(scene, engine, order)
        warnings = scene_files.warnings(blend, self._workspace, trust_scripts)
        renderer.prepare()
        facts = renderer.facts.as_json()
        facts["warnings"] += warnings
        self._cells = renderer
        return {"facts": facts}

    def render(self, command: dict) -> dict:
        return self._opened().render(command)

    def compose(self, command: dict) -> dict:
        renderer = self._opened()
        with renderer.as_the_user_made_it():
            return replay.compose(renderer, command)

    def files(self, command: dict) -> dict:
        renderer = self._opened()
        scene = bpy.context.scene
        frames = command.get("frames") or [scene.frame_current]
        with renderer.as_the_user_made_it():
            found = scene_files.collect(self._blend, self._workspace, frames)
            found["pictures"] = [replay.picture_name(scene, frame) for frame in frames]
            return found

    def _opened(self) -> cells.CellRenderer:
        if self._cells is None:
            raise Failure(failures.BLENDER, "No scene is open in this session")
        return self._cells

    def answer(self, command: dict) -> dict:
        do = command.get("do")
        actions = {
            "open": self.open,
            "render": self.render,
            "compose": self.compose,
            "files": self.files,
        }
        if do not in actions:
            raise Failure(failures.BLENDER, f"The session does not know the command {do!r}")
        return actions[do](command)


def _folders() -> list[str]:
    """Where this Blender reads its own parts from."""
    session = os.path.realpath(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path]
    found.append(os.path.dirname(bpy.app.binary_path or sys.executable or ""))
    for kind in ("LOCAL", "SYSTEM"):
        found.append(bpy.utils.resource_path(kind))
    folders = {os.path.realpath(folder) for folder in found if folder and os.path.isdir(folder)}
    return sorted(folder for folder in folders if not (folder + os.sep).startswith(session + os.sep))


def _open_mainfile(blend: str, trust_scripts: bool) -> None:
    # Not by the command line: the same script runs in a Python with bpy, and a file that cannot
    # be read is then an answer, not a dead process.
    try:
        bpy.ops.wm.open_mainfile(filepath=blend, load_ui=False, use_scripts=trust_scripts)
    except RuntimeError as error:
        raise Failure(
            failures.SCENE,
            f"Blender {bpy.app.version_string} cannot read {blend}:"
            f" {failures.operator_reports(error) or 'damaged, or saved by a newer Blender'}",
            str(error),
        ) from error


def _failed(failure: Failure) -> dict:
    return {
        "ok": False,
        "failure": failure.kind,
        "message": failure.message,
        "detail": failure.detail,
    }


def _unexpected(error: Exception) -> dict:
    text = failures.operator_reports(error) or type(error).__name__
    if isinstance(error, MemoryError) or failures.is_out_of_memory(text):
        kind, message = failures.MEMORY, f"Blender ran out of memory: {text}"
    elif isinstance(error, (KeyError, TypeError, ValueError)):
        kind, message = failures.BLENDER, f"The session script failed: {type(error).__name__}: {text}"
    else:
        kind, message = failures.BLENDER, f"Blender failed: {text}"
    return _failed(Failure(kind, message, traceback.format_exc()))


def main() -> None:
    wire = Wire()
    session = Session()
    wire.send({"id": 0, "ok": True, **session.hello()})
    for line in wire.commands():
        number = None
        try:
            command = json.loads(line)
            if not isinstance(command, dict):
                raise Failure(failures.BLENDER, "A command is a JSON object")
            number = command.get("id")
            if command.get("do") == "quit":
                wire.send({"id": number, "ok": True})
                break
            answer = {"ok": True, **session.answer(command)}
        except Failure as failure:
            answer = _failed(failure)
        except json.JSONDecodeError as error:
            answer = _failed(Failure(failures.BLENDER, f"A command is not JSON: {error}"))
        except Exception as error:  # whatever a scene does: an answer, never a dead process
            answer = _unexpected(error)
        wire.send({"id": number, **answer})
    sys.stdout.flush()
    # Not sys.exit: freeing a large scene takes seconds, and nothing of it is needed any more.
    os._exit(0)


if __name__ == "__main__":
    main()
