from small_generator import LATENT, WIDTH

from training.quantize.energies import compute_energies
from training.quantize.targets import Target, shared_by_styles, targets

EXPECTED = {
    "mapping_weight": Target((LATENT, LATENT), 0),  # Gemm, transposed
    "const": Target((1, WIDTH, 32, 32), 1),
    "weight_0": Target((WIDTH, WIDTH, 3, 3), 0),
    "weight_1": Target((WIDTH, WIDTH, 3, 3), 1),  # transposed convolution
    "energy_0": Target((WIDTH, WIDTH), 1),
    "energy_1": Target((WIDTH, WIDTH), 1),
    "affine_0": Target((LATENT, WIDTH), 1),
    "affine_1": Target((LATENT, WIDTH), 1),
    "noise_0": Target((1, 32, 32), 1),
    "noise_1": Target((1, 64, 64), 1),
}


def test_every_large_constant_is_found_with_its_output_axis(small):
    assert targets(small) == EXPECTED


def test_a_kernel_that_makes_its_energy_too_keeps_its_axis(small):
    expected = {name: target for name, target in EXPECTED.items() if "energy" not in name}
    assert targets(compute_energies(small)) == expected


def test_what_all_styles_are_made_with_is_the_mapping_network(small):
    assert shared_by_styles(compute_energies(small)) == {"mapping_weight"}


def test_rows_are_output_channels():
    target = Target((16, 8, 3, 3), 1)
    assert (target.rows, target.columns) == (8, 144)
