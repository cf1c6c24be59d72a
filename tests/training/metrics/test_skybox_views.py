import numpy as np
import pytest
from PIL import Image

from skyserver import SkyGenerator
from skyserver.errors import UnreadableImage
from skyserver.model import SkyModel
from skyserver.sphere import equirect_to_view
from training.metrics import skybox_views
from training.metrics.skybox_views import FIELD, PITCHES, VIEW_SIZE, VIEWS_OF_A_SKY


def elevation_map(width=360):
    """A panorama whose value is the elevation: 0 at the nadir, 1 at the zenith."""
    rows = 1 - (np.arange(width // 2) + 0.5) / (width // 2)
    return np.broadcast_to(rows[:, None, None], (width // 2, width, 3)).astype(np.float32)


def test_views_look_where_a_player_looks():
    views = skybox_views.take_views(elevation_map(), 60, np.random.default_rng(0))
    assert views[0].shape == (VIEW_SIZE, VIEW_SIZE, 3)
    centre = np.array([view[VIEW_SIZE // 2, VIEW_SIZE // 2, 0] for view in views])
    pitches = centre / 255 * 180 - 90
    assert PITCHES[0] - 1 < pitches.min() < 12
    assert 53 < pitches.max() < PITCHES[1] + 1
    assert pitches.mean() == pytest.approx(sum(PITCHES) / 2, abs=6)


def test_views_look_all_round():
    width = 360
    columns = np.arange(width) / width
    panorama = np.broadcast_to(columns[None, :, None], (width // 2, width, 3)).astype(np.float32)
    views = skybox_views.take_views(panorama, 40, np.random.default_rng(0))
    centre = [view[VIEW_SIZE // 2, VIEW_SIZE // 2, 0] for view in views]
    assert np.histogram(centre, 4, (0, 255))[0].min() > 4


def test_both_methods_are_seen_in_the_same_directions(tiny_model):
    model, labels = SkyModel.load(tiny_model), np.array([0, 7])
    blend = skybox_views.sky_views(model, labels, "blend", seed=3)
    mirror = skybox_views.sky_views(model, labels, "mirror", seed=3)
    assert blend.shape == mirror.shape == (2 * VIEWS_OF_A_SKY, VIEW_SIZE, VIEW_SIZE, 3)
    assert (blend != mirror).any()
    rng = np.random.default_rng(3)
    for label, offset in ((0, 0), (7, VIEWS_OF_A_SKY)):
        code, seed = model.info.classes[label].code, int(rng.integers(2**32))
        yaw, pitch = rng.uniform(0, 360, VIEWS_OF_A_SKY), rng.uniform(*PITCHES, VIEWS_OF_A_SKY)
        for method, views in (("blend", blend), ("mirror", mirror)):
            sky = SkyGenerator(tiny_model).generate(code, seed, method=method).panorama
            seen = equirect_to_view(sky, yaw[1], pitch[1], FIELD, VIEW_SIZE, VIEW_SIZE)
            np.testing.assert_array_equal(views[offset + 1], np.round(seen * 255))


def panorama_folder(folder, levels, index=None):
    folder.mkdir()
    for name, level in levels.items():
        Image.new("RGB", (64, 32), (level,) * 3).save(folder / name)
    if index:
        (folder / "index.csv").write_text(index)
    return folder


def test_views_are_spread_over_the_panoramas(tmp_path):
    folder = panorama_folder(tmp_path / "skies", {"a.png": 10, "b.png": 100, "c.png": 200})
    views = skybox_views.panorama_views(skybox_views.open_skies(folder), 32, 7, seed=0)
    assert [int(view.mean()) for view in views] == [10, 10, 10, 100, 100, 200, 200]


def test_an_index_chooses_open_skies_by_day(tmp_path):
    index = "file,open_sky,night_auto_exposed\na.png,1,0\nb.png,0,0\nc.png,1,1\n"
    folder = panorama_folder(tmp_path / "skies", {"a.png": 1, "b.png": 2, "c.png": 3}, index)
    assert skybox_views.open_skies(folder) == [folder / "a.png"]


def test_an_index_that_cannot_be_followed_is_named(tmp_path):
    folder = panorama_folder(tmp_path / "skies", {"a.png": 1}, "file,open_sky\na.png,1\n")
    with pytest.raises(ValueError, match=r"index\.csv: has no column 'night_auto_exposed'"):
        skybox_views.open_skies(folder)
    (folder / "index.csv").write_text("file,open_sky,night_auto_exposed\ngone.png,1,0\n")
    with pytest.raises(ValueError, match=r"index\.csv: names gone\.png, which is not there"):
        skybox_views.open_skies(folder)


def test_a_folder_without_panoramas_is_named(tmp_path):
    with pytest.raises(ValueError, match="nowhere: holds no panoramas"):
        skybox_views.open_skies(tmp_path / "nowhere")


def test_what_is_no_panorama_is_named(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    Image.new("RGB", (64, 64)).save(tmp_path / "square.png")
    with pytest.raises(UnreadableImage, match=r"text\.png"):
        skybox_views.panorama_views([tmp_path / "text.png"], 32, 4, 0)
    with pytest.raises(ValueError, match=r"square\.png: 64x64; allowed: twice as wide as high"):
        skybox_views.panorama_views([tmp_path / "square.png"], 32, 4, 0)


def test_scores_of_views_are_nought_against_themselves():
    features = np.random.default_rng(0).normal(size=(200, 8))
    scores = skybox_views.view_scores(40, features[:100], features[100:])
    assert (scores.count, scores.skies) == (100, 40)
    assert abs(scores.kid) < 200
    far = skybox_views.view_scores(40, features[:100] + 2, features[100:])
    assert far.kid > 10 * abs(scores.kid)
    assert far.fd == pytest.approx(scores.fd + 8 * 4, rel=0.2)
