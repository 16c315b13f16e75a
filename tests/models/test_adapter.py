"""The adapter's training loop and folder, on a tiny random model."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.adapter import STATE, AdapterOptions, AdapterTrainer, rate_at
from models.adapter_folder import (
    RECORD,
    WEIGHTS,
    AdapterRecord,
    apply_adapter,
    base_hash,
    keep_evidence,
    read_record,
    save_adapter,
    version_of,
)
from models.answers import Example, answer_loss, ordered
from models.errors import InputError, MismatchError, WeightsError
from tests.tiny_models import make_tiny_chat_lm

EXAMPLES = [Example(tuple(range(10 + at, 16 + at + at % 3)), 3 + at % 2) for at in range(10)]
OPTIONS = AdapterOptions(
    rank=2, first_layer=0, epochs=2, batch=4, learning_rate=0.02, keep_s=0.0, validate_every=2
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_chat_lm(tmp_path_factory.mktemp("tiny"))


def base(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def trained(folder: Path, work: Path, steps: int | None = None) -> AdapterTrainer:
    trainer = AdapterTrainer(base(folder), OPTIONS)
    list(islice(trainer.fit(lambda _: EXAMPLES, EXAMPLES[:3], work), steps))
    return trainer


def test_two_runs_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    trained(folder, tmp_path / "one")
    trained(folder, tmp_path / "two")
    assert (tmp_path / "one" / STATE).read_bytes() == (tmp_path / "two" / STATE).read_bytes()


@pytest.mark.parametrize("steps", [1, 3, 4])
def test_a_stopped_run_ends_with_the_bytes_of_an_unbroken_one(
    folder: Path, tmp_path: Path, steps: int
) -> None:
    trained(folder, tmp_path / "whole")
    trained(folder, tmp_path / "broken", steps)
    assert len(trained(folder, tmp_path / "broken").curve) == 6
    whole, broken = ((tmp_path / name / STATE).read_bytes() for name in ("whole", "broken"))
    assert whole == broken


def test_a_run_that_ends_early_is_the_beginning_of_the_whole_one(
    folder: Path, tmp_path: Path
) -> None:
    whole = trained(folder, tmp_path / "whole").curve
    trainer = AdapterTrainer(base(folder), OPTIONS)
    for _ in trainer.fit(lambda _: EXAMPLES, EXAMPLES[:3], tmp_path / "early", 4):
        pass
    assert trainer.curve == whole[:4]
    again = AdapterTrainer(base(folder), OPTIONS)
    assert not list(again.fit(lambda _: EXAMPLES, [], tmp_path / "early", 4))
    assert again.curve == whole[:4]


def test_the_answers_are_learnt(folder: Path, tmp_path: Path) -> None:
    curve = trained(folder, tmp_path).curve
    measured = [value for _, _, value in curve if value is not None]
    assert len(measured) == 3
    assert measured[-1] < measured[0]


def test_the_loss_is_that_of_the_answers_alone(folder: Path) -> None:
    model = base(folder).eval()
    with torch.no_grad():
        got = float(answer_loss(model, EXAMPLES[:4]))
        total = count = 0.0
        for one in EXAMPLES[:4]:
            steps = torch.log_softmax(model(torch.tensor([one.tokens])).logits[0], dim=-1)
            for at in range(one.answer_at, len(one.tokens)):
                total -= float(steps[at - 1, one.tokens[at]])
                count += 1
    assert got == pytest.approx(total / count, abs=1e-5)


def test_blocks_below_the_first_one_stay_as_they_are(folder: Path) -> None:
    options = AdapterOptions(rank=2, first_layer=1)
    names = [
        name
        for name, values in AdapterTrainer(base(folder), options).model.named_parameters()
        if values.requires_grad
    ]
    assert names
    assert all(".layers.1." in name for name in names)
    with pytest.raises(InputError, match="first_layer is 2 of 2"):
        AdapterTrainer(base(folder), AdapterOptions(first_layer=2))


def test_a_run_does_not_go_on_with_other_examples(folder: Path, tmp_path: Path) -> None:
    trained(folder, tmp_path, 1)
    other = AdapterTrainer(base(folder), OPTIONS)
    with pytest.raises(MismatchError, match="other pairs or options"):
        next(other.fit(lambda _: EXAMPLES[1:], [], tmp_path))


def test_a_damaged_state_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(b"not tensors")
    with pytest.raises(InputError, match="remove it to begin anew"):
        next(AdapterTrainer(base(folder), OPTIONS).fit(lambda _: EXAMPLES, [], tmp_path))


def test_nothing_to_learn_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no examples"):
        next(AdapterTrainer(base(folder), OPTIONS).fit(lambda _: [], [], tmp_path))


@given(
    lengths=st.lists(st.integers(2, 40), min_size=1, max_size=60),
    size=st.integers(1, 8),
    seed=st.integers(0, 5),
)
def test_every_example_comes_once_an_epoch(lengths: list[int], size: int, seed: int) -> None:
    examples = [Example(tuple(range(length)), 1) for length in lengths]
    batches = ordered(examples, size, seed, 0)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) <= size
    assert batches == ordered(examples, size, seed, 0)


@given(steps=st.integers(1, 500))
def test_the_rate_rises_once_and_falls_to_nothing(steps: int) -> None:
    rates = [rate_at(step, steps, OPTIONS) for step in range(steps)]
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 <= rate_at(steps, steps, OPTIONS) <= max(rates)


@pytest.fixture(scope="module")
def adapter(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work, out = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("adapter")
    known = base_hash(base(folder))
    save_adapter(trained(folder, work).model, out, AdapterRecord("tiny", known))
    return out


def test_a_saved_adapter_changes_the_base_as_its_training_did(
    folder: Path, adapter: Path, tmp_path: Path
) -> None:
    row = torch.tensor([EXAMPLES[0].tokens])
    model = trained(folder, tmp_path).model.eval()
    with torch.no_grad():
        merged = apply_adapter(base(folder), adapter)(row).logits
        learnt = model(row).logits
        plain = base(folder)(row).logits
    assert torch.allclose(merged, learnt, atol=2e-2)
    assert not torch.allclose(merged, plain, atol=2e-2)


def test_an_adapter_refuses_another_base(adapter: Path, folder: Path) -> None:
    other = base(folder)
    with torch.no_grad():
        other.lm_head.weight[0, 0] += 1
    with pytest.raises(MismatchError, match="was trained on tiny"):
        apply_adapter(other, adapter)


def test_a_folder_names_its_base_and_no_path_of_a_machine(adapter: Path) -> None:
    assert (
        json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"]
        == "tiny"
    )
    for path in adapter.iterdir():
        assert str(adapter.parent.parent).encode() not in path.read_bytes()


def test_new_evidence_is_a_new_version(adapter: Path) -> None:
    before = version_of(adapter)
    keep_evidence(adapter, {"least": 2.5})
    record = read_record(adapter)
    assert record is not None
    assert record.evidence == {"least": 2.5}
    assert version_of(adapter) != before


def test_a_folder_without_record_is_none_of_ours(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    with pytest.raises(WeightsError, match="no adapter of LiveShelf"):
        keep_evidence(tmp_path, {})


def test_a_broken_adapter_is_refused_by_name(adapter: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text("{")
    with pytest.raises(WeightsError, match=RECORD):
        read_record(tmp_path)
    (tmp_path / RECORD).unlink()
    for path in adapter.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        apply_adapter(base(folder), tmp_path)
