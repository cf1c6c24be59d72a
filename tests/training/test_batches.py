import pytest
import torch

from training import dataset
from training.batches import Batches, to_float, to_pixels
from training.seeds import Stream, mixed, seeded

SIZE = 8


@pytest.fixture(scope="module")
def data(tiny_data):
    return dataset.load(tiny_data, 16)


def batches(data, part=None, seed=0, classes=2):
    part = torch.arange(SIZE) if part is None else part
    return Batches(data, classes, z_dim=4, size=SIZE, seed=seed, part=part)


def upright(reals):
    """Each picture or its mirror image, whichever sorts first."""
    return sorted(min(r.flatten().tolist(), r.flip(2).flatten().tolist()) for r in reals)


def test_a_pass_shows_every_picture_once_with_its_class(data):
    stream = batches(data)
    a_pass = [stream.at(shown) for shown in range(0, len(data), SIZE)]
    reals = torch.cat([batch.reals for batch in a_pass])
    assert upright(reals) == upright(to_float(data.images))
    labels = torch.cat([batch.c_real for batch in a_pass]).argmax(dim=1)
    light = reals.mean(dim=(1, 2, 3)) > 0
    assert torch.equal(labels.bool(), light)


def test_passes_join_in_the_middle_of_a_batch(data):
    stream, n = batches(data), len(data)
    joined = stream.at(n - 3).reals
    pictures = upright(torch.cat([stream.at(n - 8).reals[5:], stream.at(n).reals[:5]]))
    assert upright(joined) == pictures


def test_passes_differ_in_their_order(data):
    stream = batches(data)
    assert upright(stream.at(0).reals) != upright(stream.at(len(data)).reals)


def test_half_of_the_pictures_are_mirrored(data):
    stream = batches(data)
    originals = to_float(data.images).flatten(1).tolist()
    shown = torch.cat([stream.at(s).reals for s in range(0, 8 * len(data), SIZE)]).flatten(1)
    share = sum(row in originals for row in shown.tolist()) / len(shown)
    assert 0.4 < share < 0.6


def test_a_batch_depends_on_its_position_alone(data):
    stream, other = batches(data), batches(data)
    stream.at(0)
    a, b = stream.at(64), other.at(64)
    for name in ("reals", "c_real", "z", "c_fake"):
        assert torch.equal(getattr(a, name), getattr(b, name))
    assert not torch.equal(a.z, batches(data, seed=1).at(64).z)


def test_parts_make_up_the_whole(data):
    whole = batches(data).at(24)
    parts = [torch.tensor([0, 2, 4, 6]), torch.tensor([1, 3, 5, 7])]
    for part in parts:
        batch = batches(data, part).at(24)
        for name in ("reals", "c_real", "z", "c_fake"):
            assert torch.equal(getattr(batch, name), getattr(whole, name)[part])


def test_an_unconditional_model_gets_no_classes(data):
    batch = batches(data, classes=0).at(0)
    assert batch.c_real is None
    assert batch.c_fake is None


def test_pixels_and_back():
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert to_float(images).aminmax() == (torch.tensor(-1.0), torch.tensor(1.0))
    assert (to_pixels(to_float(images)) == images.permute(0, 2, 3, 1).numpy()).all()


def test_streams_and_positions_have_numbers_of_their_own():
    keys = [(0, s, p) for s in Stream for p in range(50)] + [(1, Stream.NOISE, 0)]
    assert len({mixed(*key) for key in keys}) == len(keys)
    a, b = (torch.rand(1000, generator=seeded(0, Stream.NOISE, p)) for p in (0, 1))
    assert abs(float(torch.corrcoef(torch.stack([a, b]))[0, 1])) < 0.15
