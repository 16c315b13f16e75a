"""The live path says what the trainer saw, whatever the networks are made of."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.batch import Sample
from models.checkpoint import load_checkpoint
from models.config import (
    EncoderConfig,
    FusionConfig,
    ImageConfig,
    TemporalConfig,
    TextConfig,
)
from models.encoder import Branches, Encoder, load_encoder
from models.errors import InputError, WeightsError
from models.losses.matching import MatchingOptions
from models.preprocess import to_batch
from models.world import moved
from tests.models.made_networks import Made, made_networks
from tests.tiny_vision import picture, save_branches
from tests.tiny_vision_models import save_vision

DIM = 16
SAMPLES = (
    Sample("page", (picture("red"),), "apricot jam"),
    Sample("live", (picture("blue"), picture("green"), picture("red")), "oat milk honey soup"),
    Sample("video", tuple(picture(name) for name in ("green", "red")), "dark roast coffee"),
    Sample("live", (), "dark roast coffee"),
    Sample("video", (picture("green"),), None),
    Sample("page", (), None),
)
FUSIONS = {
    "gated": FusionConfig("gated", dim=DIM, gate_hidden=8),
    "concat_mlp": FusionConfig("concat_mlp", dim=DIM),
    "transformer": FusionConfig("transformer", dim=DIM, layers=2, heads=2),
    "fixed": FusionConfig("fixed", dim=DIM, image_weight=0.7),
}
TEMPORAL = TemporalConfig(layers=2, heads=2)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    save_branches(folder)
    save_vision(folder / "vit", "vit")
    return folder


Make = Callable[..., Made]


@pytest.fixture
def make(weights: Path, tmp_path: Path) -> Make:
    return partial(made_networks, weights, tmp_path)


def _trained(made: Made, samples: tuple[Sample, ...] = SAMPLES) -> torch.Tensor:
    batch = to_batch(samples, made.tokenizer, made.config)
    with torch.no_grad():
        fused: torch.Tensor = made.networks(batch, made.networks.reader()(batch)).fused
    return fused


def _settings() -> list[tuple[str, EncoderConfig]]:
    found = []
    for kind, fusion in FUSIONS.items():
        plain = EncoderConfig(fusion=fusion)
        found += [
            (kind, plain),
            (f"{kind}, in time", replace(plain, temporal=TEMPORAL)),
            (f"{kind}, by domain", replace(plain, fusion=replace(fusion, per_domain=True))),
        ]
    gated = EncoderConfig(fusion=FUSIONS["gated"], temporal=TEMPORAL)
    own = TextConfig(trained=True, pool="pooled")
    vit = ImageConfig(family="transformers", pool="cls")
    apart = replace(FUSIONS["concat_mlp"], per_domain=True)
    found += [
        ("separate encoders", replace(gated, sharing="separate")),
        ("trained text", replace(gated, text=own)),
        ("padded text", replace(gated, text=TextConfig(padding="max", attention=False))),
        ("a vision transformer", replace(gated, image=vit)),
        ("text of pages", replace(gated, text=TextConfig(domains=("page",)))),
        (
            "all of it apart",
            replace(gated, image=vit, text=own, fusion=apart, sharing="separate"),
        ),
    ]
    return found


CASES = _settings()


@pytest.mark.parametrize("config", [one for _, one in CASES], ids=[name for name, _ in CASES])
def test_live_path_and_trainer_give_the_same_vector(make: Make, config: EncoderConfig) -> None:
    made = make(config)
    live = made.encoder.encode(SAMPLES)
    assert live == pytest.approx(_trained(made).numpy(), abs=1e-6)
    lengths = [1.0, 1.0, 1.0, float("live" in config.text.domains), 1.0, 0.0]
    assert np.linalg.norm(live, axis=1) == pytest.approx(lengths, abs=1e-6)
    assert made.encoder.dim == DIM == live.shape[1]


@pytest.mark.parametrize("config", [CASES[-1][1], CASES[7][1]], ids=[CASES[-1][0], CASES[7][0]])
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(SAMPLES))), most=st.integers(1, len(SAMPLES)))
def test_batch_composition_does_not_move_a_bit(
    make: Make, known: dict[str, Made], config: EncoderConfig, order: list[int], most: int
) -> None:
    name = str(config)
    if name not in known:
        known[name] = make(config)
    chosen = order[:most]
    folder = known[name].folder
    alone = np.concatenate([known[name].encoder.encode([sample]) for sample in SAMPLES])
    fresh = load_encoder(str(folder), folder, "cpu")
    assert np.array_equal(fresh.encode([SAMPLES[at] for at in chosen]), alone[chosen])


@pytest.fixture(scope="module")
def known() -> dict[str, Made]:
    return {}


def test_domains_share_everything_unless_told_otherwise(make: Make) -> None:
    def spread(config: EncoderConfig) -> float:
        made = make(config)
        same = [replace(SAMPLES[1], domain=domain) for domain in ("page", "video", "live")]
        page, video, live = made.encoder.encode(same)
        return float(max(np.abs(page - video).max(), np.abs(video - live).max()))

    plain = EncoderConfig(fusion=FUSIONS["concat_mlp"])
    assert spread(plain) == 0.0
    assert spread(replace(plain, fusion=replace(plain.fusion, per_domain=True))) > 1e-3
    assert spread(replace(plain, sharing="separate")) > 1e-3


def test_text_of_other_domains_counts_as_missing(make: Make) -> None:
    made = make(EncoderConfig(fusion=FUSIONS["gated"], text=TextConfig(domains=("page",))))
    clip = SAMPLES[1]
    told, silent = made.encoder.encode([clip, replace(clip, text=None)])
    assert np.array_equal(told, silent)
    page, bare = made.encoder.encode([SAMPLES[0], replace(SAMPLES[0], text=None)])
    assert np.abs(page - bare).max() > 1e-3


@pytest.mark.parametrize("kind", ["concat_mlp", "transformer"])
def test_missing_text_is_a_learned_vector_and_no_empty_string(make: Make, kind: str) -> None:
    made = make(EncoderConfig(fusion=FUSIONS[kind]))
    silent = replace(SAMPLES[1], text=None)
    before = _trained(made, (SAMPLES[1], silent))
    with torch.no_grad():
        made.networks.get_parameter("gate.absent.vectors")[1] += 1.0
    after = _trained(made, (SAMPLES[1], silent))
    assert torch.equal(before[0], after[0])
    assert not torch.allclose(before[1], after[1], atol=1e-3)


def test_the_order_of_pictures_counts_only_in_time(make: Make) -> None:
    clip = SAMPLES[1]
    back = replace(clip, frames=tuple(reversed(clip.frames)))
    plain = EncoderConfig(fusion=FUSIONS["gated"])
    still = _trained(make(plain), (clip, back))
    assert torch.allclose(still[0], still[1], atol=1e-6)
    timed = _trained(make(replace(plain, temporal=TEMPORAL)), (clip, back))
    assert not torch.allclose(timed[0], timed[1], atol=1e-4)


def test_a_prefix_is_the_first_numbers_at_length_one(make: Make) -> None:
    fusion = FUSIONS["concat_mlp"]
    config = EncoderConfig(fusion=fusion, prefixes=(16, 8, 4))
    whole, short = make(config), make(config, prefix=8)
    vectors = whole.encoder.encode(SAMPLES)
    found = short.encoder.encode(SAMPLES)
    by_hand = [row[:8] / (np.linalg.norm(row[:8]) or 1.0) for row in vectors]
    assert found == pytest.approx(np.array(by_hand), abs=1e-6)
    assert (short.encoder.dim, short.encoder.layout.dim) == (8, 8)
    assert short.encoder.fingerprint != whole.encoder.fingerprint
    assert make(config, prefix=16).encoder.fingerprint == whole.encoder.fingerprint
    assert make(replace(config, prefixes=())).encoder.fingerprint == whole.encoder.fingerprint
    with pytest.raises(InputError, match="prefix is 5, but the lengths that were trained are: 16"):
        make(config, prefix=5)


def test_a_trained_text_network_travels_and_leaves_the_pretrained_folder_behind(
    make: Make, weights: Path
) -> None:
    made = make(EncoderConfig(fusion=FUSIONS["gated"], text=TextConfig(trained=True)))
    checkpoint = load_checkpoint(made.folder)
    assert checkpoint.config.text.weights == "checkpoint"
    assert (made.folder / "text" / "tokenizer.json").is_file()
    told = b"".join(path.read_bytes() for path in made.folder.rglob("*.json"))
    assert str(weights).encode() not in told
    (made.folder / "text" / "added_tokens.json").write_text("{}")
    with pytest.raises(WeightsError, match=r"text/added_tokens\.json is not in manifest"):
        load_checkpoint(made.folder)


def test_what_learns_gets_a_gradient_and_what_is_frozen_none(make: Make) -> None:
    apart = replace(FUSIONS["concat_mlp"], per_domain=True)
    made = make(EncoderConfig(fusion=apart, temporal=TEMPORAL, sharing="separate"))
    for trained in (False, True):
        if trained:
            text = TextConfig(trained=True)
            made = make(EncoderConfig(fusion=apart, temporal=TEMPORAL, text=text))
        networks = made.networks
        networks.release(frozen_blocks=1)
        samples = [replace(one, domain=to) for one in SAMPLES for to in ("page", "video", "live")]
        batch = to_batch(samples, made.tokenizer, made.config)
        fused = networks(batch, networks.reader()(batch)).fused
        torch.autograd.backward((fused * torch.randn_like(fused)).sum())
        for name, parameter in networks.named_parameters():
            frozen = name.startswith("text.branch.") and not trained
            stem = any(part in name for part in ("conv_stem", "network.bn1", ".blocks.0."))
            assert (parameter.grad is None) is (frozen or stem), name


def test_networks_of_an_absent_domain_have_a_gradient_of_zero(make: Make) -> None:
    """Processes that share a step exchange a gradient of every parameter."""
    apart = replace(FUSIONS["concat_mlp"], per_domain=True)
    made = make(EncoderConfig(fusion=apart, temporal=TEMPORAL, sharing="separate"))
    networks = made.networks.train()
    networks.release(frozen_blocks=0)
    samples = [replace(one, domain="live") for one in SAMPLES[:3]]
    batch = to_batch(samples, made.tokenizer, made.config)
    fused = networks(batch, networks.reader()(batch)).fused
    torch.autograd.backward((fused * torch.randn_like(fused)).sum())
    learns = [(name, one) for name, one in networks.named_parameters() if one.requires_grad]
    assert {name for name, one in learns if one.grad is None} == set()
    asleep = [one.grad for name, one in learns if ".page." in name or ".video." in name]
    assert asleep
    assert all(grad is not None and not grad.any() for grad in asleep)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("config", [CASES[-1][1], CASES[7][1]], ids=[CASES[-1][0], CASES[7][0]])
def test_networks_on_a_gpu_say_the_same_as_on_a_cpu(make: Make, config: EncoderConfig) -> None:
    made = make(config)
    wanted = made.encoder.encode(SAMPLES)
    networks = made.networks.cuda()
    batch = to_batch(SAMPLES, made.tokenizer, made.config)
    texts = networks.reader()(batch)
    with torch.no_grad():
        trained = networks(moved(batch, torch.device("cuda")), texts).fused
    assert trained.cpu().numpy() == pytest.approx(wanted, abs=1e-3)
    live = Encoder(made.config, Branches.trained(networks, made.tokenizer), "x", (), "cuda")
    assert live.encode(SAMPLES) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("config", [CASES[-1][1], CASES[0][1]], ids=[CASES[-1][0], CASES[0][0]])
def test_patches_come_with_the_same_vectors(make: Make, config: EncoderConfig) -> None:
    made = make(config)
    batch = to_batch(SAMPLES, made.tokenizer, made.config)
    texts = made.networks.reader()(batch)
    with torch.no_grad():
        plain = made.networks(batch, texts)
        made.networks.learn_pairwise(MatchingOptions())
        looked_at = made.networks(batch, texts)
    assert plain.patches is None
    assert looked_at.patches.shape[0] == len(batch.pixels)
    assert torch.allclose(looked_at.fused, plain.fused, atol=1e-6)
    assert not [name for name in made.networks.weights() if name.startswith("pairwise.")]


def test_more_pictures_than_positions_are_refused(make: Make) -> None:
    made = make(EncoderConfig(fusion=FUSIONS["gated"], temporal=TEMPORAL))
    many = replace(made.config, frames=9)
    batch = to_batch([Sample("live", [picture("red")] * 9)], made.tokenizer, many)
    with pytest.raises(InputError, match="9 pictures, but this encoder knows 4"):
        made.networks(batch, made.networks.reader()(batch))


def test_patches_are_told_when_they_are_compared_and_change_no_vector(make: Make) -> None:
    made = make(EncoderConfig(fusion=FUSIONS["gated"], temporal=TEMPORAL))
    batch = to_batch(SAMPLES, made.tokenizer, made.config)
    texts = made.networks.reader()(batch)
    with torch.no_grad():
        plain = made.networks(batch, texts)
        made.networks.learn_pairwise(MatchingOptions(width=8, heads=2))
        told = made.networks(batch, texts)
    assert plain.patches is None
    assert all(torch.equal(*pair) for pair in zip(plain[:4], told[:4], strict=True))
    assert told.patches.shape[0] == len(batch.pixels)
