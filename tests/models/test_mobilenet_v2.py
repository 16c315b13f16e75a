"""Converted MobileNetV2 says what its tensors say when they are applied one by one."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from models.branches.image import ImageBranch, load_image_branch
from models.config import ImageConfig
from models.errors import WeightsError
from models.mobilenet_v2 import ARCHITECTURE, convert_mobilenet_v2

DATA = Path(__file__).parents[3] / "shared" / "data" / "vision_backbones"
# Expansion, channels, repeats and stride of the paper's table 2.
ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
Arrays = dict[str, npt.NDArray[np.float32]]


def _made() -> Arrays:
    """Return random tensors of the right shapes; their numbers have gaps, as published ones."""
    draw = np.random.default_rng(4)
    shapes = [(32, 3, 3)]
    width = 32
    for expansion, channels, repeats, _ in ROWS:
        for _ in range(repeats):
            inner = width * expansion
            shapes += [(inner, width, 1)] if expansion > 1 else []
            shapes += [(inner, 1, 3), (channels, inner, 1)]
            width = channels
    shapes.append((1280, width, 1))
    found: Arrays = {"gemm_104_bias": np.zeros(1000, dtype=np.float32)}
    for at, (out, into, side) in enumerate(shapes):
        scale = (2.0 / (into * side * side)) ** 0.5
        weight = draw.normal(0, scale, (out, into, side, side))
        found[f"conv_{2 * at}_weight"] = weight.astype(np.float32)
        found[f"conv_{2 * at}_bias"] = draw.normal(0, 0.1, out).astype(np.float32)
    return found


def _by_hand(tensors: Arrays, pixels: torch.Tensor) -> torch.Tensor:
    """Apply the convolutions one after the other, as table 2 and figure 4 of the paper say."""
    numbers = iter(sorted(int(name.split("_")[1]) for name in tensors if name.endswith("weight")))

    def step(x: torch.Tensor, stride: int = 1, *, bounded: bool = True) -> torch.Tensor:
        number = next(numbers)
        weight, bias = (
            torch.from_numpy(tensors[f"conv_{number}_{kind}"]) for kind in ("weight", "bias")
        )
        groups = len(weight) if weight.shape[1] == 1 else 1
        padding = weight.shape[2] // 2
        x = torch.nn.functional.conv2d(x, weight, bias, stride, padding, groups=groups)
        return x.clamp(0, 6) if bounded else x

    x = step(pixels, 2)
    for expansion, _, repeats, stride in ROWS:
        for repeat in range(repeats):
            y = step(x) if expansion > 1 else x
            y = step(step(y, 1 if repeat else stride), bounded=False)
            x = x + y if repeat else y
    return step(x)


def _loaded(folder: Path) -> ImageBranch:
    return load_image_branch(folder, ImageConfig(architecture=ARCHITECTURE, pool="mean"))


def test_converted_tensors_say_the_same_as_applied_one_by_one(tmp_path: Path) -> None:
    tensors = _made()
    np.savez(tmp_path / "made.npz", **tensors)  # type: ignore[arg-type]
    convert_mobilenet_v2(tmp_path / "made.npz", tmp_path / "made")
    pixels = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        wanted = _by_hand(tensors, pixels)
        found = _loaded(tmp_path / "made").see(pixels).features
    assert found.shape == (1, 1280, 2, 2)
    assert found.numpy() == pytest.approx(wanted.numpy(), abs=1e-4)
    assert float(wanted.std()) > 0.1


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/vision_backbones is not here")
def test_the_published_tensors_see_the_published_picture_as_by_hand(tmp_path: Path) -> None:
    """The published answer is of the 1,000-way layer, whose matrix is not among the tensors."""
    with np.load(DATA / "mobilenetv2_nchw.npz") as named:
        tensors = {name: named[name] for name in named.files}
    with np.load(DATA / "mobilenetv2_nchw.check.npz") as named:
        pixels = torch.from_numpy(named["input_0"])
    convert_mobilenet_v2(DATA / "mobilenetv2_nchw.npz", tmp_path)
    with torch.inference_mode():
        wanted = _by_hand(tensors, pixels)
        found = _loaded(tmp_path).see(pixels).features
    assert found.shape == (1, 1280, 7, 7)
    assert found.numpy() == pytest.approx(wanted.numpy(), abs=1e-4)


def test_tensors_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "made.npz"
    tensors = _made()
    np.savez(path, **{name: one for name, one in tensors.items() if name != "conv_4_bias"})  # type: ignore[arg-type]
    with pytest.raises(WeightsError, match="no tensor 'conv_4_bias'"):
        convert_mobilenet_v2(path, tmp_path / "x")
    np.savez(path, **{name: one for name, one in tensors.items() if "conv_4_" not in name})  # type: ignore[arg-type]
    with pytest.raises(WeightsError, match="51 convolutions, but MobileNetV2 52"):
        convert_mobilenet_v2(path, tmp_path / "x")
    wide = {"conv_4_weight": np.zeros((2, 2, 1, 1), dtype=np.float32)}
    np.savez(path, **{**tensors, **wide})  # type: ignore[arg-type]
    with pytest.raises(WeightsError, match=r"conv_4 is \(2, 2, 1, 1\), but MobileNetV2 has \(16"):
        convert_mobilenet_v2(path, tmp_path / "x")
    np.savez(path, conv_0_weight=np.array([object()], dtype=object))
    with pytest.raises(WeightsError, match="cannot be read as named tensors"):
        convert_mobilenet_v2(path, tmp_path / "x")
    with pytest.raises(WeightsError, match="cannot be read as named tensors"):
        convert_mobilenet_v2(tmp_path / "absent.npz", tmp_path / "x")
    assert not (tmp_path / "x").exists()
