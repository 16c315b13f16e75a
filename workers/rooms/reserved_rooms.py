"""Rooms that results are reported on: whoever fits or trains refuses them."""

import json
from collections.abc import Sequence
from pathlib import Path

from models.errors import InputError
from workers.rooms.room_options import RESERVED


def refuse_reserved(folders: Sequence[Path]) -> None:
    """Raise where one of the rooms was made from a seed that only measures.

    A folder without a readable truth is left to whoever reads it.

    Raises:
        InputError: one was.
    """
    for folder in folders:
        try:
            truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        seed = truth.get("seed") if isinstance(truth, dict) else None
        if isinstance(seed, int) and seed in RESERVED:
            message = (
                f"{folder} was made from seed {seed}; seeds {RESERVED.start} to "
                f"{RESERVED.stop - 1} measure, and nothing is fitted on them: make another room"
            )
            raise InputError(message)
