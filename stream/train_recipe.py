"""What the words of `liveshelf train` ask for: a preset and what the user changes of it."""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.config import EncoderConfig
    from models.train_options import TrainOptions


def recipe_of(name: str, changes: list[str]) -> "tuple[EncoderConfig, tuple[str, ...]]":
    """Return the encoder of a preset with changes, and the preset's options.

    Raises:
        InputError: there is no such preset or setting, or it is not trained.
    """
    from models.errors import InputError
    from models.presets import changed, load_preset

    found = load_preset(name)
    config = changed(found.encoder, changes)
    if config.kind == "dual":
        message = f"--preset {name} is not trained; load it as zero-shot:NAME"
        raise InputError(message)
    return config, found.train


def options_of(
    assignments: list[str], minutes: float | None, epochs: float | None, preset: tuple[str, ...]
) -> "TrainOptions":
    """Return the options of a run: the preset's, then the user's; an hour unless either says.

    Raises:
        InputError: an option is unknown or out of its range.
    """
    from models.train_options import train_options

    found = train_options([*preset, *assignments])
    if epochs is None and minutes is None and not any(one.startswith("epochs=") for one in preset):
        minutes = 60.0
    return replace(found, minutes=minutes, epochs=epochs or found.epochs)
