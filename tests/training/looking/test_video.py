import sys

import numpy as np
import pytest
from PIL import Image

from skyserver.errors import MissingExtra
from training.looking.video import check_video, save_video

LEVELS = [20, 90, 160, 230, 60]


def frames():
    return (np.full((32, 32, 3), level, np.uint8) for level in LEVELS)


def test_mp4_plays_every_frame_at_its_rate(tmp_path):
    av = pytest.importorskip("av")
    save_video(frames(), 12, tmp_path / "walk.mp4")
    with av.open(tmp_path / "walk.mp4") as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 12
        assert stream.codec_context.pix_fmt == "yuv420p"
        played = [frame.to_ndarray(format="rgb24").mean() for frame in container.decode(stream)]
    np.testing.assert_allclose(played, LEVELS, atol=4)


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_animations_play_every_frame_and_loop(tmp_path, kind):
    save_video(frames(), 30, tmp_path / f"walk.{kind}")
    played, times = [], []
    with Image.open(tmp_path / f"walk.{kind}") as image:
        assert image.info["loop"] == 0
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            played.append(np.asarray(image.convert("RGB")).mean())
            times.append(image.info["duration"])
    np.testing.assert_allclose(played, LEVELS, atol=4)
    assert sum(times) == pytest.approx(1000 * 5 / 30, abs=5), "frame times do not drift"


def test_without_pyav_mp4_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match=r"pip install 'skyserver\[video\]', or write a \.gif"):
        check_video(tmp_path / "walk.mp4")
    check_video(tmp_path / "walk.gif")


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.mp4 or \.gif or \.webp"):
        check_video(tmp_path / "walk.avi")
