"""What a caller may ask for: the fields, their ranges and their defaults, in one place.

The gRPC servicer, the command line and the library all build these; `check` is the only validation
of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from skyserver.errors import InvalidField
from skyserver.orientation import ORIENTATIONS

MAX_SEED: Final = 2**64 - 1
PSI_RANGE: Final = (0.0, 1.0)
SHARE_RANGE: Final = (0.0, 1.0)
PICTURES_RANGE: Final = (1, 8)
METHODS: Final = ("blend", "mirror")
BELOWS: Final = ("haze", "mirror")  # or a colour, #rrggbb
LAYOUTS: Final = ("panorama", "faces", "strip", "horizontal-cross", "vertical-cross")
PANORAMA_WIDTHS: Final = (512, 1024, 2048, 4096, 8192)  # pixels; the height is half of it
FACE_SIZES: Final = (128, 256, 512, 1024, 2048)  # pixels
FORMATS: Final = ("png", "jpg", "webp", "exr", "hdr")
MAX_OUTPUTS: Final = 4
THUMBNAIL_SIZES: Final = (32, 256)  # pixels, of both edges; any between them
THUMBNAIL_SIZE: Final = 128
KINDS: Final = ("auto", "flat", "panorama", "faces", "strip", "horizontal-cross", "vertical-cross")

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Output:
    """One thing to make of a sky.

    `size` is the width of a panorama, or the edge of a cube face in every other layout, in pixels.
    """

    layout: str = "panorama"
    size: int = 2048
    format: str = "png"
    orientation: str = "unity"

    def check(self, name: str = "output") -> None:
        """Raise `InvalidField`, naming the field under `name`, unless everything is allowed."""
        _one_of(f"{name}.layout", self.layout, LAYOUTS)
        sizes = PANORAMA_WIDTHS if self.layout == "panorama" else FACE_SIZES
        _one_of(f"{name}.size", self.size, sizes)
        _one_of(f"{name}.format", self.format, FORMATS)
        _one_of(f"{name}.orientation", self.orientation, tuple(ORIENTATIONS))


@dataclass(frozen=True)
class SkyRequest:
    """A sky to draw.

    `cloud` and `mix_with` are codes or names that the model knows; the model checks them. Of a
    mixture `mix_with` has the share `mix_share` and `cloud` the rest; "" is no mixture.
    """

    cloud: str
    seed: int = 0
    psi: float = 0.8
    pictures: int = 4
    method: str = "blend"
    below: str = "haze"
    outputs: tuple[Output, ...] = field(default=(Output(),))
    mix_with: str = ""
    mix_share: float = 0.5

    def check(self) -> None:
        """Raise `InvalidField`, naming the field, unless all but the cloud types is allowed."""
        _within("seed", self.seed, (0, MAX_SEED))
        _within("psi", self.psi, PSI_RANGE)
        _within("pictures", self.pictures, PICTURES_RANGE)
        _within("mix_share", self.mix_share, SHARE_RANGE)
        _one_of("method", self.method, METHODS)
        check_below(self.below)
        check_outputs(self.outputs)


@dataclass(frozen=True)
class ConvertRequest:
    """The caller's own image to turn into other outputs.

    `kind` says what the image is, `auto` guesses from its shape; `orientation` is the convention it
    is in. `method` and `below` complete a flat picture and are not used for the other kinds.
    """

    kind: str = "auto"
    orientation: str = "unity"
    method: str = "blend"
    below: str = "haze"
    outputs: tuple[Output, ...] = field(default=(Output(),))

    def check(self) -> None:
        """Raise `InvalidField`, naming the field, unless everything is allowed."""
        _one_of("kind", self.kind, KINDS)
        _one_of("orientation", self.orientation, tuple(ORIENTATIONS))
        _one_of("method", self.method, METHODS)
        check_below(self.below)
        check_outputs(self.outputs)


def check_thumbnail_size(size: int) -> None:
    """Raise `InvalidField` unless it lies within `THUMBNAIL_SIZES`."""
    _within("size", size, THUMBNAIL_SIZES)


def check_below(below: str) -> None:
    """`below` is one of `BELOWS` or a colour written #rrggbb."""
    if below not in BELOWS and not _COLOUR.fullmatch(below):
        raise InvalidField("below", below, f"{', '.join(BELOWS)} or a colour #rrggbb")


def check_outputs(outputs: tuple[Output, ...]) -> None:
    """Between one and `MAX_OUTPUTS` outputs, each allowed."""
    if not 1 <= len(outputs) <= MAX_OUTPUTS:
        raise InvalidField("outputs", len(outputs), f"1 to {MAX_OUTPUTS} outputs")
    for index, output in enumerate(outputs):
        output.check(f"outputs[{index}]")


def _one_of(name: str, value: object, allowed: Iterable[object]) -> None:
    allowed = tuple(allowed)
    if value not in allowed:
        raise InvalidField(name, value, ", ".join(map(str, allowed)))


def _within(name: str, value: float, bounds: tuple[float, float]) -> None:
    low, high = bounds
    if not low <= value <= high:  # false for NaN too
        raise InvalidField(name, value, f"{low} to {high}")
