"""`liveshelf bench train`: our training loop beside open_clip's, in turns, on the same pairs.

In: sizes. Out: pairs a second of both as JSON, with versions. Both have the same photos, titles,
tower sizes, batch and threads, plain random crops, and one helper that prepares the next batch: our
loop a thread, open_clip's a process. Rounds take turns, and the fastest of each loop counts: what
else a machine does only slows.
"""

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from models.errors import InputError
from stream.bench_pairs import Towers, save_towers, write_pairs

if TYPE_CHECKING:
    from models.config import EncoderConfig
    from models.manifest import Manifest
    from models.train_options import TrainOptions
    from stream.bench_open_clip import Pace

_VERSIONS = ("torch", "accelerate", "transformers", "open_clip_torch")


@dataclass(frozen=True)
class BenchTrainOptions:
    """What is measured."""

    towers: Towers = field(default_factory=Towers)
    batch: int = 64
    """Pairs of photo and title in a step."""
    steps: int = 10
    """Of a round."""
    skipped: int = 2
    """First steps of a round that are not counted; the last is neither: our loop ends in saving."""
    rounds: int = 5
    """Of each loop."""


def bench_train(options: BenchTrainOptions | None = None) -> None:
    """Measure both loops and print the figures as JSON.

    Raises:
        InputError: open_clip is not installed.
    """
    options = options or BenchTrainOptions()
    told = Console(stderr=True)
    with told.status("training in turns") as status:
        found = measure_train(options, status.update)
    Console().print_json(json.dumps(found))


def measure_train(options: BenchTrainOptions, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return the figures of both loops.

    Args:
        options: sizes.
        tell: hears of every round.

    Raises:
        InputError: open_clip is not installed.
    """
    if importlib.util.find_spec("open_clip") is None:
        message = "open_clip is not installed; pip install 'liveshelf[bench]'"
        raise InputError(message)
    import torch

    from models.branches.text import load_tokenizer
    from stream.bench_open_clip import open_clip_pace

    towers = options.towers
    paces: dict[str, list[Pace]] = {"liveshelf": [], "open_clip": []}
    with tempfile.TemporaryDirectory(prefix="liveshelf-bench-") as made:
        folder = Path(made)
        manifest = write_pairs(folder, options.batch * options.steps, towers)
        save_towers(folder, towers)
        config = _config(folder, towers)
        tokenizer = load_tokenizer(folder / "text", config.text)
        for number in range(options.rounds):
            tell(f"round {number + 1} of {options.rounds}: LiveShelf")
            place = folder / f"round-{number}"
            paces["liveshelf"].append(_our_pace(manifest, config, options, place))
            tell(f"round {number + 1} of {options.rounds}: open_clip")
            rest = (towers, options.batch, options.skipped)
            paces["open_clip"].append(open_clip_pace(manifest, tokenizer, *rest))
    figures = {name: _figures(found) for name, found in paces.items()}
    best = {name: one["pairs_per_s"] for name, one in figures.items()}
    return {
        **figures,
        "liveshelf_by_open_clip": round(best["liveshelf"] / best["open_clip"], 3),
        "measured": asdict(options),
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in _VERSIONS},
    }


def _figures(paces: "list[Pace]") -> dict[str, Any]:
    rounds = [one.pairs_per_s for one in paces]
    return {
        "pairs_per_s": round(max(rounds), 2),
        "rounds": [round(one, 2) for one in rounds],
        "parameters": paces[0].parameters,
    }


def _config(folder: Path, towers: Towers) -> "EncoderConfig":
    from models.config import EncoderConfig, FusionConfig, ImageConfig, TextConfig

    side = towers.side_px
    image = ImageConfig(
        weights=str(folder / "image"),
        family="transformers",
        height_px=side,
        width_px=side,
        crop=1.0,
        pool="cls",
    )
    text = TextConfig(
        weights=str(folder / "text"),
        max_tokens=towers.tokens,
        padding="max",
        attention=False,
        pool="pooled",
        trained=True,
    )
    fusion = FusionConfig(kind="fixed", dim=towers.dim)
    return EncoderConfig(name="bench", frames=1, image=image, text=text, fusion=fusion)


def _recipe(options: BenchTrainOptions) -> "TrainOptions":
    """Return options under which a step is what CLIP's is: photos against titles, once."""
    from models.augment import AugmentOptions
    from models.dataset import DrawOptions
    from models.objective import LossOptions
    from models.sampler import SamplerOptions
    from models.train_options import TrainOptions

    crops = AugmentOptions(0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    side = options.towers.side_px
    return TrainOptions(
        epochs=1.0,
        train_px=side,
        live_px=side,
        rate=5e-4,
        backbone=1.0,
        text_backbone=1.0,
        frozen_blocks=0,
        validate_every=1_000_000,
        save_every_s=1e9,
        sampler=SamplerOptions(live_rows=options.batch, empty_rows=0, alike=0.0, views=1),
        draw=DrawOptions(0.0, 0.0, 0.0, 0.0, no_picture=0.0, empty_table=0.0, augment=crops),
        loss=LossOptions(picture=0.0, text=0.0, mixed=0.0, smoothing=0.0),
    )


def _our_pace(
    manifest: "Manifest", config: "EncoderConfig", options: BenchTrainOptions, place: Path
) -> "Pace":
    """Return how many pairs a second the trainer takes, after some steps that are not counted."""
    import torch

    from models.branches.text import load_text_branch, load_tokenizer
    from models.train import Trainer
    from models.trained import start_networks
    from stream.bench_open_clip import Pace

    folder = Path(config.text.weights)
    torch.manual_seed(0)
    text = load_text_branch(folder, config.text)
    networks = start_networks(Path(config.image.weights), text, config)
    tokenizer = load_tokenizer(folder, config.text)
    trainer = Trainer(networks, tokenizer, config, manifest, _recipe(options))
    ended: list[float] = []
    trainer.run(place, lambda _: ended.append(time.monotonic()), time.monotonic)
    counted = ended[options.skipped : -1]
    pairs = (len(counted) - 1) * options.batch
    parameters = sum(one.numel() for one in networks.parameters())
    return Pace(pairs / (counted[-1] - counted[0]), parameters)
