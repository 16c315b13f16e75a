"""Names of encoders in a ledger."""

from pathlib import Path

import pytest

from stream.retrain_move import lasting_name


def test_an_encoder_is_named_so_that_any_folder_understands_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert lasting_name("mine/") == str(tmp_path / "mine")
    assert lasting_name("liveshelf") == "liveshelf"
    assert lasting_name("none") == "none"
