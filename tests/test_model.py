"""Loading trusted to nobody, and drawing that depends on the request alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import pytest
import tiny
from onnx import TensorProto, helper

from skyserver import model as model_module
from skyserver.clouds import CLOUD_TYPES
from skyserver.errors import ModelError, NotFound
from skyserver.latents import sky_latents
from skyserver.model import SkyModel

Change = Callable[[onnx.ModelProto], None]


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> SkyModel:
    return SkyModel.load(tiny_model)


def prop(key: str, value: str | None) -> Change:
    """Set, or without a value remove, a metadata entry."""

    def change(model: onnx.ModelProto) -> None:
        entries = {entry.key: entry.value for entry in model.metadata_props}
        entries.pop(f"skyserver.{key}", None)
        if value is not None:
            entries[f"skyserver.{key}"] = value
        del model.metadata_props[:]
        helper.set_model_props(model, entries)

    return change


def classes(count: int, **changes: object) -> Change:
    entries: list[dict[str, object]] = [
        {"code": cloud.code, "name": cloud.name} for cloud in CLOUD_TYPES[:count]
    ]
    entries[0].update(changes)
    return prop("classes", json.dumps(entries))


def rename_input(model: onnx.ModelProto) -> None:
    model.graph.input[0].name = "latent"
    model.graph.node[0].input[0] = "latent"


def rename_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = model.graph.node[-1].output[0] = "picture"


def fix_batch(model: onnx.ModelProto) -> None:
    for value in model.graph.input:
        value.type.tensor_type.shape.dim[0].dim_value = 4


def free_layers(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "layers"


def double_psi(model: onnx.ModelProto) -> None:
    model.graph.input[2].type.tensor_type.elem_type = TensorProto.DOUBLE
    cast = helper.make_node("Cast", ["psi"], ["psi_float"], to=TensorProto.FLOAT)
    model.graph.node[1].input[0] = "psi_float"
    model.graph.node.insert(0, cast)


def external_data(model: onnx.ModelProto) -> None:
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="weights.bin")


def custom_operator(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("evil.example", 1))
    model.graph.node[-1].domain = "evil.example"


def test_load_describes_the_file(model: SkyModel, tiny_model: Path) -> None:
    info = model.info
    assert info.name == "tiny"
    assert info.digest == hashlib.sha256(tiny_model.read_bytes()).hexdigest()
    assert (info.height, info.width, info.layers, info.z_dim) == (64, 64, 10, 16)
    assert info.classes == CLOUD_TYPES  # descriptions of known codes come from clouds.py
    assert info.wraps is False
    assert info.licence == "CC0-1.0"
    assert info.training == {"kimg": 0}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (external_data, "external data"),
        (custom_operator, "ONNX Runtime refuses it"),
        (rename_input, "inputs must be z, c and psi"),
        (rename_output, "an output image"),
        (fix_batch, "batch dimension of z"),
        (free_layers, "layers must be a fixed number from 1 to 64"),
        (double_psi, "psi must be float32"),
        (prop("format", None), "lack skyserver.format"),
        (prop("format", "2"), "skyserver.format must be 1"),
        (prop("name", "a\x1b[31m"), "skyserver.name must be"),
        (prop("licence", ""), "skyserver.licence must be"),
        (prop("wraps_horizontally", "yes"), "must be true or false"),
        (prop("training", "[]"), "must be a JSON object"),
        (prop("training", "{"), "skyserver.training is not JSON"),
        (prop("training", "[" * 60_000), "skyserver.training is not JSON"),
        (prop("training", "9" * 5_000), "skyserver.training is not JSON"),
        (prop("training", " " * 70_000), "longer than"),
        (prop("classes", "null"), "JSON list of 11"),
        (classes(10), "JSON list of 11"),
        (classes(11, code="<b>"), "needs a code"),
        (classes(11, code=None), "needs a code"),
        (classes(11, code="CU"), "must differ"),
        (classes(11, name=7), "classes name must be"),
        (classes(11, description="\n"), "classes description must be"),
    ],
)
def test_unfit_models_are_refused_in_one_line(tmp_path: Path, change: Change, reason: str) -> None:
    path = tmp_path / "unfit.onnx"
    proto = tiny.tiny_model()
    change(proto)
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ModelError) as caught:
        SkyModel.load(path)
    message = str(caught.value)
    assert reason in message
    assert str(path) in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"not a model at all\n",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[:64] + b"\xff" * 64 + data[128:],
        lambda data: b"\0\0\0\0ORTM" + data,
    ],
    ids=["empty", "text", "half", "one byte short", "overwritten", "other format"],
)
def test_damaged_files_are_refused_in_one_line(
    tmp_path: Path, tiny_model: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "damaged.onnx"
    path.write_bytes(damage(tiny_model.read_bytes()))
    with pytest.raises(ModelError, match=r"damaged\.onnx: .*") as caught:
        SkyModel.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", range(8))
def test_any_damage_ends_in_a_picture_or_one_line(
    tmp_path: Path, tiny_model: Path, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    """Bytes at random outside the weights: names, shapes, metadata, lengths."""
    rng, whole = np.random.default_rng(seed), tiny_model.read_bytes()
    path, messages = tmp_path / "damaged.onnx", []
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.integers(1, 5)):
            data[rng.choice([rng.integers(600), -rng.integers(1, 1400)])] = rng.integers(256)
        path.write_bytes(data)
        try:
            model = SkyModel.load(path, threads=1)
            z = np.zeros((1, model.info.layers, model.info.z_dim), np.float32)
            model.run(z, model.class_weights(model.info.classes[0].code), 0.8)
        except ModelError as error:
            messages.append(str(error))
    assert messages
    assert all(message.isprintable() for message in messages)
    assert capfd.readouterr() == ("", "")


def test_absent_file_folder_and_huge_file(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx: cannot be read"):
        SkyModel.load(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        SkyModel.load(tmp_path)
    monkeypatch.setattr(model_module, "MAX_MODEL_BYTES", 1000)
    with pytest.raises(ModelError, match=r"tiny\.onnx: too big"):
        SkyModel.load(tiny_model)


def test_the_default_model_is_the_one_in_the_package(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_module.resources, "files", lambda package: tmp_path / package)
    with pytest.raises(ModelError, match="the default model is not in this installation"):
        SkyModel.load()
    folder = tmp_path / "skyserver" / "models"
    folder.mkdir(parents=True)
    (folder / "default.onnx").write_bytes(tiny_model.read_bytes())
    assert SkyModel.load().info.name == "tiny"


def test_external_file_is_never_opened(tmp_path: Path) -> None:
    """The runtime, which would look for it in the working directory, is not even loaded."""
    (tmp_path / "weights.bin").write_bytes(bytes(1 << 20))
    proto = tiny.tiny_model()
    external_data(proto)
    (tmp_path / "external.onnx").write_bytes(proto.SerializeToString())
    script = (
        "import sys\n"
        "from skyserver.errors import ModelError\n"
        "from skyserver.model import SkyModel\n"
        "try:\n"
        "    SkyModel.load('external.onnx')\n"
        "except ModelError as error:\n"
        "    assert 'onnxruntime' not in sys.modules, 'the runtime saw the file'\n"
        "    print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout == (
        "external.onnx: external data; allowed: a model with its weights inside\n"
    )
    assert result.stderr == ""


@pytest.mark.parametrize("given", ["Cu", "cu", "CUMULUS", "cumulus"])
def test_class_weights_by_code_or_name(model: SkyModel, given: str) -> None:
    weights = model.class_weights(given)
    assert weights.dtype == np.float32
    assert weights.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("given", ["", "Cux", "cumulu", "nimbus"])
def test_unknown_cloud_lists_those_known(model: SkyModel, given: str) -> None:
    with pytest.raises(NotFound, match=r"cloud: .* is unknown; known: Ac \(altocumulus\), As"):
        model.class_weights(given)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_mixture_shares_the_weight_out(model: SkyModel, share: float) -> None:
    weights = model.class_weights("Cu", "cirrus", share)
    assert weights.dtype == np.float32
    expected = {"Cu": 1 - share, "Ci": share}
    known = [expected.get(cloud.code, 0) for cloud in model.info.classes]
    np.testing.assert_allclose(weights, known, atol=1e-7)


def test_a_type_mixed_with_itself_is_itself(model: SkyModel) -> None:
    np.testing.assert_array_equal(
        model.class_weights("Cu", "Cu", 0.3), model.class_weights("Cu"), strict=True
    )


def test_an_unknown_type_to_mix_in_is_named(model: SkyModel) -> None:
    with pytest.raises(NotFound, match=r"mix_with: 'fog' is unknown; known: Ac") as caught:
        model.class_weights("Cu", "fog")
    assert caught.value.field == "mix_with"


def test_run_matches_the_reference_evaluator(model: SkyModel) -> None:
    z = sky_latents(7, 10, 16, pictures=2)
    c = model.class_weights("Ci")
    images = model.run(z, c, 0.7)
    assert images.shape == (3, 64, 64, 3)
    assert images.dtype == np.float32
    feed = {"z": z, "c": np.stack([c] * 3), "psi": np.full(3, 0.7, np.float32)}
    expected = onnx.reference.ReferenceEvaluator(tiny.tiny_model()).run(["image"], feed)[0]
    np.testing.assert_allclose(images, expected.transpose(0, 2, 3, 1) / 2 + 0.5, atol=1e-5)


def test_pictures_do_not_depend_on_their_company_or_the_threads(tiny_model: Path) -> None:
    one, two = SkyModel.load(tiny_model, threads=1), SkyModel.load(tiny_model, threads=2)
    z = sky_latents(3, 10, 16, pictures=4)
    c = one.class_weights("Cb")
    together = one.run(z, c, 0.8)
    alone = np.concatenate([two.run(latent[None], c, 0.8) for latent in z])
    assert together.tobytes() == alone.tobytes()


def test_every_input_matters(model: SkyModel) -> None:
    z = sky_latents(1, 10, 16, pictures=1)
    cu, st = model.class_weights("Cu"), model.class_weights("St")
    picture = model.run(z, cu, 0.8)
    assert np.abs(picture[0] - picture[1]).max() > 0.05
    assert np.abs(picture - model.run(z, st, 0.8)).max() > 0.05
    assert np.abs(picture - model.run(z, cu, 0.2)).max() > 0.05


def test_values_outside_the_range_are_clipped(tmp_path: Path) -> None:
    proto = tiny.tiny_model()
    proto.graph.node[5].op_type = "Identity"
    onnx.save(proto, tmp_path / "loud.onnx")
    model = SkyModel.load(tmp_path / "loud.onnx")
    image = model.run(sky_latents(0, 10, 16, 1) * 10, model.class_weights("Cu"), 1.0)
    assert image.min() == 0
    assert image.max() == 1


def test_a_model_that_draws_no_numbers_is_an_error(tmp_path: Path) -> None:
    proto = tiny.tiny_model()
    proto.graph.node[5].op_type = "Log"
    onnx.save(proto, tmp_path / "nan.onnx")
    model = SkyModel.load(tmp_path / "nan.onnx")
    with pytest.raises(ModelError, match="drew something else"):
        model.run(sky_latents(0, 10, 16, 1), model.class_weights("Cu"), 0.8)


def test_import_is_quick() -> None:
    """ONNX Runtime is loaded with the first model, not with the module."""
    script = "import sys, skyserver.model; assert 'onnxruntime' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
