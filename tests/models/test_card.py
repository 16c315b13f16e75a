"""A card whose thresholds are fitted anew says the new ones and keeps the rest."""

import pytest

from models.card import with_thresholds

OLD = "# x\n\nText.\n\n## Thresholds\n\nOld ones.\n\nLicences: ours.\n"


def test_new_thresholds_take_the_place_of_old_ones() -> None:
    fresh = with_thresholds(OLD, ["New ones."])
    assert fresh == OLD.replace("Old ones.", "New ones.")
    assert with_thresholds(fresh, ["Old ones."]) == OLD


@pytest.mark.parametrize("tail", ["\nLicences: ours.\n", ""])
def test_a_card_without_thresholds_gets_them_before_its_licences(tail: str) -> None:
    fresh = with_thresholds(f"# x\n\nText.\n{tail}", ["New ones."])
    assert fresh == f"# x\n\nText.\n\n## Thresholds\n\nNew ones.\n{tail}"
