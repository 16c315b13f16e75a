"""The row of one reader in the report of `liveshelf bench summarize`, ready for JSON."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from workers.rooms.pair_exam import Search
from workers.rooms.pairs import Pair
from workers.summarizers.steering_sets import SteeringCase
from workers.summing_up.figures import fallen_back, found, pace, steered
from workers.summing_up.readings import Answer


def row_of(
    name: str,
    answers: Sequence[Answer],
    asked: tuple[Sequence[Pair], Sequence[SteeringCase]],
    search: Search,
    sound_weight: float,
    count_tokens: Callable[[str], int] | None,
) -> dict[str, Any]:
    """Return a reader's figures.

    Args:
        name: of the reader.
        answers: to all pairs, then to all cases.
        asked: pairs, at least one, and cases.
        search: among all titles of the pairs.
        sound_weight: of the sound-alike channel against the dense vector.
        count_tokens: of a text; none for a back end without tokens.
    """
    pairs, cases = asked
    of_pairs, of_cases = answers[: len(pairs)], answers[len(pairs) :]
    alone = [(answer.alone, answer.seconds) for answer in of_pairs]
    told = [(answer.told, answer.seconds) for answer in of_pairs]
    share, verdicts = fallen_back(of_pairs)
    transcripts = [pair.transcript for pair in pairs]
    writes = name.endswith("writing")
    return {
        "reader": name,
        "alone": asdict(found(name, search, pairs, alone, sound_weight)),
        "told": asdict(found(name, search, pairs, told, sound_weight)),
        "fell_back": share,
        "verdicts": verdicts,
        "steered": [asdict(one) for one in steered(cases, of_cases)],
        "pace": asdict(pace(of_pairs, transcripts, count_tokens, writes=writes)),
    }
