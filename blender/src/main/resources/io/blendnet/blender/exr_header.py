"""Reads the header of an OpenEXR file: what a finished cell says about itself.

Only single-part files, the kind that Blender writes. Pure standard library.
"""

from __future__ import annotations

import re
import struct

_MAGIC = 20000630
_NAME_LIMIT = 256
_PIXEL_BYTES = {0: 4, 1: 2, 2: 4}  # UINT, HALF, FLOAT


class NotAnExr(Exception):
    pass


class ExrHeader:
    """attributes: name -> (type, raw bytes). channels: (name, bytes a pixel), in the file's order.

    length: bytes of the header in the file.
    """

    def __init__(self, attributes: dict, channels: list, length: int) -> None:
        self.attributes = attributes
        self.channels = channels
        self.length = length

    def text(self, name: str) -> str | None:
        kind, raw = self.attributes.get(name, ("", b""))
        return raw.decode("utf-8", "replace") if kind == "string" else None

    def size(self) -> tuple[int, int]:
        left, top, right, bottom = struct.unpack("<4i", self.attributes["dataWindow"][1])
        return right - left + 1, bottom - top + 1

    def uncompressed_bytes(self) -> int:
        width, height = self.size()
        return width * height * sum(size for _, size in self.channels)

    def cycles_samples(self) -> dict[str, int]:
        """View layer -> samples a pixel, for every layer that Cycles rendered."""
        found = {}
        for name in self.attributes:
            match = re.fullmatch(r"cycles\.(.*)\.samples", name)
            if match:
                found[match.group(1)] = int(self.text(name) or 0)
        return found

    def cycles_render_seconds(self) -> float:
        """What Cycles spent on samples, all view layers together. Its clock shows hundredths."""
        total = 0.0
        for name in self.attributes:
            if re.fullmatch(r"cycles\..*\.render_time", name):
                total += _seconds(self.text(name) or "")
        return total

    def passes(self) -> dict[str, list[tuple[str, str]]]:
        """View layer -> its passes as (name, channel letters), in the file's order."""
        layers: dict[str, dict[str, str]] = {}
        for channel, _ in self.channels:
            parts = channel.split(".")
            if len(parts) < 3:
                continue
            layer, name, letter = ".".join(parts[:-2]), parts[-2], parts[-1]
            passes = layers.setdefault(layer, {})
            passes[name] = passes.get(name, "") + letter
        return {
            layer: [(name, _usual_order(letters)) for name, letters in passes.items()]
            for layer, passes in layers.items()
        }


def read(path: str) -> ExrHeader:
    with open(path, "rb") as file:
        magic, flags = struct.unpack("<iI", _exactly(file, 8))
        if magic != _MAGIC:
            raise NotAnExr(f"{path} is not an OpenEXR file")
        if flags & 0x1000:
            raise NotAnExr(f"{path} has several parts")
        attributes = {}
        while True:
            name = _name(file)
            if not name:
                break
            kind = _name(file)
            (size,) = struct.unpack("<i", _exactly(file, 4))
            attributes[name] = (kind, _exactly(file, size))
        length = file.tell()
    return ExrHeader(attributes, _channels(attributes["channels"][1]), length)


def set_samples(path: str, header: ExrHeader, samples: dict[str, int]) -> None:
    """Writes view layers' sample counts over those in the file, with zeros in front.

    The new numbers have no more digits than the old: nothing in the file moves.
    """
    with open(path, "r+b") as file:
        head = file.read(header.length)
        for layer, count in samples.items():
            name = f"cycles.{layer}.samples".encode()
            value = header.attributes[name.decode()][1]
            start = head.index(name + b"\0string\0") + len(name) + len(b"\0string\0") + 4
            file.seek(start)
            file.write(str(count).zfill(len(value)).encode())


def _channels(raw: bytes) -> list[tuple[str, int]]:
    channels = []
    at = 0
    while raw[at]:
        end = raw.index(0, at)
        (pixel_type,) = struct.unpack_from("<i", raw, end + 1)
        channels.append((raw[at:end].decode("utf-8", "replace"), _PIXEL_BYTES[pixel_type]))
        at = end + 17
    return channels


def _usual_order(letters: str) -> str:
    """The file sorts its channels by name; Blender's passes want RGBA, XYZW, UVA."""
    order = "RGBAXYZWUVrgba"
    if set(letters) == set("UVA"):
        return "UVA"
    return "".join(sorted(letters, key=lambda letter: order.find(letter)))


def _seconds(clock: str) -> float:
    """Blender's clock: MM:SS.hh, or HH:MM:SS.hh from an hour on."""
    total = 0.0
    for part in clock.split(":"):
        try:
            total = total * 60 + float(part)
        except ValueError:
            return 0.0
    return total


def _name(file) -> str:
    raw = bytearray()
    while True:
        byte = _exactly(file, 1)
        if byte == b"\0":
            return raw.decode("utf-8", "replace")
        raw += byte
        if len(raw) > _NAME_LIMIT:
            raise NotAnExr("A name in the header never ends")


def _exactly(file, count: int) -> bytes:
    if count < 0:
        raise NotAnExr("A size in the header is negative")
    raw = file.read(count)
    if len(raw) != count:
        raise NotAnExr(f"{file.name} ends within its header")
    return raw
