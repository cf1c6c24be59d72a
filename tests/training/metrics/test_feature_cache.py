import os

import numpy as np
import pytest

from training.metrics import cache


def entry(value=1.0, n=4):
    return {"features": np.full(n, value, np.float32), "classes": np.array(["Ac", "Cu"])}


def never():
    raise AssertionError("made again")


def test_made_once_and_read_back_exactly(tmp_path):
    made = cache.cached(tmp_path / "new", ("set", 256), entry)
    read = cache.cached(tmp_path / "new", ("set", 256), never)
    assert read.keys() == made.keys()
    for name, array in made.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype


def test_anything_else_is_another_entry(tmp_path):
    cache.cached(tmp_path, ("set", 256), entry)
    other = cache.cached(tmp_path, ("set", 128), lambda: entry(2.0))
    assert other["features"][0] == 2


@pytest.mark.parametrize("damage", [b"", b"PK no archive", None])
def test_a_damaged_entry_is_made_again(tmp_path, damage):
    cache.cached(tmp_path, ("set",), entry)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    assert cache.cached(tmp_path, ("set",), lambda: entry(3.0))["features"][0] == 3
    assert cache.cached(tmp_path, ("set",), never)["features"][0] == 3


def test_a_pickle_is_not_read(tmp_path):
    cache.cached(tmp_path, ("set",), entry)
    (path,) = tmp_path.iterdir()

    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    with path.open("wb") as file:
        np.savez(file, features=np.array([Trap()], object), allow_pickle=True)
    assert cache.cached(tmp_path, ("set",), entry)["features"][0] == 1
    assert not (tmp_path / "ran").exists()


def test_what_was_used_longest_ago_goes(tmp_path, monkeypatch):
    for time, name in enumerate(("first", "second", "third"), start=1):
        before = set(tmp_path.iterdir())
        cache.cached(tmp_path, (name,), entry)
        (path,) = set(tmp_path.iterdir()) - before
        os.utime(path, (time, time))
    monkeypatch.setattr(cache, "MAX_BYTES", 3 * path.stat().st_size)
    cache.cached(tmp_path, ("first",), never)  # used again
    cache.cached(tmp_path, ("fourth",), entry)
    for kept in ("first", "third", "fourth"):
        cache.cached(tmp_path, (kept,), never)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file: cannot be written"):
        cache.cached(tmp_path / "file", ("set",), entry)
