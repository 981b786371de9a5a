"""What can go wrong in a session, said so that a user understands it."""

from __future__ import annotations

SCENE = "scene"
MEMORY = "memory"
BLENDER = "blender"
MACHINE = "machine"

# What Cycles, its devices and the C++ runtime say when memory runs out.
_OUT_OF_MEMORY = (
    "out of memory",
    "bad_alloc",
    "malloc returns null",
    "calloc returns null",
    "out of gpu memory",
    "failed to allocate",
)


class Failure(Exception):
    """A command that could not be done. The session lives on.

    kind: one of SCENE, MEMORY, BLENDER, MACHINE. message: a sentence for the user.
    """

    def __init__(self, kind: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.detail = detail


def operator_reports(error: BaseException) -> str:
    """The text of an operator's reports without Blender's own prefixes and line ends."""
    lines = []
    for line in str(error).splitlines():
        line = line.strip()
        for prefix in ("Error: ", "Warning: ", "Info: "):
            if line.startswith(prefix):
                line = line[len(prefix):]
        if line:
            lines.append(line)
    return "; ".join(lines)


def is_out_of_memory(text: str) -> bool:
    text = text.lower()
    return any(sign in text for sign in _OUT_OF_MEMORY)
