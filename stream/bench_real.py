"""The models of the settings on photos and voices of real people: what `bench --data` adds.

The bundled room is made, and easier than the world; its figures are told beside these.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.errors import InputError
from stream.settings import Settings

PHOTOS = Path("grocery_store") / "dataset"
"""Grocery Store (MIT): photos taken in shops, and a page picture of each product."""
VOICES = Path("coffee_speech")
"""Orders at a coffee machine by many speakers, from a public benchmark (Apache-2.0)."""


def check_data(data: Path) -> None:
    """Refuse a folder in which there is nothing to measure, before anything costly is done.

    Raises:
        InputError: neither photos nor voices are there.
    """
    if not (data / PHOTOS).is_dir() and not (data / VOICES).is_dir():
        message = f"--data {data}: neither {PHOTOS} nor {VOICES} is there"
        raise InputError(message)


def measure_real(settings: Settings, data: Path) -> dict[str, Any]:
    """Return the figures on photos and voices; none for what is not in the folder.

    Raises:
        InputError: a data set is not laid out as expected.
        WeightsError: the models were not pulled.
    """
    photos, voices = data / PHOTOS, data / VOICES
    return {
        "photos": _photos(settings, photos) if photos.is_dir() else None,
        "voices": _voices(settings, voices) if voices.is_dir() else None,
    }


def _photos(settings: Settings, folder: Path) -> dict[str, Any]:
    from stream.stages.loading import load_encoder
    from workers.photo_recall import measure_photos

    found = measure_photos(folder, load_encoder(settings))
    return {
        "encoder": settings.models.encoder,
        "photos": found.photos,
        "pages": found.pages,
        **{f"recall_at_{k}": round(share, 3) for k, share in found.recall_at.items()},
        "standard_error": round(found.standard_error, 3),
    }


def _voices(settings: Settings, folder: Path) -> dict[str, Any]:
    from stream.stages.asr import load_speech, utterance_options
    from workers.voice_slots import measure_voices

    model = load_speech(settings)
    found = asdict(measure_voices(folder, model, utterance_options(settings, live=False)))
    return {"model": model.name} | {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in found.items()
    }
