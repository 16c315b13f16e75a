"""Exported graphs: the encoder's own vectors, or no folder at all."""

import json
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch

from models.batch import Sample
from models.branches.text import load_tokenizer
from models.calibrate import Calibration
from models.config import EncoderConfig, FusionConfig, ImageConfig, TextConfig
from models.encoder import Branches, Encoder
from models.errors import InputError, WeightsError
from models.fusion_head import Gate, Projected
from models.onnx_encoder import load_onnx_encoder
from models.onnx_export import ExportOrder, export_onnx, tell_recall
from models.onnx_measure import cosines
from tests.tiny_vision import WORDS, picture, save_tokenizer

SAMPLES = (
    Sample("page", (picture("red"),), "apricot jam"),
    Sample("live", (picture("blue"), picture("green"), np.asarray(picture("red"))), None),
    Sample("live", (), "dark roast coffee with a long tail of words unknown here"),
    Sample("video", (), None),
)


class _Seen(torch.nn.Module):
    """A convolution and its mean: the least that sees."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 16, 8, 8)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(self.convolution(pixels).mean(dim=(2, 3)), dim=1)


class _TwoFaced(_Seen):
    """Says one thing while it is traced and another in use, as a wrongly traced branch does."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        seen = super().forward(pixels)
        return seen.flip(1) if torch.compiler.is_exporting() else seen


class _Read(torch.nn.Module):
    """The mean of its words: the least that reads."""

    def __init__(self) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(32, 16)

    def forward(self, tokens: torch.Tensor, attention: torch.Tensor) -> torch.Tensor:
        total = (self.words(tokens) * attention[:, :, None]).sum(dim=1)
        return torch.nn.functional.normalize(total, dim=1)


def clock() -> Any:
    """Return a clock that is a hundredth of a second later at every look."""
    ticks = count()
    return lambda: next(ticks) / 100


def made(folder: Path, image: torch.nn.Module, *, gate: bool) -> Encoder:
    """Return an encoder of the least networks, fused by a random gate or by their mean."""
    kind: Literal["gated", "mean"] = "gated" if gate else "mean"
    config = EncoderConfig(
        name="tiny",
        frames=4,
        image=ImageConfig(height_px=32, width_px=32),
        text=TextConfig(weights=str(folder), max_tokens=16),
        fusion=FusionConfig(kind=kind, dim=16, gate_hidden=8),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        fusing = Gate(config.fusion)
        torch.nn.init.normal_(fusing.outer.weight)
        towers = [Projected(image, 16, 16), Projected(_Read(), 16, 16)]
    for network in (fusing, *towers):
        network.requires_grad_(requires_grad=False)
    tokenizer = load_tokenizer(folder, config.text)
    branches = Branches(towers[0], 16, towers[1], 16, tokenizer, fusing if gate else None)
    return Encoder(config, branches, "f" * 64, (Calibration("cart", 0.5, "v", "f" * 64),), "cpu")


@pytest.fixture(scope="module", name="words")
def _words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    save_tokenizer(folder)
    return folder


@pytest.fixture(scope="module", name="encoder")
def _encoder(words: Path) -> Encoder:
    return made(words, _Seen(), gate=True)


@pytest.fixture(scope="module", name="exported")
def _exported(
    words: Path, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("onnx") / "out"
    pictures = [picture(name, (40 + 4 * at, 32)) for at in range(4) for name in ("red", "blue")]
    texts = [" ".join(WORDS[at : at + 3]) for at in range(8)]
    order = ExportOrder(int8=True, pictures=pictures, texts=texts)
    return out, export_onnx(encoder, words, out, order, clock())


def test_an_exported_encoder_says_what_its_encoder_says(
    encoder: Encoder, exported: tuple[Path, dict[str, Any]]
) -> None:
    loaded = load_onnx_encoder(exported[0])
    assert loaded.encode(SAMPLES) == pytest.approx(encoder.encode(SAMPLES), abs=1e-5)
    assert loaded.fingerprint == encoder.fingerprint
    assert loaded.calibrations == encoder.calibrations
    _, shares = loaded.fuse(loaded.parts(SAMPLES))
    assert shares == pytest.approx(encoder.fuse(encoder.parts(SAMPLES))[1], abs=1e-5)
    for one, other in zip(loaded.encode_apart(SAMPLES), encoder.encode_apart(SAMPLES), strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_int8_is_near_smaller_and_of_another_fingerprint(
    encoder: Encoder, exported: tuple[Path, dict[str, Any]]
) -> None:
    out, told = exported
    small = load_onnx_encoder(out, "int8")
    assert small.fingerprint != encoder.fingerprint
    assert told["bytes"]["image.int8.onnx"] < told["bytes"]["image.onnx"]
    found = cosines(encoder, small, SAMPLES)
    assert not np.array_equal(small.encode(SAMPLES), encoder.encode(SAMPLES))
    assert min(values.min() for values in found.values()) > 0.9


def test_the_record_names_inputs_preprocess_hashes_and_what_was_measured(
    encoder: Encoder, exported: tuple[Path, dict[str, Any]]
) -> None:
    out, told = exported
    assert json.loads((out / "export.json").read_text()) == told
    side = encoder.config.image.height_px
    assert told["graphs"]["image"]["inputs"] == {
        "pixels": {"type": "tensor(float)", "shape": ["pictures", 3, side, side]}
    }
    assert told["graphs"]["text"]["inputs"]["tokens"]["shape"] == ["texts", "tokens"]
    assert list(told["graphs"]["text"]["inputs"]) == ["tokens", "attention"]
    assert list(told["graphs"]["fusion"]["inputs"]) == ["image", "text", "present"]
    assert told["preprocess"]["image"]["mean"] == list(encoder.config.image.mean)
    assert told["fingerprint"]["fp32"] == encoder.fingerprint
    assert set(told["sha256"]) == {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    } - {"export.json"}
    assert told["cosine"]["fp32"]["fused"]["min"] > 0.9999
    # Three rows of every sample: whole, without its text, without its picture.
    assert told["cosine"]["int8"]["fused"]["count"] == 3 * told["cosine"]["int8"]["image"]["count"]
    assert told["latency_ms"]["onnx int8"]["image"] == pytest.approx(10.0)
    tell_recall(out, told, {"split": "val"})
    assert json.loads((out / "export.json").read_text())["recall"] == {"split": "val"}


def test_an_altered_graph_is_refused_and_named(exported: tuple[Path, dict[str, Any]]) -> None:
    path = exported[0] / "text.onnx"
    kept = path.read_bytes()
    path.write_bytes(kept + b" ")
    with pytest.raises(WeightsError, match=r"text\.onnx is absent or not the file"):
        load_onnx_encoder(exported[0])
    path.write_bytes(kept)


def test_a_folder_without_a_record_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no exported encoder: export\.json"):
        load_onnx_encoder(tmp_path)


def test_graphs_that_differ_from_the_encoder_are_not_exported(words: Path, tmp_path: Path) -> None:
    false = made(words, _TwoFaced(), gate=False)
    with pytest.raises(WeightsError, match=r"image vectors have a cosine of -?0\.\d+"):
        export_onnx(false, words, tmp_path / "out", ExportOrder(), clock())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_exported_over_somebody_elses_files(
    words: Path, encoder: Encoder, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not empty; export into a new folder"):
        export_onnx(encoder, words, tmp_path, ExportOrder(), clock())


def test_an_encoder_without_a_gate_has_no_fusion_graph_and_needs_no_pictures(
    words: Path, tmp_path: Path
) -> None:
    plain = made(words, _Seen(), gate=False)
    out = tmp_path / "out"
    told = export_onnx(plain, words, out, ExportOrder(int8=True), clock())
    assert sorted(told["graphs"]) == ["image", "image.int8", "text", "text.int8"]
    assert told["pictures"] == "made up"
    loaded = load_onnx_encoder(out)
    assert loaded.encode(SAMPLES) == pytest.approx(plain.encode(SAMPLES), abs=1e-5)
    with pytest.raises(InputError, match="not exported to int4; it has fp32, int8"):
        load_onnx_encoder(out, "int4")  # type: ignore[arg-type]
