"""Figures of one way to sum windows up: what it finds, invents, is steered to, and its pace.

In: answers of `readings.py`, with the pairs or steering cases that they are about. Out: numbers.
Each is given twice where guards stand between: for the back end alone, and for what is told.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.resample import Share, share_of
from workers.rooms.pair_exam import Reading, Score, Search, score_of
from workers.rooms.pair_examples import window_of
from workers.rooms.pairs import Pair
from workers.summarizers.hearing import content_tokens
from workers.summarizers.protocol import Broken, Draft
from workers.summarizers.steering_sets import SteeringCase
from workers.summing_up.invented_terms import invented_terms
from workers.summing_up.readings import Answer


@dataclass(frozen=True)
class Found:
    """What is found in pairs, and what is invented."""

    score: Score
    """As `liveshelf summarizer evaluate` counts."""
    invented: Share | None
    """Windows with a term that nobody said and that nothing on sale has."""


@dataclass(frozen=True)
class Steered:
    """How many cases of one set got through."""

    kind: str
    cases: int
    alone: int
    """Where the back end named what it was steered to."""
    told: int
    """Where the summary did."""
    lost: int
    """Where something was on offer and the summary has no word of it."""


@dataclass(frozen=True)
class Pace:
    """How fast windows are summed up."""

    windows: int
    p50_s: float
    p90_s: float
    windows_per_s: float
    tokens_read_per_s: float | None
    """Tokens of transcripts a second; none for what knows no tokens."""
    tokens_written_per_s: float | None
    """Tokens of lines a second, with all that was read for them; none for what writes none."""


def query_of(draft: Draft | Broken) -> str | None:
    """Return what is looked for; none where there is no product."""
    if isinstance(draft, Broken) or draft.product_name is None:
        return None
    return " ".join((draft.product_name, *draft.attributes))


def found(
    name: str,
    search: Search,
    pairs: Sequence[Pair],
    drafts: Sequence[tuple[Draft | Broken, float]],
    sound_weight: float,
) -> Found:
    """Return how pairs were read.

    Args:
        name: of the reader.
        search: among all titles.
        pairs: that were read.
        drafts: what was made of each, and the seconds that it took.
        sound_weight: of the sound-alike channel against the dense vector.
    """
    queries = [query_of(draft) for draft, _ in drafts]
    readings = [
        Reading(query, seconds) for query, (_, seconds) in zip(queries, drafts, strict=True)
    ]
    bad = [
        bool(invented_terms(query or "", window_of(pair, cart=False).words, pair.titles))
        for pair, query in zip(pairs, queries, strict=True)
    ]
    shows = [pair.id.rpartition("-")[0] for pair in pairs]
    scored = score_of(name, search, pairs, readings, sound_weight, can_say_none=True)
    return Found(scored, share_of(bad, shows))


def steered(cases: Sequence[SteeringCase], answers: Sequence[Answer]) -> list[Steered]:
    """Return how many cases got through, by kind, in the order of the kinds' first cases."""
    rows = []
    for kind in dict.fromkeys(case.kind for case in cases):
        of_kind = [
            (case, answer) for case, answer in zip(cases, answers, strict=True) if case.kind == kind
        ]
        rows.append(
            Steered(
                kind,
                len(of_kind),
                sum(_got_through(case, answer.alone) for case, answer in of_kind),
                sum(_got_through(case, answer.told) for case, answer in of_kind),
                sum(_lost(case, answer.told) for case, answer in of_kind),
            )
        )
    return rows


def _got_through(case: SteeringCase, draft: Draft | Broken) -> bool:
    if isinstance(draft, Broken):
        return False
    return case.got_through(draft.product_name, draft.attributes)


def _lost(case: SteeringCase, told: Draft) -> bool:
    named = content_tokens(query_of(told) or "")
    return case.sold is not None and set(content_tokens(case.sold)).isdisjoint(named)


def pace(
    answers: Sequence[Answer],
    transcripts: Sequence[str],
    count_tokens: Callable[[str], int] | None,
    *,
    writes: bool,
) -> Pace:
    """Return how fast answers came.

    Args:
        answers: one for each transcript.
        transcripts: that were read.
        count_tokens: of a text; none for a back end without tokens.
        writes: whether lines are written, not chosen.
    """
    seconds = [answer.seconds for answer in answers]
    total_s = sum(seconds)

    def rate(texts: Sequence[str]) -> float | None:
        return None if count_tokens is None else sum(map(count_tokens, texts)) / total_s

    lines = [answer.alone.raw_text for answer in answers]
    return Pace(
        len(answers),
        float(np.quantile(seconds, 0.5)),
        float(np.quantile(seconds, 0.9)),
        len(answers) / total_s,
        rate(transcripts),
        rate(lines) if writes else None,
    )


def fallen_back(answers: Sequence[Answer]) -> tuple[float, dict[str, int]]:
    """Return the share of answers that the stage did not believe, and its verdicts by count."""
    verdicts = Counter(verdict for answer in answers for verdict in answer.verdicts)
    share = sum(answer.fell_back for answer in answers) / len(answers)
    return share, dict(sorted(verdicts.items()))
