"""Vector events of clips that show a colour and say some words."""

from models.errors import BadEventError
from tests.tiny_vision import image_bytes, picture
from workers.clip import Clip
from workers.encode import ClipEncoder
from workers.encoding import Encodes
from workers.events import ClipText, FrameRef, Vector


def vectors(encoder: Encodes, *clips: tuple[str | None, str]) -> list[Vector]:
    """Return a vector of each colour and words."""
    jobs = []
    for slot, (colour, words) in enumerate(clips):
        ref = FrameRef(slot=slot, at_ms=1_000 * slot)
        frames = ((ref, image_bytes(picture(colour), "PNG")),) if colour else ()
        text = ClipText(transcript=words)
        at_ms = 1_000 * slot
        jobs.append(Clip("room", slot, at_ms, at_ms + 1_000, at_ms, False, frames, text))
    events = []
    for outcome in ClipEncoder(encoder).process(jobs):
        assert not isinstance(outcome, BadEventError)
        assert isinstance(outcome[0], Vector)
        events.append(outcome[0])
    return events
