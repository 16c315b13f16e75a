"""What a row may hold; wrong values are named with their limit."""

import pytest

from models.errors import InputError
from models.manifest_row import heard_of, row_of

CLIP = {"product_id": "a", "domain": "live", "split": "train", "frames": ["a.jpg"]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start_ms": -1}, "start_ms should be milliseconds, 0 to 9007199254740992, or null, not "),
        ({"end_ms": 2**53 + 1}, "not 9007199254740993"),
        ({"start_ms": True}, "not True"),
        ({"start_ms": 1.5}, r"not 1\.5"),
        ({"start_ms": 5, "end_ms": 5}, "end_ms 5 is not after start_ms 5"),
        ({"end_ms": 0}, "end_ms 0 is not after start_ms 0"),
        ({"frames": [1]}, r"frames should be a list of paths, not \[1\]"),
        ({"stream_id": 7}, "stream_id should be text or null, not 7"),
    ],
)
def test_a_value_out_of_range_is_named(change: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=f"here: .*{reason}"):
        row_of({**CLIP, **change}, "here")


def test_text_is_an_old_name_of_transcript() -> None:
    assert row_of({**CLIP, "text": " said "}, "").transcript == "said"
    assert row_of({**CLIP, "text": "old", "transcript": "new"}, "").transcript == "new"


def test_a_pair_that_heard_nothing_is_no_text() -> None:
    assert heard_of({"transcript": " ", "answer": "a", "split": "train"}, "") == []
