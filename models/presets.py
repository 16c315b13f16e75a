"""Ways to make an encoder, by name: plain JSON in `presets/`, each number with its source.

In: a name, and settings that the user changes. Out: settings of an encoder, and options of a
training run as words, which only `train_options` understands. An encoder that was trained is no
preset but a checkpoint.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.config import FORMAT, EncoderConfig, from_json, to_json
from models.errors import InputError

_FOLDER = Path(__file__).with_name("presets")
_KEYS = {"why", "encoder", "train"}


@dataclass(frozen=True)
class Preset:
    """One way to make an encoder."""

    name: str
    why: tuple[str, ...]
    """Where each choice is from, a sentence or more each."""
    encoder: EncoderConfig
    train: tuple[str, ...]
    """KEY=VALUE words for `train_options.train_options`."""


def preset_names() -> list[str]:
    """Return the names of the presets that are shipped."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def load_preset(name: str) -> Preset:
    """Return a preset.

    Raises:
        InputError: there is none of that name, or its file is wrong.
    """
    if name not in preset_names():
        message = f"no preset is named {name!r}; there are {', '.join(preset_names())}"
        raise InputError(message)
    path = _FOLDER / f"{name}.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    if set(told) != _KEYS:
        message = f"{path} should have {', '.join(sorted(_KEYS))}, but has {', '.join(told)}"
        raise InputError(message)
    encoder = from_json(json.dumps({"format": FORMAT, **told["encoder"]}), f"preset {name}")
    words = tuple(f"{key}={value}" for key, value in told["train"].items())
    return Preset(name, tuple(told["why"]), encoder, words)


def changed(config: EncoderConfig, assignments: Sequence[str]) -> EncoderConfig:
    """Return settings with some of them changed by words like `image.weights=/models/dinov2`.

    Raises:
        InputError: a key is unknown, or a value of another type or out of its range.
    """
    told = json.loads(to_json(config))
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            message = f"encoder setting {assignment!r}: want KEY=VALUE, for instance frames=4"
            raise InputError(message)
        *path, last = key.split(".")
        part = told
        for name in path:
            part = part.get(name)
            if not isinstance(part, dict):
                message = f"encoder setting {key}: there is no part {name!r}"
                raise InputError(message)
        part[last] = value if isinstance(part.get(last), str) else _value(key, value)
    return from_json(json.dumps(told), "encoder settings")


def _value(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"encoder setting {key}: {text!r} is no number, list, true or false"
        raise InputError(message) from error
