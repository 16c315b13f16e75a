"""`liveshelf bench train`, on towers and pairs that fit into a test."""

import sys

import pytest

from models.errors import InputError
from stream.bench_pairs import Towers
from stream.bench_train import BenchTrainOptions, measure_train

TINY = BenchTrainOptions(
    towers=Towers(width=32, layers=1, heads=2, side_px=32, tokens=8, words=60, dim=16),
    batch=4,
    steps=5,
    skipped=1,
    rounds=1,
)


def test_both_loops_are_measured_on_towers_of_one_size() -> None:
    said: list[str] = []
    found = measure_train(TINY, said.append)
    assert said == ["round 1 of 1: LiveShelf", "round 1 of 1: open_clip"]
    ours, theirs = found["liveshelf"], found["open_clip"]
    assert ours["pairs_per_s"] > 0
    assert theirs["pairs_per_s"] > 0
    assert ours["parameters"] == pytest.approx(theirs["parameters"], rel=0.05)
    assert found["measured"]["towers"]["width"] == 32
    assert {"torch", "open_clip_torch"} <= found["versions"].keys()


def test_absent_open_clip_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(InputError, match=r"pip install 'liveshelf\[bench\]'"):
        measure_train(TINY, lambda _: None)
