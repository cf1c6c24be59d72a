"""StyleGAN2-ADA as published, written anew from the papers' formulas, and its file format.

The networks have the published names and attributes, and compute in whatever precision they are
in by another way than `training.layers`: weights modulated per sample, resampling as one 6x6
kernel over the zero-inserted picture. `write` pickles them as the published code does: each module
as a dictionary with its source, its class's name and its attributes.
"""

import contextlib
import copy
import math
import pickle
import sys
import types

import torch
from torch import nn
from torch.nn import functional as F

SOURCE = "raise SystemExit('source code in a pickle was executed')"
FIR = torch.tensor([1.0, 3.0, 3.0, 1.0])
FIR = torch.outer(FIR, FIR) / 64


class Persistent(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self._init_args, self._init_kwargs = (), copy.deepcopy(options)

    def __reduce__(self):
        state = dict(self.__dict__)
        meta = {"type": "class", "version": 6, "module_src": SOURCE}
        meta |= {"class_name": type(self).__name__, "state": state}
        return sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj, (meta,)


class FullyConnectedLayer(Persistent):
    def __init__(self, inputs, outputs, activation="linear", lr=1.0, bias_init=0.0):
        super().__init__(in_features=inputs, out_features=outputs)
        self.activation, self.bias_gain, self.weight_gain = activation, lr, lr / math.sqrt(inputs)
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(bias_init + 0.1 * torch.randn(outputs) / lr)

    def forward(self, x):
        y = x @ (self.weight * self.weight_gain).T + self.bias * self.bias_gain
        return leaky(y) if self.activation == "lrelu" else y


class MappingNetwork(Persistent):
    def __init__(self, z_dim, c_dim, w_dim, num_layers=8, average=True):
        super().__init__(z_dim=z_dim, c_dim=c_dim, w_dim=w_dim, num_layers=num_layers)
        self.z_dim, self.c_dim, self.num_layers = z_dim, c_dim, num_layers
        features = z_dim + (w_dim if c_dim else 0)
        if c_dim:
            self.embed = FullyConnectedLayer(c_dim, w_dim)
        for index in range(num_layers):
            setattr(self, f"fc{index}", FullyConnectedLayer(features, w_dim, "lrelu", 0.01))
            features = w_dim
        if average:
            self.register_buffer("w_avg", torch.randn(w_dim))

    def forward(self, z, c):
        parts = [unit(z)] if self.z_dim else []
        x = torch.cat([*parts, unit(self.embed(c))] if self.c_dim else parts, dim=1)
        for index in range(self.num_layers):
            x = getattr(self, f"fc{index}")(x)
        return x


class SynthesisLayer(Persistent):
    def __init__(self, inputs, outputs, w_dim, resolution, up, clamp):
        super().__init__(in_channels=inputs, out_channels=outputs)
        self.resolution, self.up, self.conv_clamp, self.activation = resolution, up, clamp, "lrelu"
        self.affine = FullyConnectedLayer(w_dim, inputs, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.noise_strength = nn.Parameter(torch.tensor(0.3))
        self.bias = nn.Parameter(0.1 * torch.randn(outputs))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.register_buffer("resample_filter", FIR.clone())

    def forward(self, x, w, fused):
        convolve = up_convolve if self.up == 2 else lambda x, w: F.conv2d(x, w, padding=1)
        y = modulated(x, self.weight, self.affine(w), convolve, fused)
        y = leaky(y + self.noise_const * self.noise_strength + self.bias[:, None, None])
        return bounded(y, self.conv_clamp)


class ToRGBLayer(Persistent):
    def __init__(self, inputs, w_dim, clamp):
        super().__init__(in_channels=inputs, out_channels=3)
        self.conv_clamp, self.weight_gain = clamp, 1 / math.sqrt(inputs)
        self.affine = FullyConnectedLayer(w_dim, inputs, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(3, inputs, 1, 1))
        self.bias = nn.Parameter(0.1 * torch.randn(3))

    def forward(self, x, w):
        styles = self.affine(w) * self.weight_gain
        y = torch.einsum("oi,bi,bihw->bohw", self.weight[:, :, 0, 0], styles, x)
        return bounded(y + self.bias[:, None, None], self.conv_clamp)


class SynthesisBlock(Persistent):
    def __init__(self, inputs, outputs, w_dim, resolution, clamp):
        super().__init__(in_channels=inputs, out_channels=outputs, resolution=resolution)
        self.architecture, self.resolution = "skip", resolution
        self.register_buffer("resample_filter", FIR.clone())
        if inputs:
            self.conv0 = SynthesisLayer(inputs, outputs, w_dim, resolution, 2, clamp)
        else:
            self.const = nn.Parameter(torch.randn(outputs, resolution, resolution))
        self.conv1 = SynthesisLayer(outputs, outputs, w_dim, resolution, 1, clamp)
        self.torgb = ToRGBLayer(outputs, w_dim, clamp)

    def forward(self, x, image, w, fused):
        x = self.const.expand(len(w), -1, -1, -1) if x is None else self.conv0(x, w, fused)
        x = self.conv1(x, w, fused)
        colour = self.torgb(x, w)
        return x, colour if image is None else upsample(image) + colour


class SynthesisNetwork(Persistent):
    def __init__(self, w_dim, resolution, channels, clamp):
        super().__init__(img_resolution=resolution, conv_clamp=clamp)
        self.resolutions = [r for r in channels if r <= resolution]
        for r in self.resolutions:
            block = SynthesisBlock(channels.get(r // 2, 0), channels[r], w_dim, r, clamp)
            setattr(self, f"b{r}", block)

    def forward(self, w, fused):
        x = image = None
        for r in self.resolutions:
            x, image = getattr(self, f"b{r}")(x, image, w, fused)
        return image


class Generator(Persistent):
    def __init__(self, channels, classes=0, z_dim=12, w_dim=10, mapping_layers=8, clamp=256):
        super().__init__(z_dim=z_dim, c_dim=classes, w_dim=w_dim, img_resolution=max(channels))
        self.synthesis = SynthesisNetwork(w_dim, max(channels), channels, clamp)
        self.mapping = MappingNetwork(z_dim, classes, w_dim, mapping_layers)

    def forward(self, z, c, psi=1.0, fused=True):
        w = self.mapping(z, c)
        return self.synthesis(self.mapping.w_avg + psi * (w - self.mapping.w_avg), fused)


class Conv2dLayer(Persistent):
    def __init__(self, inputs, outputs, size, bias=True, down=1, clamp=None):
        super().__init__(in_channels=inputs, out_channels=outputs, kernel_size=size)
        self.activation = "lrelu" if bias else "linear"
        self.down, self.conv_clamp = down, clamp
        self.register_buffer("resample_filter", FIR.clone())
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(0.1 * torch.randn(outputs)) if bias else None

    def forward(self, x, gain=1.0):
        weight = self.weight / math.sqrt(self.weight[0].numel())
        size = weight.shape[-1]
        if self.down == 2:
            y = F.conv2d(x, blurred(weight), stride=2, padding=size // 2 + 1)
        else:
            y = F.conv2d(x, weight, padding=size // 2)
        if self.bias is None:
            return y * gain
        y = leaky(y + self.bias[:, None, None]) * gain
        return bounded(y, self.conv_clamp and self.conv_clamp * gain)


class DiscriminatorBlock(Persistent):
    def __init__(self, inputs, middle, outputs, clamp):
        super().__init__(in_channels=inputs, tmp_channels=middle, out_channels=outputs)
        self.architecture = "resnet"
        self.register_buffer("resample_filter", FIR.clone())
        if not inputs:
            self.fromrgb = Conv2dLayer(3, middle, 1, clamp=clamp)
        self.conv0 = Conv2dLayer(middle, middle, 3, clamp=clamp)
        self.conv1 = Conv2dLayer(middle, outputs, 3, down=2, clamp=clamp)
        self.skip = Conv2dLayer(middle, outputs, 1, bias=False, down=2)

    def forward(self, x):
        x = self.fromrgb(x) if "fromrgb" in self._modules else x
        root = math.sqrt(0.5)
        return self.skip(x, root) + self.conv1(self.conv0(x), root)


class MinibatchStdLayer(Persistent):
    def __init__(self, group_size):
        super().__init__(group_size=group_size)
        self.group_size, self.num_channels = group_size, 1

    def forward(self, x):
        groups = len(x) // self.group_size
        planes = [
            (x[i::groups].var(dim=0, correction=0) + 1e-8).sqrt().mean() for i in range(groups)
        ]
        plane = torch.stack(planes).repeat(self.group_size)[:, None, None, None]
        return torch.cat([x, plane.expand(-1, 1, *x.shape[2:])], dim=1)


class DiscriminatorEpilogue(Persistent):
    def __init__(self, channels, outputs, clamp, group_size):
        super().__init__(in_channels=channels)
        self.architecture = "resnet"
        self.mbstd = MinibatchStdLayer(group_size)
        self.conv = Conv2dLayer(channels + 1, channels, 3, clamp=clamp)
        self.fc = FullyConnectedLayer(channels * 16, channels, "lrelu")
        self.out = FullyConnectedLayer(channels, outputs)

    def forward(self, x):
        return self.out(self.fc(self.conv(self.mbstd(x)).flatten(1)))


class Discriminator(Persistent):
    def __init__(self, channels, classes=0, clamp=256, group_size=4):
        super().__init__(c_dim=classes, img_resolution=max(channels))
        self.resolutions = sorted(channels, reverse=True)[:-1]
        features = channels[4] if classes else 0
        for r in self.resolutions:
            block = DiscriminatorBlock(channels.get(2 * r, 0), channels[r], channels[r // 2], clamp)
            setattr(self, f"b{r}", block)
        if classes:
            self.mapping = MappingNetwork(0, classes, features, average=False)
        self.b4 = DiscriminatorEpilogue(channels[4], features or 1, clamp, group_size)

    def forward(self, x, c):
        for r in self.resolutions:
            x = getattr(self, f"b{r}")(x)
        x = self.b4(x)
        if "mapping" not in self._modules:
            return x
        return (x * self.mapping(None, c)).sum(dim=1, keepdim=True) / math.sqrt(x.shape[1])


def unit(x):
    return x / (x.square().mean(dim=1, keepdim=True) + 1e-8).sqrt()


def leaky(x):
    return torch.maximum(x, 0.2 * x) * math.sqrt(2)


def bounded(x, clamp):
    return x if clamp is None else x.clamp(-clamp, clamp)


def modulated(x, weight, styles, convolve, fused):
    """Equations 1 to 3 of Karras et al. 2020 (arXiv 1912.04958), or their unfused form."""
    if not fused:
        norms = torch.einsum("oikl,bi->bo", weight**2, styles**2) + 1e-8
        return convolve(x * styles[:, :, None, None], weight) / norms.sqrt()[:, :, None, None]
    rows = []
    for sample, style in zip(x, styles, strict=True):
        w = weight * style[None, :, None, None]
        w = w / (w.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
        rows.append(convolve(sample[None], w))
    return torch.cat(rows)


def blurred(weight):
    """A kernel after which the low-pass filter need not be applied: their convolution."""
    outputs, inputs, size, _ = weight.shape
    kernels = weight.reshape(outputs * inputs, 1, size, size)
    kernels = F.conv2d(kernels, FIR.to(weight)[None, None], padding=3)
    return kernels.reshape(outputs, inputs, size + 3, size + 3)


def spread(x):
    """Zeros between the pixels: n to 2n - 1."""
    y = x.new_zeros(*x.shape[:2], 2 * x.shape[2] - 1, 2 * x.shape[3] - 1)
    y[:, :, ::2, ::2] = x
    return y


def up_convolve(x, weight):
    return F.conv2d(spread(x), 4 * blurred(weight.flip(2, 3)), padding=3)


def upsample(image):
    kernel = (4 * FIR).to(image).expand(3, 1, 4, 4)
    return F.conv2d(spread(image), kernel, padding=2, groups=3)


class EasyDict(dict):
    """The published code's dictionary for options."""


EasyDict.__module__ = "dnnlib.util"


def _reconstruct_persistent_obj(_):
    raise AssertionError("the published unpickling function was called")


_reconstruct_persistent_obj.__module__ = "torch_utils.persistence"


@contextlib.contextmanager
def published_modules():
    """The modules that the pickle refers to, while it is written."""
    names = ("torch_utils", "torch_utils.persistence", "dnnlib", "dnnlib.util")
    modules = {name: types.ModuleType(name) for name in names}
    modules["torch_utils.persistence"]._reconstruct_persistent_obj = _reconstruct_persistent_obj
    modules["dnnlib.util"].EasyDict = EasyDict
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def write(path, protocol=4, **networks):
    """Pickle networks (G, D, G_ema) and the data set's options as the published code does."""
    options = EasyDict(class_name="training.dataset.ImageFolderDataset", path="set.zip")
    with published_modules(), path.open("wb") as file:
        content = {"training_set_kwargs": options, **networks, "augment_pipe": None}
        pickle.dump(content, file, protocol=protocol)
