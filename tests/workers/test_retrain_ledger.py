"""The ledger of moves: in order, whole, and the way back."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import InputError, MismatchError
from workers.retrain_ledger import Entry, Ledger, Side

A, B, C = (Side(name, name * 16, f"liveshelf_{name}", "1") for name in "abc")
MOVE = Entry("2026-01-02T03:04:05+00:00", "ada", "moved", A, B, "run", "f" * 64, {"products": 3})


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "retrain" / "ledger.jsonl")
    assert ledger.entries() == []
    ledger.append(MOVE)
    ledger.append(replace(MOVE, what="rolled back", old=B, new=A))
    assert Ledger(ledger.path).entries() == [MOVE, replace(MOVE, what="rolled back", old=B, new=A)]


def test_the_way_back_is_the_move_that_made_an_encoder_serve(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    later = replace(MOVE, old=B, new=C)
    for entry in (MOVE, later, replace(later, what="rolled back", old=C, new=B)):
        ledger.append(entry)
    assert ledger.before(C.fingerprint) == later
    # Rolled back once, it goes back further, not forth again.
    assert ledger.before(B.fingerprint) == MOVE
    ledger.append(replace(MOVE, what="refused", new=A))
    with pytest.raises(MismatchError, match=f"{A.fingerprint}, and no retraining in .* moved it"):
        ledger.before(A.fingerprint)


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(MOVE)
    with ledger.path.open("a") as stream:
        stream.write('{"when": 3}\n')
    with pytest.raises(InputError, match="line 2 is no entry"):
        ledger.entries()
