"""Renders cells: a tile of the picture times a range of samples, each into a file of its own."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass

import bpy

import exr_header
import failures
import scene_facts
from failures import Failure

# Where a pixel of a border begins: a little above its lower end, so that Blender's single
# precision, which multiplies and cuts off, never lands in the pixel before (sides up to 65,536).
_INTO_PIXEL = 0.25

# Merging ratios by samples takes the colour that they were divided by.
_RATIOS = (
    ("use_pass_diffuse_direct", "use_pass_diffuse_indirect", "use_pass_diffuse_color", "DiffCol"),
    ("use_pass_glossy_direct", "use_pass_glossy_indirect", "use_pass_glossy_color", "GlossCol"),
    (
        "use_pass_transmission_direct",
        "use_pass_transmission_indirect",
        "use_pass_transmission_color",
        "TransCol",
    ),
)

# What a cell sets, or the facts rest on: an animation of these would win over the session.
_HELD = {
    *(f"cycles.{name}" for name in (
        "sample_offset", "samples", "time_limit", "use_adaptive_sampling", "use_denoising",
    )),
    *(f"render.{name}" for name in (
        "border_max_x", "border_max_y", "border_min_x", "border_min_y", "resolution_percentage",
        "resolution_x", "resolution_y", "use_border", "use_compositing", "use_crop_to_border",
        "use_sequencer",
    )),
}


@dataclass(frozen=True)
class Order:
    """What the user wants otherwise than the scene says. threads 0: all of them."""

    threads: int
    samples: int | None
    seed: int | None
    use_compositor: bool


class Overlay:
    """Settings laid over the scene, and taken off again without a trace."""

    def __init__(self) -> None:
        self._before: dict[tuple, tuple] = {}

    def set(self, owner, name: str, value) -> None:
        """Sets what this Blender knows; settings come and go with versions."""
        if not hasattr(owner, name):
            return
        key = (owner.as_pointer(), type(owner).__name__, name)
        if key not in self._before:
            self._before[key] = (owner, name, getattr(owner, name))
        if getattr(owner, name) != value:
            setattr(owner, name, value)

    def keep_format(self, output: bpy.types.ImageFormatSettings) -> None:
        """Remembers a file format before a part of it is set, which may change the others."""
        for name in ("media_type", "file_format", "color_mode", "color_depth", "exr_codec"):
            self.set(output, name, getattr(output, name, None))

    def take_off(self) -> None:
        # In the order in which they were set: a format decides which colour depths there are.
        for owner, name, value in self._before.values():
            if getattr(owner, name) != value:
                setattr(owner, name, value)
        self._before.clear()


class CellRenderer:
    """Renders cells of one scene, frame after frame."""

    def __init__(self, scene: bpy.types.Scene, engine: str, order: Order) -> None:
        self.scene = scene
        self.order = order
        if order.samples is not None and not 1 <= order.samples <= 1 << 24:
            raise Failure(
                failures.SCENE, f"Samples are 1 to {1 << 24} a pixel, not {order.samples}"
            )
        self.facts = scene_facts.gather(scene, engine, order.samples)
        self._cycles = engine == "CYCLES"
        self._own_pattern = scene.cycles.sampling_pattern if self._cycles else ""
        self._overlay = Overlay()
        self._frame: int | None = None

    def prepare(self) -> None:
        """Applies the user's order for good, and lays the cells' settings over the scene."""
        scene = self.scene
        if self.order.threads:
            scene.render.threads_mode = "FIXED"
            scene.render.threads = self.order.threads
        if self._cycles and self.order.seed is not None:
            scene.cycles.seed = self.order.seed
        self._hold_animated_settings()
        self._add_passes()
        self._lay_over()

    def _hold_animated_settings(self) -> None:
        animation = self.scene.animation_data
        if animation is None:
            return
        held = set(_HELD)
        if self.order.seed is not None:
            held.add("cycles.seed")
        curves = [*animation.drivers, *getattr(animation.action, "fcurves", ())]
        for curve in curves:
            if curve.data_path in held and not curve.mute:
                curve.mute = True
                self.facts.warnings.append(
                    f"The scene animates {curve.data_path}; every frame is rendered with its value"
                    f" at frame {self.scene.frame_current}"
                )

    @contextlib.contextmanager
    def as_the_user_made_it(self):
        """Takes the cells' settings off for as long as the block lasts."""
        self._overlay.take_off()
        try:
            yield
        finally:
            self._lay_over()

    def show_frame(self, frame: int) -> None:
        if frame != self._frame or self.scene.frame_current != frame:
            self.scene.frame_set(frame)
            self._frame = frame

    def _rendered_layers(self):
        return [layer for layer in self.scene.view_layers if layer.use]

    def _forgets_layer_samples(self) -> bool:
        """Whether a live scene's view layers get other samples from the second render on.

        With persistent data, the blue noise of 4.5 then keeps the length that it had in the layer
        before (off by 0.8). 3.4 is right.
        """
        return bool(self.facts.own_layer_samples) and bpy.app.version >= (3, 5)

    def _add_passes(self) -> None:
        """Names the passes that the cells need beside those that the scene asks for."""
        if not self._cycles:
            return
        layers = self._rendered_layers()
        # With persistent data, meshes keep the UV map that one view layer's pass wanted and the
        # next one's did not, and from the second render on read it from freed memory: Combined
        # too comes out wrong where there are textures (seen with 3.4.1). All layers alike: right.
        if any(layer.use_pass_uv for layer in layers):
            self.facts.added_passes += [
                f"{layer.name}.UV" for layer in layers if not layer.use_pass_uv
            ]
        if self.facts.sample_obstacles:
            return
        for layer in layers:
            for direct, indirect, colour, name in _RATIOS:
                if (getattr(layer, direct) or getattr(layer, indirect)) and not getattr(
                    layer, colour
                ):
                    self.facts.added_passes.append(f"{layer.name}.{name}")

    def _lay_over(self) -> None:
        scene, lay = self.scene, self._overlay.set
        render, output = scene.render, scene.render.image_settings
        lay(render, "use_compositing", False)
        lay(render, "use_sequencer", False)
        lay(render, "use_single_layer", False)
        lay(render, "use_persistent_data", not self._forgets_layer_samples())
        lay(render, "use_file_extension", False)
        lay(render, "use_stamp", False)
        self._overlay.keep_format(output)
        # 5.0 asks for the kind of medium before it offers its formats
        lay(output, "media_type", "MULTI_LAYER_IMAGE")
        lay(output, "file_format", "OPEN_EXR_MULTILAYER")
        lay(output, "color_depth", "32")
        lay(output, "exr_codec", "NONE")
        lay(output, "color_management", "FOLLOW_SCENE")
        if not self._cycles:
            return
        cycles = scene.cycles
        # This build may have no denoiser, and then fails; the picture is denoised whole or not.
        lay(cycles, "use_denoising", False)
        # A time limit leaves files that claim samples which were never rendered.
        lay(cycles, "time_limit", 0.0)
        added = set(self.facts.added_passes)
        for layer in self._rendered_layers():
            for _, _, colour, name in _RATIOS:
                if f"{layer.name}.{name}" in added:
                    lay(layer, colour, True)
            if f"{layer.name}.UV" in added:
                lay(layer, "use_pass_uv", True)
            if self.facts.wants_denoising and layer.cycles.use_denoising:
                lay(layer.cycles, "denoising_store_passes", True)

    def render(self, command: dict) -> dict:
        frame = scene_facts.check_frame(command["frame"])
        output = os.path.abspath(command["output"])
        _check_folder(output)
        rendered = self._rendered(command)
        first, end = int(command["samples"]["first"]), int(command["samples"]["end"])
        total = int(command.get("total_samples") or self.facts.samples)
        started = time.perf_counter()
        self.show_frame(frame)
        warnings = []
        if self._cycles:
            self._set_tile(rendered)
            warnings = self._set_samples(first, end, total, bool(command.get("exact_pattern")))
            # Cycles' settings are ID properties: without the tag a change of these alone is
            # ignored with persistent data, and the former cell's samples come again.
            self.scene.update_tag()
        else:
            self._set_tile(rendered)
        self._run(frame)
        finished = time.perf_counter()
        header = _save(self.scene, output)
        saved = time.perf_counter()
        self._check(header, output, rendered)
        if self._cycles:
            self._check_samples(header, output, end - first, total)
        samples = header.cycles_render_seconds() if self._cycles else finished - started
        # Cycles writes hundredths of a second: a 0 is anything up to the first of them.
        samples = min(max(samples, 0.005), finished - started)
        return {
            "rendered": rendered,
            "seconds": {
                "sync": round(finished - started - samples, 6),
                "render": round(samples, 6),
                "save": round(saved - finished, 6),
            },
            "warnings": warnings,
        }

    def _rendered(self, command: dict) -> dict:
        """The tile with its overscan, cut off where the picture ends."""
        region = self.facts.region
        tile, overscan = command["tile"], int(command.get("overscan") or 0)
        x, y, width, height = (int(tile[name]) for name in ("x", "y", "width", "height"))
        if (
            x < 0
            or y < 0
            or width < 1
            or height < 1
            or x + width > region.width
            or y + height > region.height
            or overscan < 0
        ):
            raise Failure(
                failures.BLENDER,
                f"Tile {width}x{height}+{x}+{y} is not within the picture of"
                f" {region.width}x{region.height}",
            )
        left, top = max(0, x - overscan), max(0, y - overscan)
        right = min(region.width, x + width + overscan)
        bottom = min(region.height, y + height + overscan)
        rendered = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        if not self._cycles and (rendered["width"], rendered["height"]) != (
            region.width,
            region.height,
        ):
            raise Failure(failures.BLENDER, f"{self.facts.engine} renders whole frames only")
        return rendered

    def _set_tile(self, rendered: dict) -> None:
        region, render, lay = self.facts.region, self.scene.render, self._overlay.set
        left = region.x + rendered["x"]
        bottom = region.y + region.height - rendered["y"] - rendered["height"]
        lay(render, "use_border", True)
        lay(render, "use_crop_to_border", True)
        # The maximum first: Blender keeps neither below the other by itself, but a value above 1
        # is cut to 1, which is the last pixel's end.
        lay(render, "border_max_x", _share(left + rendered["width"], region.full_width))
        lay(render, "border_min_x", _share(left, region.full_width))
        lay(render, "border_max_y", _share(bottom + rendered["height"], region.full_height))
        lay(render, "border_min_y", _share(bottom, region.full_height))

    def _set_samples(self, first: int, end: int, total: int, exact_pattern: bool) -> list[str]:
        cycles, lay = self.scene.cycles, self._overlay.set
        whole = first == 0 and end == total
        if not 0 <= first < end <= total:
            raise Failure(
                failures.BLENDER, f"Samples [{first}, {end}) are not within 0 to {total}"
            )
        if not whole and (self.facts.adaptive or self.facts.own_layer_samples):
            raise Failure(
                failures.SCENE,
                "This scene's samples cannot be split: " + "; ".join(self.facts.sample_obstacles),
            )
        if self.facts.own_layer_samples:
            pass  # every layer keeps its own number, and only whole ranges come here
        elif hasattr(cycles, "use_sample_subset"):  # 4.4 and later: samples is the frame's total
            lay(cycles, "use_layer_samples", "IGNORE")
            lay(cycles, "samples", total)
            lay(cycles, "use_sample_subset", not whole)
            lay(cycles, "sample_offset", first)
            lay(cycles, "sample_subset_length", end - first)
        else:
            lay(cycles, "use_layer_samples", "IGNORE")
            lay(cycles, "samples", end - first)
            lay(cycles, "sample_offset", first)
        pattern = self._own_pattern
        if exact_pattern:
            pattern = scene_facts.exact_pattern(self.scene, pattern, total) or pattern
        lay(cycles, "sampling_pattern", pattern)
        if pattern == self._own_pattern:
            return []
        return [
            f"The sampling pattern is {pattern}: the scene's own depends on the number of samples"
            f" a cell above {scene_facts.PATTERN_LIMIT} samples in all. The noise looks different,"
            " and is as strong"
        ]

    def _run(self, frame: int) -> None:
        try:
            result = bpy.ops.render.render(write_still=False, scene=self.scene.name)
        except RuntimeError as error:
            text = failures.operator_reports(error)
            if failures.is_out_of_memory(text):
                raise Failure(
                    failures.MEMORY, f"Blender ran out of memory in frame {frame}: {text}"
                ) from error
            kind = failures.SCENE if "camera" in text.lower() else failures.BLENDER
            raise Failure(
                kind, f"Blender cannot render frame {frame}: {text}", str(error)
            ) from error
        if "FINISHED" not in result:
            raise Failure(failures.BLENDER, f"Blender gave up rendering frame {frame}")

    def _check(self, header, output: str, rendered: dict) -> None:
        asked = rendered["width"], rendered["height"]
        if header.size() != asked:
            raise Failure(
                failures.BLENDER,
                "Blender rendered {}x{} pixels where {}x{} were asked for".format(
                    *header.size(), *asked
                ),
            )
        if os.path.getsize(output) < header.uncompressed_bytes():
            raise _disk_full(output)

    def _check_samples(self, header, output: str, samples: int, total: int) -> None:
        # With a subset, 4.4 and later write the frame's total: it is checked, then set right.
        subset = samples != total and hasattr(self.scene.cycles, "use_sample_subset")
        expected = self.facts.own_layer_samples or dict.fromkeys(
            self.facts.layers, total if subset else samples
        )
        if header.cycles_samples() != expected:
            raise Failure(
                failures.BLENDER,
                f"Blender rendered {header.cycles_samples()} samples where {expected} were asked"
                " for",
            )
        if subset:
            exr_header.set_samples(output, header, dict.fromkeys(self.facts.layers, samples))


def _share(pixel: int, pixels: int) -> float:
    return min(1.0, (pixel + _INTO_PIXEL) / pixels)


def _check_folder(output: str) -> None:
    folder = os.path.dirname(output)
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise Failure(failures.MACHINE, f"Cannot write into the folder {folder}")


def _save(scene: bpy.types.Scene, output: str):
    """Writes the render result. The same file as with write_still, but the time is seen apart."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(output)
    try:
        bpy.data.images["Render Result"].save_render(output, scene=scene)
        return exr_header.read(output)
    except (RuntimeError, OSError, exr_header.NotAnExr, KeyError) as error:
        # A full disk makes Blender print 'Saved' all the same, and leaves an empty file.
        if _free_bytes(output) < 1 << 20:
            raise _disk_full(output) from error
        raise Failure(
            failures.MACHINE, f"Blender could not write {output}: {error}", str(error)
        ) from error


def _free_bytes(output: str) -> int:
    try:
        import shutil

        return shutil.disk_usage(os.path.dirname(output)).free
    except OSError:
        return 1 << 62


def _disk_full(output: str) -> Failure:
    return Failure(
        failures.MACHINE,
        f"{output} was not written to its end: the disk with {os.path.dirname(output)} is full"
        f" ({_free_bytes(output)} bytes free). Make room there",
    )
