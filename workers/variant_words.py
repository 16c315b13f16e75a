"""Candidates of a clip → the same with how much what was said speaks against each. Pure."""

from collections.abc import Callable

from models import told_apart
from workers.events import Candidate

Candidates = tuple[Candidate, ...]


def with_variants(
    said: str, kept: Candidates, beside: Candidates, is_inside: Callable[[Candidate], bool]
) -> tuple[Candidates, Candidates]:
    """Return candidates that know how much better the words of a look-alike were heard.

    What is outside of the room's own gallery, and was named no better than something inside, has
    no more to say for it than look-alikes of what was named: it bears what the worst of these does.

    Args:
        said: words of the clip.
        kept: candidates; those that were not scored by sound, as there are no words, stay as they
            are.
        beside: more of them, compared with these too.
        is_inside: whether a candidate is in the room's own, narrowest gallery.
    """
    heard = [one for one in (*kept, *beside) if "sounds" in one.by]
    against = told_apart.against([one.title for one in heard], said)
    own = [(one, worse) for one, worse in zip(heard, against, strict=True) if is_inside(one)]
    named = max((one.by["sounds"] for one, _ in own), default=0.0)
    worst = min((worse for _, worse in own), default=0.0)
    told = {
        one.product_id: worse if is_inside(one) or one.by["sounds"] > named else min(worse, worst)
        for one, worse in zip(heard, against, strict=True)
    }
    return tuple(_with(one, told) for one in kept), tuple(_with(one, told) for one in beside)


def _with(one: Candidate, told: dict[str, float]) -> Candidate:
    if one.product_id not in told:
        return one
    return one.model_copy(update={"by": {**one.by, "variant": told[one.product_id]}})
