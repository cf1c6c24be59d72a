"""The steps together: what comes out, in which order, and how it stops."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from skyserver import pipeline
from skyserver.errors import Cancelled, DeadlineExceeded, InvalidField, MissingExtra, NotFound
from skyserver.model import SkyModel
from skyserver.pipeline import STAGES, Artifact, convert, generate
from skyserver.request import ConvertRequest, Output, SkyRequest
from skyserver.sphere import equirect_to_faces

SMALL = (Output(size=512),)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> SkyModel:
    return SkyModel.load(tiny_model, threads=1)


def pixels(artifact: Artifact) -> NDArray[np.float32]:
    """Decoded by Pillow, which knows nothing of us; and of the size that was announced."""
    image = Pillow.open(io.BytesIO(artifact.data)).convert("RGB")
    assert image.size == (artifact.width, artifact.height)
    return np.asarray(image, np.float32) / 255


def psnr(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2) + 1e-12))


def test_default_request_is_one_panorama(model: SkyModel) -> None:
    (artifact,) = generate(model, SkyRequest("Cu", seed=7)).artifacts
    assert (artifact.name, artifact.media_type) == ("panorama.png", "image/png")
    assert pixels(artifact).shape == (1024, 2048, 3)


def test_same_request_same_bytes_other_request_other_bytes(model: SkyModel) -> None:
    def draw(**changes: object) -> bytes:
        request = SkyRequest("Cu", outputs=SMALL, **changes)  # type: ignore[arg-type]
        return generate(model, request).artifacts[0].data

    first = draw(seed=7)
    assert draw(seed=7) == first
    for change in (
        {"seed": 8},
        {"seed": 7, "psi": 0.3},
        {"seed": 7, "pictures": 3},
        {"seed": 7, "method": "mirror"},
        {"seed": 7, "below": "#123456"},
        {"seed": 7, "mix_with": "Ci"},
        {"seed": 7, "mix_with": "Ci", "mix_share": 0.3},
    ):
        assert draw(**change) != first
    assert draw(seed=7, mix_with="Ci", mix_share=0.0) == first
    assert generate(model, SkyRequest("St", 7, outputs=SMALL)).artifacts[0].data != first


def test_outputs_come_in_order_with_unique_names(model: SkyModel) -> None:
    outputs = (
        Output("faces", 128),
        Output("panorama", 512, "jpg"),
        Output("faces", 128, orientation="threejs"),
        Output("horizontal-cross", 128, "webp"),
    )
    artifacts = generate(model, SkyRequest("Ci", outputs=outputs)).artifacts
    faces = ["px", "nx", "py", "ny", "pz", "nz"]
    assert [artifact.name for artifact in artifacts] == [
        *(f"{face}.png" for face in faces),
        "panorama.jpg",
        *(f"{face}-2.png" for face in faces),
        "horizontal-cross.webp",
    ]
    media = [artifact.media_type for artifact in artifacts]
    assert (media[0], media[6], media[-1]) == ("image/png", "image/jpeg", "image/webp")
    shapes = [pixels(artifact).shape for artifact in artifacts]
    assert shapes == [(128, 128, 3)] * 6 + [(256, 512, 3)] + [(128, 128, 3)] * 6 + [(384, 512, 3)]


def test_all_outputs_show_the_same_sky(model: SkyModel) -> None:
    outputs = (Output(size=1024), Output("faces", 256), Output("panorama", 1024, "png", "opengl"))
    panorama, *faces, turned = generate(model, SkyRequest("Cu", 3, outputs=outputs)).artifacts
    expected = equirect_to_faces(pixels(panorama), 256)
    assert psnr(np.stack([pixels(face) for face in faces]), expected) > 45
    columns = np.concatenate([pixels(panorama)] * 2, axis=1)
    starts = [
        start
        for start in range(0, 1024, 256)
        if np.array_equal(columns[:, start : start + 1024], pixels(turned))
    ]
    assert len(starts) == 1


def test_progress_and_times(model: SkyModel) -> None:
    events: list[tuple[str, float]] = []
    request = SkyRequest("Cu", pictures=2, outputs=SMALL * 2)
    result = generate(model, request, lambda stage, done: events.append((stage, done)))
    stages = [stage for stage, _ in events]
    output = ["upscale", "sphere", "encode"]
    assert stages == ["model"] * 3 + ["panorama"] + output * 2
    assert [done for _, done in events] == pytest.approx(np.arange(10) / 10)
    assert tuple(result.seconds) == STAGES
    assert all(result.seconds[stage] > 0 for stage in ("model", "panorama", "encode"))


@pytest.mark.parametrize("error", [Cancelled("gone"), DeadlineExceeded("late")])
def test_work_stops_before_the_next_step(model: SkyModel, error: Exception) -> None:
    request = SkyRequest("Cu", pictures=2, outputs=SMALL)
    for allowed in range(7):
        begun: list[str] = []

        def cancelled(begun: list[str] = begun, allowed: int = allowed) -> None:
            if len(begun) == allowed:
                raise error

        with pytest.raises(type(error)):
            generate(model, request, lambda stage, _, begun=begun: begun.append(stage), cancelled)
        assert len(begun) == allowed


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (SkyRequest("Cu", seed=-1), "seed"),
        (SkyRequest("Cu", seed=2**64), "seed"),
        (SkyRequest("Cu", psi=1.5), "psi"),
        (SkyRequest("Cu", psi=float("nan")), "psi"),
        (SkyRequest("Cu", pictures=0), "pictures"),
        (SkyRequest("Cu", method="magic"), "method"),
        (SkyRequest("Cu", below="red"), "below"),
        (SkyRequest("Cu", outputs=()), "outputs"),
        (SkyRequest("Cu", mix_with="Ci", mix_share=1.5), "mix_share"),
        (SkyRequest("Cu", mix_with="Ci", mix_share=float("nan")), "mix_share"),
        (SkyRequest("Cu", outputs=(Output(), Output(size=100))), "outputs[1].size"),
    ],
)
def test_bad_requests_cost_no_drawing(
    model: SkyModel, monkeypatch: pytest.MonkeyPatch, request_: SkyRequest, field: str
) -> None:
    monkeypatch.setattr(SkyModel, "run", None)
    with pytest.raises(InvalidField) as caught:
        generate(model, request_)
    assert caught.value.field == field


def test_a_missing_library_costs_no_drawing(
    model: SkyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SkyModel, "run", None)
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    request = SkyRequest("Cu", outputs=(Output(), Output(format="exr")))
    with pytest.raises(MissingExtra, match=r"skyserver\[hdr\]"):
        generate(model, request)


def test_unknown_cloud_costs_no_drawing(model: SkyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SkyModel, "run", None)
    with pytest.raises(NotFound, match="known: Ac"):
        generate(model, SkyRequest("fog"))


def test_pictures_of_the_sky_are_those_of_the_model(
    model: SkyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ring and the zenith reach the panorama in the order of their latents."""
    seen: list[NDArray[np.float32]] = []

    def compose(
        ring: NDArray[np.float32], zenith: NDArray[np.float32], method: str, below: str
    ) -> NDArray[np.float32]:
        assert (method, below) == ("blend", "#000000")
        seen.extend([*ring, zenith])
        return np.zeros((32, 64, 3), np.float32)

    monkeypatch.setattr(pipeline, "compose", compose)
    request = SkyRequest("Sc", 5, 0.6, 3, "blend", "#000000")
    pipeline.draw(model, request, pipeline.Steps())
    latents = pipeline.sky_latents(5, model.info.layers, model.info.z_dim, 3)
    expected = model.run(latents, model.class_weights("Sc"), 0.6)
    np.testing.assert_array_equal(np.stack(seen), expected)


def test_mirror_draws_the_one_picture_that_it_uses(model: SkyModel) -> None:
    stages: list[str] = []
    request = SkyRequest("Sc", 5, 0.6, 3, "mirror", outputs=SMALL)
    generate(model, request, lambda stage, _: stages.append(stage))
    assert stages == ["model", "panorama", "upscale", "sphere", "encode"]
    latents = pipeline.sky_latents(5, model.info.layers, model.info.z_dim, 3)
    pictures = model.run(latents, model.class_weights("Sc"), 0.6)
    expected = pipeline.compose(pictures[:-1], pictures[-1], "mirror", "haze")
    np.testing.assert_array_equal(pipeline.draw(model, request, pipeline.Steps()), expected)


def test_convert_keeps_a_panorama_to_the_pixel() -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (256, 512, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, "png")
    (artifact,) = convert([buffer.getvalue()], ConvertRequest(outputs=SMALL)).artifacts
    np.testing.assert_array_equal(np.round(pixels(artifact) * 255), image)


@pytest.mark.parametrize("orientation", ["unity", "unreal"])
def test_convert_keeps_a_cubemap_to_the_pixel(orientation: str) -> None:
    """Into another layout and another engine's orientation and back, at its own size."""
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (128, 6 * 128, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, "png")
    outputs = (Output("faces", 128, orientation=orientation),)
    faces = convert([buffer.getvalue()], ConvertRequest(outputs=outputs)).artifacts
    back = ConvertRequest(orientation=orientation, outputs=(Output("strip", 128),))
    (strip,) = convert([face.data for face in faces], back).artifacts
    np.testing.assert_array_equal(np.round(pixels(strip) * 255), image)


def test_the_sun_of_a_panorama_is_told_in_unitys_axes_for_any_output() -> None:
    sky = np.full((128, 256, 3), 40, np.uint8)
    sky[30:36, 61:67] = 255  # +Z is a quarter from the left; the middle of these rows is up 43.6°
    buffer = io.BytesIO()
    Pillow.fromarray(sky).save(buffer, "png")
    outputs = (Output("faces", 128, orientation="unreal"),)
    sun = convert([buffer.getvalue()], ConvertRequest(outputs=outputs)).sun
    up = np.radians(90 - 33 / 128 * 180)
    assert sun.direction == pytest.approx((0, np.sin(up), np.cos(up)), abs=0.02)
    assert sun.confidence > 0.9
    turned = convert([buffer.getvalue()], ConvertRequest(orientation="unreal", outputs=outputs)).sun
    assert turned.direction == pytest.approx((0, np.sin(up), -np.cos(up)), abs=0.02)


def test_convert_there_and_back(model: SkyModel) -> None:
    (panorama,) = generate(model, SkyRequest("Cu", 1, outputs=SMALL)).artifacts
    outputs = (Output("vertical-cross", 256, orientation="threejs"),)
    (cross,) = convert([panorama.data], ConvertRequest(outputs=outputs)).artifacts
    assert pixels(cross).shape == (1024, 768, 3)
    back = ConvertRequest(orientation="threejs", outputs=SMALL)
    (again,) = convert([cross.data], back).artifacts
    assert psnr(pixels(again), pixels(panorama)) > 40


def test_convert_reports_and_stops_too(model: SkyModel) -> None:
    (panorama,) = generate(model, SkyRequest("Cu", 1, outputs=SMALL)).artifacts
    stages: list[str] = []
    result = convert(
        [panorama.data], ConvertRequest(outputs=SMALL), lambda stage, _: stages.append(stage)
    )
    assert stages == ["panorama", "upscale", "sphere", "encode"]
    assert result.seconds["model"] == 0

    def gone() -> None:
        raise Cancelled("gone")

    with pytest.raises(Cancelled):
        convert([panorama.data], ConvertRequest(), cancelled=gone)
