"""Encoder settings survive their file and refuse what they do not know."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.config import (
    EncoderConfig,
    FusionConfig,
    ImageConfig,
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
