"""Which modality sets a product apart from the others that a clip may show. Pure."""

from collections.abc import Sequence

from workers.decision import Threshold
from workers.events import Candidate, Sense


def decided_by(product_id: str, candidates: Sequence[Candidate], rule: Threshold) -> Sense | None:
    """Return the modality by which a product is furthest ahead of the likeliest other one.

    What is said counts by its meaning, by the sound of the name, and by the words that look-alikes
    do not share, together.

    Args:
        product_id: The product.
        candidates: Of the clip.
        rule: How much each modality speaks for a candidate.

    Returns:
        None where the product is no candidate, no modality is for it, or the rule does not tell
        modalities apart.
    """
    own = next((one for one in candidates if one.product_id == product_id), None)
    weights = None if own is None else rule.weights(own.by)
    if own is None or weights is None:
        return None
    others = [weights.shares(one.by) for one in candidates if one is not own]
    rival = max(others, key=lambda shares: sum(shares.values()), default={})
    ahead = {name: share - rival.get(name, 0.0) for name, share in weights.shares(own.by).items()}
    vision = ahead.pop("vision", 0.0)
    by: dict[Sense, float] = {"vision": vision, "speech": sum(ahead.values())}
    best = max(by, key=lambda name: by[name])
    return best if by[best] > 0 else None
