import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

from skyserver.errors import UnreadableImage
from training.looking import project
from training.looking.perceptual import PerceptualDistance
from training.looking.project import (
    Projector,
    autocorrelation,
    comparison,
    learning_rate,
    load_photo,
    save_style,
)


class Pyramid(nn.Module):
    """In place of the frozen network: the picture and its brightness, at three scales."""

    def forward(self, images):
        full = torch.cat([images, torch.ones_like(images[:, :1])], dim=1)
        return [F.avg_pool2d(full, size) for size in (8, 16, 32)]


def projector(sampler, code, steps=40, seed=0, target=("Cu", 5)):
    ws = sampler.every_layer(sampler.style(*target, 1.0)[None])
    photo = sampler.generator.synthesis(ws, noise="const")[0].clamp(-1, 1)
    return Projector(sampler, photo, PerceptualDistance(Pyramid()), code, steps, seed)


def test_it_finds_back_a_picture_that_the_model_drew(sampler):
    search = projector(sampler, "Cu")
    start = search.result()
    distances = []
    found = search.run(distances.append)
    assert len(distances) == found.steps == 40
    assert found.distance < start.distance / 10
    assert found.psnr > start.psnr + 10


def test_it_starts_from_the_average_of_the_class(sampler):
    start = projector(sampler, "St").result()
    torch.testing.assert_close(start.w, sampler.averages[1])


def test_the_class_is_the_one_whose_average_is_nearest(sampler):
    for index, code in enumerate(sampler.classes):
        average = sampler.every_layer(sampler.averages[index : index + 1])
        photo = sampler.generator.synthesis(average, noise="const")[0].clamp(-1, 1)
        assert Projector(sampler, photo, PerceptualDistance(Pyramid()), None, 1, 0).code == code


def test_the_same_seed_finds_the_same_style(sampler):
    one, same, other = (projector(sampler, "Cu", 3, seed).run() for seed in (4, 4, 5))
    torch.testing.assert_close(one.w, same.w, rtol=0, atol=0)
    assert not torch.equal(one.w, other.w)


def test_the_generator_is_left_as_it_was(sampler):
    before = {k: v.clone() for k, v in sampler.generator.state_dict().items()}
    projector(sampler, "Cu", 2).run()
    assert all(torch.equal(v, before[k]) for k, v in sampler.generator.state_dict().items())


def test_noise_maps_stay_white(sampler):
    found = projector(sampler, "Cu", 15).run()
    assert len(found.noise) == 5
    for noise in found.noise.values():
        assert abs(float(noise.mean())) < 1e-5
        assert float(noise.square().mean()) == pytest.approx(1, abs=0.05)


def test_ctrl_c_keeps_what_it_has(sampler):
    search = projector(sampler, "Cu")

    def interrupt(_):
        if search.done == 7:
            raise KeyboardInterrupt

    found = search.run(interrupt)
    assert found.steps == 7
    assert found.distance < projector(sampler, "Cu").result().distance


def test_autocorrelation_in_closed_form():
    """A constant is 1 with itself in both directions on its one scale, a checkerboard -1."""
    board = (torch.arange(8)[:, None] + torch.arange(8)) % 2 * 2.0 - 1
    assert float(autocorrelation(torch.ones(8, 8))) == pytest.approx(2)
    assert float(autocorrelation(board)) == pytest.approx(2)
    torch.manual_seed(0)
    white = float(autocorrelation(torch.randn(64, 64)))
    smooth = float(autocorrelation(F.avg_pool2d(torch.randn(1, 64, 64), 5, 1, 2)[0] * 5))
    assert white < 0.1 < smooth


def test_the_learning_rate_rises_holds_and_falls():
    assert learning_rate(0) == 0
    assert learning_rate(0.025) == pytest.approx(0.5)
    assert learning_rate(0.5) == 1
    assert learning_rate(0.875) == pytest.approx(0.5)
    assert learning_rate(1.0) == pytest.approx(0)


def test_a_photo_is_cut_to_its_central_square(tmp_path):
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 20:60] = 255
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    photo = load_photo(tmp_path / "photo.png", 16)
    assert photo.shape == (3, 16, 16)
    assert photo[:, 3:-3, 3:-3].min() == 1
    assert photo.mean() > 0.97  # the filter reaches over the cut, as it should


def test_what_is_no_picture_is_refused_by_name(tmp_path):
    (tmp_path / "photo.png").write_bytes(b"nothing of the kind")
    with pytest.raises(UnreadableImage, match=r"photo\.png: 'text' is not allowed"):
        load_photo(tmp_path / "photo.png", 16)
    with pytest.raises(ValueError, match=r"no\.png: cannot be read \(No such file"):
        load_photo(tmp_path / "no.png", 16)


def test_the_style_is_saved_with_what_it_is(sampler, tmp_path):
    found = projector(sampler, "Cu", 1).run()
    save_style(found, tmp_path / "w.safetensors")
    with safe_open(tmp_path / "w.safetensors", framework="pt") as file:
        assert torch.equal(file.get_tensor("w"), found.w)
        assert torch.equal(
            file.get_tensor("b8.conv0.noise_const"), found.noise["b8.conv0.noise_const"]
        )
        assert file.metadata()["class"] == "Cu"
        assert float(file.metadata()["psnr"]) == pytest.approx(found.psnr, abs=0.01)


def test_the_comparison_shows_photo_and_projection(sampler, monkeypatch):
    found = projector(sampler, "Cu", 1).run()
    monkeypatch.setattr(project, "sheet", lambda *arguments: arguments)
    cells, rows, columns = comparison(torch.ones(3, 16, 16), found)
    assert (cells[0][0] == 255).all()
    assert cells[0][1] is found.picture
    assert rows == ["Cu\ncumulus"]
    assert columns[1].endswith("dB")
