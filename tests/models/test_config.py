"""Encoder settings survive their file and refuse what they do not know."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.checkpoint import PRESETS, fingerprint
from models.config import (
    EncoderConfig,
    FusionConfig,
    ImageConfig,
    TemporalConfig,
    TextConfig,
    from_json,
    load_config,
    to_json,
)
from models.errors import InputError


def test_settings_survive_their_json() -> None:
    config = EncoderConfig(
        name="x",
        frames=3,
        image=ImageConfig(fit="letterbox", mean=(0.1, 0.2, 0.3), crop=0.5),
        text=TextConfig(padding="max", attention=False),
        fusion=FusionConfig(image_weight=1.0),
    )
    assert from_json(to_json(config)) == config


def test_newer_settings_survive_their_json() -> None:
    config = EncoderConfig(
        image=ImageConfig(family="transformers", pool="cls"),
        text=TextConfig(trained=True, pool="pooled", domains=("page", "live")),
        fusion=FusionConfig("transformer", layers=3, heads=8, per_domain=True),
        temporal=TemporalConfig(layers=1, heads=2),
        sharing="separate",
        prefixes=(128, 64),
        prefix=64,
    )
    assert from_json(to_json(config)) == config


TRAINED = EncoderConfig(fusion=FusionConfig("gated"), prefixes=(64, 32))


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"image": ImageConfig(family="transformers")}, True),
        ({"text": TextConfig(pool="cls")}, True),
        ({"text": TextConfig(domains=("page",))}, True),
        ({"text": TextConfig(trained=True)}, False),
        ({"fusion": FusionConfig("gated", per_domain=True)}, True),
        ({"fusion": FusionConfig("gated", image_weight=0.1, layers=7, heads=1)}, False),
        ({"fusion": FusionConfig("transformer", layers=3)}, True),
        ({"temporal": TemporalConfig(layers=1)}, True),
        ({"temporal": TemporalConfig(heads=2)}, False),
        ({"sharing": "separate"}, True),
        ({"prefixes": ()}, False),
        ({"prefix": 64}, True),
    ],
)
def test_the_fingerprint_follows_what_moves_a_vector(change: dict[str, Any], moves: bool) -> None:
    changed = replace(TRAINED, **change)
    assert (fingerprint(changed, {}) != fingerprint(TRAINED, {})) is moves


def test_the_fingerprints_of_older_settings_stay() -> None:
    pinned = "fcdafb92bb752fe83c0955d318090bda61a86e6ef7c61305fdf6f4a0dffb5692"
    assert fingerprint(load_config(PRESETS / "liveshelf" / "config.json"), {"a": "b"}) == pinned


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frams": 3}, r"'frams'.*frames"),
        ({"image": {"fit": "stretch"}}, r"fit is 'stretch'.*centre, squash, letterbox"),
        ({"image": {"crop": 7}}, r"image\.crop is 7.*0\.1 to 1\.0"),
        ({"image": {"mean": [1, 2]}}, "three numbers"),
        ({"image": 3}, "should be an object"),
        ({"frames": True}, "not of type int"),
        ({"frames": "8"}, "not of type int"),
        ({"text": {"attention": 1}}, "not of type bool"),
        ({"fusion": {"kind": "mean", "image_weight": -0.1}}, r"image_weight is -0\.1"),
        ({"kind": "dual"}, "fuses by mean"),
        ({"sharing": "separate"}, "sharing needs a fusion that is trained, not 'concat'"),
        ({"temporal": {"layers": 2}}, r"temporal\.layers needs a fusion that is trained"),
        ({"text": {"trained": True}}, r"text\.trained needs a fusion that is trained"),
        ({"text": {"domains": "page"}}, "domains should be a list of page, video, live"),
        ({"prefixes": [True]}, "prefixes should be a list of int values"),
        ({"fusion": {"kind": "gated"}, "prefixes": [256]}, "prefixes is 256.* 2 to 128"),
        ({"fusion": {"kind": "gated"}, "prefix": 64}, "prefix is 64, but .* trained are: none"),
        ({"fusion": {"kind": "transformer", "heads": 5}}, r"fusion\.heads is 5, but must divide"),
        ({"image": {"pool": "pooled"}}, "for models of transformers, not of timm"),
        ({"format": 99}, '"format": 1'),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_json(json.dumps({"format": 1, **change}))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.json"):
        load_config(tmp_path / "absent.json")
    with pytest.raises(InputError, match="not JSON"):
        from_json("{")


def test_absent_settings_have_their_defaults() -> None:
    assert from_json('{"format": 1, "image": {"crop": 0.5}}').image == ImageConfig(crop=0.5)
