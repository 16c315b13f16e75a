"""Made rooms played for whoever fits numbers on them: every candidate, with all its scores."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stream.count_bar import count_bar
from stream.rooms_trial import play_rooms
from stream.settings import Settings
from stream.trial_stages import SettingsStages, index_catalogue, with_own_index
from workers.rooms.fit import RoomEvidence
from workers.rooms.trial import Trial, TrialRoom
from workers.rooms.variants import GALLERIES, Gallery, Variant

_EVERY_CANDIDATE = 1_000


def evidence_settings(settings: Settings, cache: Path, catalogue: Path) -> Settings:
    """Return settings under which a match tells everything and no tag counts.

    Args:
        settings: which models.
        cache: folder of the index.
        catalogue: what is searched.
    """
    match = replace(
        settings.match,
        sounds_weight=0.0,
        threshold=1.0,
        top_k=_EVERY_CANDIDATE,
        step_down="empty",
    )
    return with_own_index(replace(settings, match=match), cache, catalogue)


def play_evidence(
    settings: Settings, rooms: Sequence[TrialRoom], catalogue: Path, cache: Path
) -> dict[Gallery, list[RoomEvidence]]:
    """Return the matches of all rooms by the vector alone, by gallery; shows progress.

    Args:
        settings: which models; the sound weight and the threshold that they have do not count.
        rooms: to play.
        catalogue: what is searched.
        cache: folder of what was played before.

    Raises:
        LiveShelfError: a room, model or index cannot be used.
    """
    played = evidence_settings(settings, cache, catalogue)
    variants = [Variant(gallery) for gallery in GALLERIES]
    found: dict[Gallery, list[RoomEvidence]] = {gallery: [] for gallery in GALLERIES}
    with count_bar() as bar:
        index_catalogue(played, catalogue, bar)
        for step in play_rooms(Trial(SettingsStages(played), cache), rooms, variants, bar):
            if step.tried is not None:
                one = RoomEvidence(step.tried.matches, step.tried.room.truth)
                found[step.tried.variant.gallery].append(one)
    return found
