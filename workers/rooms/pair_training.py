"""Trains the summarizer's adapter on pairs and writes its folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.adapter import AdapterOptions, AdapterTrainer, Progress
from models.adapter_folder import AdapterRecord, base_hash, keep_evidence, save_adapter
from models.answers import Example
from models.errors import InputError
from workers.rooms.pair_evidence import fit_evidence
from workers.rooms.pair_examples import ExampleOptions, examples_of
from workers.rooms.pairs import Pair, read_pairs
from workers.summarizers.trained import Evidence

_CHECKED_EXAMPLES = 96


@dataclass(frozen=True)
class TrainingOptions:
    """How an adapter is made of pairs."""

    adapter: AdapterOptions = field(default_factory=AdapterOptions)
    """The loop."""
    examples: ExampleOptions = field(default_factory=ExampleOptions)
    """How pairs are asked."""
    most_steps: int | None = None
    """Steps after which the run ends, though its rates are those of a longer one; none: all."""


@dataclass(frozen=True)
class Base:
    """The model that is adapted: loaded, with its tokenizer."""

    name: str
    """Registry name."""
    model: Any
    """In float32 or bfloat16, on its device."""
    tokenizer: Any
    base_hash: str


def load_base(folder: Path, name: str, device: str = "auto") -> Base:
    """Return the model of a folder, ready to be adapted.

    Raises:
        WeightsError: the folder cannot be loaded.
    """
    import torch

    from workers.summarizers.language_model import load_language_model, pick_device, pick_dtype

    tokenizer, model = load_language_model(folder, torch.float32)
    where = pick_device(device)
    known = base_hash(model)
    return Base(name, model.to(where, pick_dtype("auto", where)), tokenizer, known)


def read_all(paths: Sequence[Path]) -> list[Pair]:
    """Return the pairs of several files, each once.

    Raises:
        InputError: a file is no file of pairs, or all are empty.
    """
    pairs = {pair.id: pair for path in paths for pair in read_pairs(path)}
    if not pairs:
        message = f"no pairs in {', '.join(map(str, paths))}; make some: liveshelf summarizer data"
        raise InputError(message)
    return list(pairs.values())


def train(
    base: Base,
    pairs: Sequence[Pair],
    validation: Sequence[Pair],
    work: Path,
    out: Path,
    options: TrainingOptions,
) -> Iterator[Progress]:
    """Train, or go on training, and write the adapter; yield after every step.

    Args:
        base: what is adapted.
        pairs: to learn from.
        validation: never learnt.
        work: folder of the run's state.
        out: folder of the adapter, written at the end.
        options: how.

    Raises:
        MismatchError: `work` has the state of another run.
        InputError: its state cannot be read.
    """
    encode = _encoder(base.tokenizer)
    end = int(base.tokenizer.eos_token_id)

    def examples(epoch: int) -> list[Example]:
        return examples_of(pairs, encode, end, options.examples, epoch)

    checked = examples_of(validation, encode, end, options.examples)[:_CHECKED_EXAMPLES]
    trainer = AdapterTrainer(base.model, options.adapter)
    yield from trainer.fit(examples, checked, work, options.most_steps)
    recipe = {
        "pairs": len(pairs),
        "steps": len(trainer.curve),
        "numbers": trainer.size,
        "adapter": asdict(options.adapter),
        "asked": asdict(options.examples),
        "validation": [row for row in trainer.curve if row[2] is not None],
    }
    save_adapter(trainer.model, out, AdapterRecord(base.name, base.base_hash, {}, recipe))


def finish(folder: Path, name: str, adapter: Path, validation: Sequence[Pair]) -> Evidence:
    """Fit what a title needs to be believed, and write it into the adapter's record.

    Args:
        folder: of the base.
        name: of the base.
        adapter: its folder.
        validation: pairs that were not learnt.

    Raises:
        WeightsError: base or adapter cannot be loaded.
        InputError: it is no adapter of ours.
    """
    from workers.summarizers.causal_lm import CausalLM, CausalLMOptions

    writer = CausalLM(folder, name, CausalLMOptions(adapter=adapter))
    if writer.trained is None:
        message = f"{adapter} is no adapter that `liveshelf summarizer train` wrote"
        raise InputError(message)
    evidence = fit_evidence(writer.trained, validation)
    keep_evidence(adapter, asdict(evidence))
    return evidence


def _encoder(tokenizer: Any) -> Callable[[str], list[int]]:
    def encode(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    return encode
