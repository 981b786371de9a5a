"""Tells a scene's scripts why they have no network.

Nothing is kept from them here: the sandbox has no network at all. Without this a script would
only hear that a name cannot be resolved or a network is unreachable, and so would its user.
"""

from __future__ import annotations

import os
import sys

# Set by whoever started Blender in a sandbox without network.
_VARIABLE = "BLENDNET_NETWORK"

_CALLS = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
}

_REASON = (
    "this agent gives the scripts of scenes no network;"
    " its owner can allow it with the setting scene-network = yes"
)

_installed = False


def explain_absence() -> None:
    """From now on, whoever asks for the network gets a PermissionError that says why not."""
    global _installed
    if _installed or os.environ.get(_VARIABLE) != "none":
        return
    _installed = True
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple) -> None:
    if event not in _CALLS:
        return
    # Sockets of this computer's file system have a name for an address.
    address = arguments[-1] if event in ("socket.connect", "socket.sendto", "socket.sendmsg") else ()
    if isinstance(address, (str, bytes)):
        return
    raise PermissionError(_REASON)
