"""Candidates of a clip → the same with how much what was said speaks against each. Pure."""

from models import told_apart
from workers.events import Candidate

Candidates = tuple[Candidate, ...]


def with_variants(said: str, kept: Candidates, beside: Candidates) -> tuple[Candidates, Candidates]:
    """Return candidates that know how much better the words of a look-alike were heard.

    Args:
        said: words of the clip.
        kept: candidates; those that were not scored by sound, as there are no words, stay as they
            are.
        beside: more of them, compared with these too.
    """
    titles = [one.title for one in (*kept, *beside) if "sounds" in one.by]
    against = dict(zip(titles, told_apart.against(titles, said), strict=True))
    told = [_with(one, against) for one in (*kept, *beside)]
    return tuple(told[: len(kept)]), tuple(told[len(kept) :])


def _with(one: Candidate, against: dict[str, float]) -> Candidate:
    if "sounds" not in one.by:
        return one
    return one.model_copy(update={"by": {**one.by, "variant": against[one.title]}})
