import pytest

from training.cli.parsing import codes, numbers, sources, stops
from training.looking.source import Source

MOST = 2**64 - 1


def test_numbers_and_ranges():
    assert numbers("seeds", "0-3,42", MOST) == [0, 1, 2, 3, 42]
    assert numbers("seeds", str(MOST), MOST) == [MOST]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "numbers and ranges"),
        ("1,,2", "numbers and ranges"),
        ("-1", "numbers and ranges"),
        ("Cu", "numbers and ranges"),
        ("3-1", "rising"),
        (str(MOST + 1), f"from 0 to {MOST}"),
        (f"0-{MOST}", "at most 1024"),
        ("0-1000,0-1000", "at most 1024"),
    ],
)
def test_other_numbers_are_refused_by_name(text, what):
    with pytest.raises(ValueError, match=rf"--seeds: .* is not allowed; allowed: .*{what}"):
        numbers("seeds", text, MOST)


def test_classes_are_codes():
    assert codes("Cu, Cb") == ["Cu", "Cb"]
    assert codes("") == []


def test_sources_are_classes_with_seeds():
    assert sources("rows", "Cu:1,Cb:2-3") == [Source("Cu", 1), Source("Cb", 2), Source("Cb", 3)]
    assert sources("rows", "4") == [Source("", 4)]
    with pytest.raises(ValueError, match="--rows: 'x' is not allowed"):
        sources("rows", "Cu:x")


def test_stops_are_pairs_or_share_one_seed_or_class():
    assert stops(["Cu", "Cb"], [1, 2]) == [Source("Cu", 1), Source("Cb", 2)]
    assert stops(["Cu", "Cb"], [7]) == [Source("Cu", 7), Source("Cb", 7)]
    assert stops([""], [1, 2]) == [Source("", 1), Source("", 2)]
    with pytest.raises(ValueError, match="--seeds: 2 is not allowed; allowed: 1 or 3"):
        stops(["Cu", "Cb", "St"], [1, 2])
    with pytest.raises(ValueError, match="at least two"):
        stops(["Cu"], [1])
