"""What a model file says about itself, checked: docs/model-file.md is the specification."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from skyserver.clouds import CLOUD_TYPES, CloudType

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, NodeArg

FORMAT: Final = "1"
MAX_METADATA_CHARACTERS: Final = 64 * 2**10

_INPUT_RANKS: Final = {"z": 3, "c": 2, "psi": 1}
_SIZES: Final = {
    "layers": (1, 64),
    "z_dim": (1, 4096),
    "classes": (1, 1000),
    "height": (16, 1024),  # pixels
    "width": (16, 1024),
}
_CODE = re.compile(r"[A-Za-z0-9_-]{1,16}")


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says about itself.

    `digest` is the SHA-256 of the file in hexadecimal, `height` and `width` the size of a picture
    in pixels, `layers` and `z_dim` the shape of its latents, `wraps` whether the left edge of a
    picture continues its right one, `training` free facts.
    """

    name: str
    digest: str
    height: int
    width: int
    layers: int
    z_dim: int
    classes: tuple[CloudType, ...]
    wraps: bool
    licence: str
    training: Mapping[str, Any]


class UnfitModelError(Exception):
    """A model that is ONNX but not one of the specification; the message says why."""


def describe(session: InferenceSession, digest: str) -> ModelInfo:
    """Read the shapes and metadata of a model whose file has the SHA-256 `digest`.

    Raises:
        UnfitModelError: the model is not one of the specification.

    """
    metadata = session.get_modelmeta().custom_metadata_map
    if _text(metadata, "format") != FORMAT:
        raise UnfitModelError(f"skyserver.format must be {FORMAT}")
    wraps = _text(metadata, "wraps_horizontally")
    if wraps not in ("true", "false"):
        raise UnfitModelError("skyserver.wraps_horizontally must be true or false")
    training = _json(metadata, "training") if "skyserver.training" in metadata else {}
    if not isinstance(training, dict):
        raise UnfitModelError("skyserver.training must be a JSON object")
    sizes = _sizes(session)
    return ModelInfo(
        name=_printable("skyserver.name", _text(metadata, "name"), 100),
        digest=digest,
        height=sizes["height"],
        width=sizes["width"],
        layers=sizes["layers"],
        z_dim=sizes["z_dim"],
        classes=_classes(_json(metadata, "classes"), sizes["classes"]),
        wraps=wraps == "true",
        licence=_printable("skyserver.licence", _text(metadata, "licence"), 1000),
        training=training,
    )


def _sizes(session: InferenceSession) -> dict[str, int]:
    inputs = {node.name: node for node in session.get_inputs()}
    outputs = {node.name: node for node in session.get_outputs()}
    if set(inputs) != set(_INPUT_RANKS) or "image" not in outputs:
        raise UnfitModelError("inputs must be z, c and psi, and an output image")
    for name, rank in _INPUT_RANKS.items():
        _check_tensor(inputs[name], rank)
    _check_tensor(outputs["image"], 4)
    if outputs["image"].shape[1] != 3:
        raise UnfitModelError("image must have 3 channels")
    sizes = dict(
        zip(
            ("layers", "z_dim", "classes", "height", "width"),
            (*inputs["z"].shape[1:], *inputs["c"].shape[1:], *outputs["image"].shape[2:]),
            strict=True,
        )
    )
    for name, size in sizes.items():
        low, high = _SIZES[name]
        if not isinstance(size, int) or not low <= size <= high:
            raise UnfitModelError(f"{name} must be a fixed number from {low} to {high}")
    return sizes


def _check_tensor(node: NodeArg, rank: int) -> None:
    """Float32, of the rank, and with a batch that may be 1."""
    if node.type != "tensor(float)" or len(node.shape) != rank:
        raise UnfitModelError(f"{node.name} must be float32 with {rank} dimensions")
    if isinstance(node.shape[0], int) and node.shape[0] != 1:
        raise UnfitModelError(f"the batch dimension of {node.name} must be dynamic or 1")


def _classes(value: Any, count: int) -> tuple[CloudType, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise UnfitModelError(f"skyserver.classes must be a JSON list of {count}, as wide as c")
    known = {cloud.code: cloud.description for cloud in CLOUD_TYPES}
    classes = []
    for entry in value:
        code = entry.get("code") if isinstance(entry, dict) else None
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise UnfitModelError(
                "skyserver.classes needs a code of 1 to 16 letters, digits, - or _ in each"
            )
        name = _printable("skyserver.classes name", entry.get("name"), 100)
        description = entry.get("description") or known.get(code) or name
        classes.append(
            CloudType(code, name, _printable("skyserver.classes description", description, 200))
        )
    codes = {cloud.code.casefold() for cloud in classes}
    names = {cloud.name.casefold() for cloud in classes}
    if len(codes) < count or len(names) < count:
        raise UnfitModelError("skyserver.classes must differ in code and name")
    return tuple(classes)


def _text(metadata: Mapping[str, str], key: str) -> str:
    value = metadata.get(f"skyserver.{key}")
    if value is None:
        raise UnfitModelError(f"the metadata lack skyserver.{key}")
    if len(value) > MAX_METADATA_CHARACTERS:
        raise UnfitModelError(
            f"skyserver.{key} is longer than {MAX_METADATA_CHARACTERS} characters"
        )
    return value


def _json(metadata: Mapping[str, str], key: str) -> Any:
    try:
        return json.loads(_text(metadata, key))
    except (ValueError, RecursionError):
        raise UnfitModelError(f"skyserver.{key} is not JSON") from None


def _printable(key: str, value: Any, limit: int) -> str:
    """`value` as text that is safe to show in a terminal."""
    if not isinstance(value, str) or not 1 <= len(value) <= limit or not value.isprintable():
        raise UnfitModelError(f"{key} must be 1 to {limit} printable characters")
    return value
