"""Patches of several pictures of a sample, padded and masked."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.patches import by_sample, of_map


def test_a_map_is_read_row_by_row() -> None:
    made = torch.arange(12).reshape(1, 2, 2, 3)
    assert of_map(made).tolist() == [[[0, 6], [1, 7], [2, 8], [3, 9], [4, 10], [5, 11]]]


@settings(max_examples=60)
@given(
    frame_of=st.lists(st.integers(0, 4), max_size=8),
    rows=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_each_sample_gets_its_own_patches_in_order(frame_of: list[int], rows: list[bool]) -> None:
    patches = torch.arange(1, len(frame_of) * 2 * 3 + 1).reshape(-1, 2, 3).float()
    found = by_sample(patches, torch.tensor(frame_of, dtype=torch.int64), torch.tensor(rows))
    wanted = [sample for sample, chosen in enumerate(rows) if chosen]
    assert len(found.tokens) == len(found.here) == len(wanted)
    for place, sample in enumerate(wanted):
        own = [patch for patch, of in zip(patches.tolist(), frame_of, strict=True) if of == sample]
        flat = [token for patch in own for token in patch]
        assert found.tokens[place][found.here[place]].tolist() == flat
        # What is padding lies behind, and is zero.
        assert found.here[place].tolist() == sorted(found.here[place].tolist(), reverse=True)
        assert float(found.tokens[place][~found.here[place]].abs().sum()) == 0.0
