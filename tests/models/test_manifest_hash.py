"""The hash that grows says what the hash of the whole list says."""

import hashlib
import json
from dataclasses import asdict

import pytest

from models.manifest_hash import hash_of
from models.manifest_row import Heard
from tests.models.manifest_rows import made_rows

TEXTS = [Heard("p0", "oats", "summary", "train"), Heard(None, "hello", "chatter", "val")]


@pytest.mark.parametrize("products", [0, 1, 3])
@pytest.mark.parametrize("texts", [[], TEXTS])
def test_hash_is_that_of_the_whole_list_at_once(products: int, texts: list[Heard]) -> None:
    rows = list(made_rows(products))
    whole = json.dumps([[asdict(row) for row in rows], [asdict(one) for one in texts]])
    assert hash_of(rows, texts) == hashlib.sha256(whole.encode()).hexdigest()
