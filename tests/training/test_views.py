import torch
from torch.nn import functional as F

from training.views import FEATURE_SIZE, kinds, split_classes, views


def coordinates(size: int, batch: int = 4) -> torch.Tensor:
    """Pictures whose channels hold row, column and number of the picture."""
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    pictures = torch.stack([row, column, torch.zeros_like(row)]).float().repeat(batch, 1, 1, 1)
    pictures[:, 2] = torch.arange(batch)[:, None, None]
    return pictures


def test_pictures_of_the_right_size_are_left_alone():
    pictures = coordinates(FEATURE_SIZE)
    assert torch.equal(views(pictures), pictures)


def test_small_pictures_are_enlarged():
    pictures = coordinates(32)
    assert torch.equal(views(pictures), F.interpolate(pictures, size=128, mode="bilinear"))


def test_large_pictures_are_seen_whole_and_through_a_window_by_turns():
    torch.manual_seed(0)
    pictures = coordinates(256, batch=65)
    seen = views(pictures)
    assert seen[:, 2, 0, 0].tolist() == list(range(65))
    assert torch.equal(seen[0::2], F.avg_pool2d(pictures[0::2], 2))
    windows = seen[1::2]
    top, left = windows[:, 0, 0, 0], windows[:, 1, 0, 0]
    expected = coordinates(FEATURE_SIZE, batch=1)[0]
    for index, window in enumerate(windows):
        assert torch.equal(window[0] - top[index], expected[0])
        assert torch.equal(window[1] - left[index], expected[1])
    for place in (top, left):
        assert place.min() >= 0
        assert place.max() <= 128
        assert 40 < place.mean() < 88
        assert len(place.unique()) > 16


def test_gradient_reaches_every_large_picture():
    pictures = torch.zeros(4, 3, 256, 256, requires_grad=True)
    views(pictures).sum().backward()
    assert torch.allclose(pictures.grad.sum(dim=(1, 2, 3)), torch.full((4,), 3.0 * FEATURE_SIZE**2))


def test_a_window_has_a_class_of_its_own():
    assert [kinds(size) for size in (64, 128, 256)] == [1, 1, 2]
    c = torch.eye(2)[[0, 1, 1]]
    assert split_classes(c).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]]
