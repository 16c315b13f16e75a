"""The ablation on a shop where it is known what each kind of word is worth."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.ablation import VARIANTS, Ablation, AblationOptions, Variant, ablate
from models.ablation_report import ablation_json, ablation_markdown, hurts
from models.encoder import Encoder
from models.errors import InputError
from models.paired import paired_difference
from tests.models.made_exam import made_encoder, made_rows, made_shop

OPTIONS = AblationOptions(seeds=(3, 4), directions=("L2P", "P2L", "V2L"))


def _silent(_line: str) -> None:
    pass


def _shop_of_look_alikes(folder: Path) -> list[dict[str, object]]:
    """Return rows whose pictures of rose show red, where raw words mislead about green."""
    rows = made_rows(folder)
    # A little more like green than like blue.
    Image.new("RGB", (24, 24), (20, 135, 120)).save(folder / "teal.png")
    for row in rows:
        if row["domain"] == "live" and row["product_id"] == "p-rose":
            row["frames"] = ["red.png"]
        if row["domain"] == "live" and row["product_id"] == "p-green" and row["summary"]:
            row |= {"frames": ["teal.png"], "transcript": "so blue blue tea"}
    return rows


@pytest.fixture
def done(tmp_path: Path) -> Ablation:
    trained: list[tuple[str, int]] = []

    def train(variant: Variant, seed: int) -> Encoder:
        trained.append((variant.name, seed))
        return made_encoder(f"{variant.name}, {seed}", mean=False)

    shop = made_shop(tmp_path, _shop_of_look_alikes(tmp_path))
    made = ablate(shop, train, OPTIONS, _silent)
    assert trained == [(variant.name, seed) for seed in (3, 4) for variant in VARIANTS]
    return made


def test_words_add_what_they_are_worth(done: Ablation) -> None:
    r1 = {one.name: done.per_seed(one.name, "recall_at_1", "L2P").mean() for one in VARIANTS}
    # By pictures both clips of rose are taken for red; raw words mend one, and lose one of green.
    assert r1 == {
        "visual only": 0.75, "+ title on page": 0.75, "+ raw ASR": 0.75, "+ summary": 0.875,
    }  # fmt: skip


def test_the_mean_over_directions_weighs_each_the_same(done: Ablation) -> None:
    each = [done.per_seed("+ summary", "map", name) for name in ("L2P", "P2L", "V2L")]
    assert done.per_seed("+ summary", "map") == pytest.approx(np.mean(each, axis=0))


def test_a_step_is_the_paired_difference_of_the_same_queries(done: Ablation) -> None:
    found = done.step("+ raw ASR", "+ summary", "recall_at_1", "L2P")
    above, below = (done.shown[one]["L2P"].values("recall_at_1")
                    for one in ("+ summary", "+ raw ASR"))  # fmt: skip
    assert found == paired_difference(above, below, done.looked["L2P"].groups)
    assert found.mean == pytest.approx(0.125)
    assert (found.seeds, found.groups) == (2, 2)
    over_all = done.step("+ raw ASR", "+ summary", "recall_at_1")
    each = [done.step("+ raw ASR", "+ summary", "recall_at_1", one).mean for one in done.looked]
    assert over_all.mean == pytest.approx(np.mean(each))
    assert over_all.groups == 6, "two rooms of clips and pages, four products of videos"


def test_queries_that_a_step_hurts_are_told_with_their_words(done: Ablation) -> None:
    (one,) = [one for one in hurts(done, "+ title on page", "+ raw ASR") if one.direction == "L2P"]
    assert (one.product_id, one.right, one.found) == ("p-green", "green tea", "blue tea")
    assert (one.text_before, one.text_after) == (None, "so blue blue tea")
    assert one.found_text == "blue tea"
    assert (one.seeds_before, one.seeds_after) == (2, 0)
    assert not hurts(done, "+ raw ASR", "+ raw ASR")


def test_products_are_named_by_their_pages_and_none_more_than_twice(tmp_path: Path) -> None:
    rows = _shop_of_look_alikes(tmp_path)
    green = next(row for row in rows if row["frames"] == ["teal.png"])
    shop = made_shop(tmp_path, [*rows, *[green] * 4])
    encoder = made_encoder(mean=False)
    made = ablate(shop, lambda _variant, _seed: encoder, OPTIONS, _silent)
    found = hurts(made, "+ title on page", "+ raw ASR")
    assert [one.right for one in found if one.direction == "L2P"] == ["green tea"] * 2
    later = hurts(made, "+ raw ASR", "+ summary")
    named = {(one.direction, one.right, one.found) for one in later}
    assert ("P2L", "red jam", "rose jam") in named, "clips have no titles, their pages have"


def test_a_step_may_be_shown_or_not_or_go_the_other_way(done: Ablation) -> None:
    shown = ablation_markdown(ablation_json(done))
    told = ablation_json(done)
    for step in told["steps"]:
        for found in step["differences"].values():
            found["recall_at_1"] |= {"interval": (-0.2, -0.1), "holds": False}
            found["map"] |= {"interval": (0.1, 0.2), "holds": True}
    changed = ablation_markdown(told)
    assert changed.count("| no: the opposite |") == changed.count("| yes |") == 12
    assert "| not shown |" in shown


def test_a_query_with_nothing_to_show_is_a_miss(tmp_path: Path) -> None:
    rows = made_rows(tmp_path)
    for row in rows:
        if row["domain"] == "live":
            row["frames"] = []
    options = replace(OPTIONS, directions=("L2P",), seeds=(1,))
    encoder = made_encoder(mean=False)
    made = ablate(made_shop(tmp_path, rows), lambda _variant, _seed: encoder, options, _silent)
    assert made.per_seed("visual only", "recall_at_1").tolist() == [0.0]
    assert made.per_seed("+ summary", "recall_at_1").tolist() == [0.5]


def test_a_split_without_clips_is_refused(tmp_path: Path) -> None:
    options = replace(OPTIONS, split="val")
    with pytest.raises(InputError, match="split val has no two domains"):
        ablate(made_shop(tmp_path), lambda _variant, _seed: made_encoder(), options, _silent)


def test_the_tables_say_what_the_figures_say(done: Ablation) -> None:
    told = json.loads(json.dumps(ablation_json(done), allow_nan=False))
    assert [row["variant"] for row in told["rows"]] == [one.name for one in VARIANTS]
    assert told["rows"][3]["L2P"]["recall_at_1"] == {"mean": 0.875, "sd": 0.0,
                                                    "seeds": [0.875, 0.875]}  # fmt: skip
    assert told["rows"][3]["empty"]["L2P"] == 0.5
    shown = ablation_markdown(told)
    assert "| + summary | 0.875 ± 0.000 |" in shown
    assert "| + raw ASR → + summary | L2P | R@1 | +0.125 |" in shown
    assert "| L2P | green tea | no words | so blue blue tea | blue tea | 2 → 0 |" in shown
