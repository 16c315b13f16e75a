"""What no event may carry."""

import math

import pytest
from pydantic import ValidationError

from workers.events import Candidate, Evidence, Summary, Tag, Vector, Word

GRID = {"stream_id": "room", "slot": 0, "start_ms": 0, "end_ms": 1, "watermark_ms": 1}
TAG = {
    "stream_id": "room", "tag_id": "t", "status": "started", "slot": 0, "product_id": "p",
    "start_ms": 0, "decided_ms": 1,
}  # fmt: skip


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_cannot_say_are_refused_where_they_arise(number: float) -> None:
    # Written they would be null, and the reader of the record would be blamed.
    for event, fields in (
        (Candidate, {"product_id": "p", "score": number}),
        (Candidate, {"product_id": "p", "score": 0.5, "by": {"frames": number}}),
        (Evidence, {"threshold": number}),
        (Tag, {**TAG, "score": number}),
        (Summary, {**GRID, "score": number}),
        (Vector, {**GRID, "terms": {7: number}}),
        (Word, {"text": "jam", "start_ms": 0, "end_ms": 1, "probability": number}),
    ):
        with pytest.raises(ValidationError, match=r"finite number|less than or|greater than or"):
            event.model_validate(fields)
