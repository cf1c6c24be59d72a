import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from training.looking.perceptual import PerceptualDistance
from training.network import Generator, GeneratorConfig
from training.quantize.distil import Distillation, Options, draw, latents
from training.quantize.targets import SMALLEST
from training.quantize.weights import as_matrix, block_length, round_to_nearest
from training.served import ServedGenerator

TINY = GeneratorConfig(
    resolution=8, classes=3, z_dim=16, w_dim=32, channel_base=512, channel_max=32
)


class Pooled(nn.Module):
    """A stand-in for the frozen network: the picture at two sizes."""

    def forward(self, x):
        return [F.avg_pool2d(x, 8) + 0.5, F.avg_pool2d(x, 32) + 0.5]


def distillation(**options):
    torch.manual_seed(0)
    teacher = Generator(TINY)
    for name, parameter in teacher.named_parameters():
        if name.endswith(("noise_strength", "bias")):
            parameter.data += 0.2 * torch.randn(parameter.shape)
    options = {"bits": 3, "kimg": 0.2, "batch": 4, **options}
    return Distillation(teacher, Options(**options), distance=PerceptualDistance(Pooled()))


def test_the_student_draws_what_the_teacher_draws_better_and_better():
    work = distillation(lr=2e-3, kimg=0.06, batch=2)
    before = work.psnr()
    while work.kimg < work.options.kimg:
        work.step()
    assert work.psnr() > before + 0.7


def test_the_student_begins_as_the_teacher_rounded_to_nearest():
    work = distillation(bits=4)
    weight = work.teacher.synthesis.b8.conv0.weight
    columns = weight[0].numel()
    expected = round_to_nearest(weight.flatten(1).numpy(), 4, block_length(columns, 32))
    found = work.student.synthesis.b8.conv0.weight.detach().flatten(1)
    assert (found - torch.from_numpy(expected.dequantize())).abs().max() < 1e-3


@pytest.mark.parametrize("bits", [4, 8])
def test_a_served_student_rounded_to_nearest_is_the_student(bits):
    """Every large weight of the served graph gets its learned codes back."""
    work = distillation(bits=bits)
    for _ in range(3):
        work.step()
    student = Generator(TINY)
    student.load_state_dict(work.quantized())
    served = ServedGenerator(student.eval())
    transposed = [f"layers.{i}" for i, layer in enumerate(served.layers) if layer.up]
    rounded = 0
    for name, tensor in served.named_buffers():
        learned = name.endswith(".weight") or name == "const"
        if not learned or tensor.numel() < SMALLEST or tensor.numel() % 8:
            continue
        up = name.endswith("weights.weight") and name.rsplit(".", 2)[0] in transposed
        matrix = as_matrix(tensor.numpy(), axis=int(up or name == "const"))
        width = 8 if name.startswith(("mapping", "embed")) else bits
        block = None if width == 8 else block_length(matrix.shape[1], 32)
        again = round_to_nearest(matrix, width, block).dequantize()
        torch.testing.assert_close(
            torch.from_numpy(again), torch.from_numpy(matrix), rtol=1e-3, atol=1e-8
        )
        rounded += 1
    assert rounded == len([m for m in work.student.modules() if hasattr(m, "parametrizations")])
    assert rounded > 5


def test_a_run_that_goes_on_learns_the_same():
    whole, first, second = distillation(), distillation(), distillation()
    for _ in range(4):
        whole.step()
    for _ in range(2):
        first.step()
    second.resume({part: dict(state) for part, state in first.state().items()})
    for _ in range(2):
        second.step()
    assert second.shown == whole.shown == 16
    for name, value in whole.quantized().items():
        torch.testing.assert_close(second.quantized()[name], value, rtol=0, atol=0)


def test_the_teacher_is_left_as_it_is():
    work = distillation()
    before = {name: value.clone() for name, value in work.teacher.state_dict().items()}
    work.step()
    assert all(torch.equal(before[name], v) for name, v in work.teacher.state_dict().items())
    assert set(work.quantized()) == set(before)


def test_pictures_are_those_of_the_served_graph():
    teacher = distillation().teacher
    z, c = latents(TINY, 5, torch.Generator().manual_seed(0))
    served = ServedGenerator(teacher)(z, c, torch.ones(5))
    torch.testing.assert_close(draw(teacher, z, c).clamp(-1, 1), served, rtol=0, atol=1e-4)


def test_latents_are_of_every_class_and_half_of_them_of_one_piece():
    z, c = latents(TINY, 600, torch.Generator().manual_seed(0))
    assert z.shape == (600, TINY.num_ws, TINY.z_dim)
    assert (c.sum(dim=0) > 150).all()
    pure = (z == z[:, :1]).flatten(1).all(dim=1).double().mean()
    assert 0.4 < pure < 0.6
    assert all(len(sample.unique(dim=0)) <= 2 for sample in z)


@pytest.mark.parametrize(
    ("name", "value"),
    [("bits", 1), ("bits", 9), ("kimg", 0), ("kimg", math.nan), ("batch", 0), ("lr", -1.0)],
)
def test_options_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=f"{name}: {value} is not allowed; allowed: "):
        Options(**{"bits": 4, "kimg": 1, name: value})
