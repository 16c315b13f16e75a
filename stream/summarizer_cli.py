"""`liveshelf summarizer`: makes the adapter's pairs, trains it, and says how well windows are read.

Thin: pairs are made by `workers.rooms.pairs`, the loop is `models.adapter`.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from stream.count_bar import count_bar
from stream.flags import GrownLines, Json
from stream.settings import Settings
from stream.summarizer_exam import READERS, examine, show

if TYPE_CHECKING:
    from workers.recorded_orders import OrderHearing
    from workers.rooms.pair_training import TrainingOptions
    from workers.rooms.pairs import PairMaker

_Pairs = Annotated[list[Path], typer.Argument(help="JSON Lines of pairs; several files add up.")]
_Validation = Annotated[
    Path, typer.Option("--validation", help="Pairs of the split val, for thresholds.")
]
_Threads = Annotated[
    int, typer.Option(min=0, help="Threads of torch; 0: as many as there are cores.")
]


def summarizer_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands of the summarizer's adapter.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(
        no_args_is_help=True, help="The summarizer's adapter: make pairs, train it, evaluate it."
    )

    @app.command()
    def data(
        out: GrownLines,
        voices: Annotated[
            Path, typer.Option(help="TOML of voice commands, as for `liveshelf rooms make`.")
        ],
        split: Annotated[
            str, typer.Option(help="train, val (train's voices) or held-out (nothing of train's).")
        ] = "train",
        windows: Annotated[int, typer.Option(min=1, help="Pairs in all, 6 to 14 s each.")] = 5_000,
        seed: Annotated[int, typer.Option(help="Of scripts, brands, voices and noise.")] = 1,
        first_show: Annotated[
            int, typer.Option(min=0, help="Number of the first show, for a second process.")
        ] = 0,
        in_turn: Annotated[
            bool,
            typer.Option(
                "--in-turn", help="Sell the catalogue, each product in its turn: encoder's texts."
            ),
        ] = False,
        hard: Annotated[
            float,
            typer.Option(
                min=0,
                max=1,
                metavar="SHARE",
                help="Share of hard shows: louder noise, a second voice, slips of the tongue, "
                "quick changes, rivals, orders to the machine.",
            ),
        ] = 0.0,
    ) -> None:
        """Speak made-up shows, let Whisper hear them, and write what is right for each window.

        A stopped run goes on where it was. About 0.6 s of one core a pair.

        Example: liveshelf summarizer data pairs/train.jsonl --voices voices.toml --windows 5000
        """
        from workers.rooms.pairs import write_pairs

        maker = _maker(settings(), voices, split, seed, in_turn=in_turn, hard=hard)
        with count_bar() as bar:
            task = bar.add_task("pairs", total=windows)
            for count in write_pairs(maker, out, windows, first_show):
                bar.update(task, completed=min(count, windows))
        typer.echo(f"pairs\t{out}")

    @app.command()
    def orders(
        recordings: Annotated[
            Path, typer.Argument(help="Folder of recorded orders: labels.json and flac/.")
        ],
        out: GrownLines,
        slot: Annotated[
            list[str], typer.Option(help="Slots that make a title, in order; repeatable.")
        ] = ["roast", "coffeeDrink"],  # noqa: B006 (typer copies it)
    ) -> None:
        """Hear recorded orders, and write for each what is right: real voices for `evaluate`.

        Orders without one of the slots are left out. About 1 s of one core an order.

        Example: liveshelf summarizer orders coffee_speech pairs/orders.jsonl
        """
        from workers.rooms.order_pairs import write_orders

        with count_bar() as bar:
            task = bar.add_task("orders", total=None)
            for done, total in write_orders(_hearing(settings()), recordings, out, slot):
                bar.update(task, completed=done, total=total)
        typer.echo(f"pairs\t{out}")

    @app.command()
    def train(
        pairs: _Pairs,
        validation: _Validation,
        out: Annotated[Path, typer.Option(help="Folder of the adapter, written at the end.")],
        work: Annotated[
            Path, typer.Option(help="Folder of the run's state; the same one goes on.")
        ],
        epochs: Annotated[int, typer.Option(min=1, help="Times every pair is seen.")] = 3,
        learning_rate: Annotated[float, typer.Option(help="At its highest.")] = 8e-4,
        rank: Annotated[int, typer.Option(min=1, help="Of the adapter's matrices.")] = 8,
        first_layer: Annotated[
            int, typer.Option(min=0, help="Blocks of the model below this one stay as they are.")
        ] = 10,
        most_steps: Annotated[
            int | None, typer.Option(min=1, help="End early, after so many steps; default: all.")
        ] = None,
        seed: Annotated[int, typer.Option(help="Of first weights, order and fresh brands.")] = 0,
        threads: _Threads = 0,
    ) -> None:
        """Train a LoRA adapter for the language model of the settings, and fit its thresholds.

        Stopped and started again with the same arguments it goes on; a stop loses a minute.

        Example: liveshelf summarizer train train.jsonl --validation val.jsonl --out a --work w
        """
        from models.adapter import AdapterOptions
        from workers.rooms.pair_examples import ExampleOptions
        from workers.rooms.pair_training import TrainingOptions

        loop = AdapterOptions(
            epochs=epochs,
            learning_rate=learning_rate,
            rank=rank,
            first_layer=first_layer,
            seed=seed,
        )
        options = TrainingOptions(loop, ExampleOptions(seed=seed), most_steps)
        _train(settings(), (pairs, validation, work, out), options, threads)

    @app.command()
    def evaluate(
        pairs: _Pairs,
        validation: _Validation,
        adapter: Annotated[
            Path | None, typer.Option(help="Folder of an adapter; default: as the settings say.")
        ] = None,
        reader: Annotated[
            list[str] | None,
            typer.Option(
                help=f"One of: {'; '.join(READERS)}. Repeatable; default: all.", show_default=False
            ),
        ] = None,
        most: Annotated[
            int | None, typer.Option(min=1, help="Windows at most; default: all.")
        ] = None,
        keep: Annotated[
            Path | None,
            typer.Option(help="Folder of what was read, so that a stopped run goes on."),
        ] = None,
        out: Annotated[Path | None, typer.Option(help="Also write JSON there.")] = None,
        as_json: Json = False,
        threads: _Threads = 0,
    ) -> None:
        """Say how often a window's words find the right title, by each kind of summarizer.

        Shares with 95 % intervals, seconds a window. Titles are looked for among all of the pairs'.
        On one core about 0.6 s a window by the adapter, 1 s (cart) to 4 s (writing) without it.

        Example: liveshelf summarizer evaluate pairs/held-out.jsonl --validation pairs/val.jsonl
        """
        _use_threads(threads)
        paths = (pairs, validation, adapter)
        report = examine(settings(), paths, reader or READERS, most, keep)
        text = json.dumps(report, indent=2)
        if out is not None:
            out.write_text(text + "\n", encoding="utf-8")
        if as_json:
            typer.echo(text)
        else:
            show(report)

    return app


def _maker(
    settings: Settings, voices: Path, split: str, seed: int, *, in_turn: bool, hard: float
) -> "PairMaker":
    from models.errors import InputError
    from stream.stages.asr import load_speech
    from workers.asr import Transcriber
    from workers.rooms.hard_shows import HardOptions
    from workers.rooms.pair_scripts import ShowOptions
    from workers.rooms.pairs import PairMaker, PairOptions
    from workers.rooms.products import load
    from workers.rooms.voices import load_voices

    if in_turn and hard:
        message = (
            "--in-turn sells the catalogue, hard shows do not; give one of --in-turn and --hard"
        )
        raise InputError(message)
    splits: tuple[Literal["train", "val", "held-out"], ...] = ("train", "val", "held-out")
    for known in splits:
        if known == split:
            worker = Transcriber(load_speech(settings))
            shows = ShowOptions(in_turn=in_turn)
            options = PairOptions(seed=seed, shows=shows, hard=HardOptions(share=hard))
            return PairMaker(load(), load_voices(voices), worker, known, options)
    message = f"--split is {split!r}; want one of {', '.join(splits)}"
    raise InputError(message)


def _hearing(settings: Settings) -> "OrderHearing":
    from stream.stages.asr import load_speech, utterance_options
    from workers.recorded_orders import OrderHearing

    return OrderHearing(load_speech(settings), utterance_options(settings, live=False))


def _train(
    settings: Settings,
    paths: tuple[list[Path], Path, Path, Path],
    options: "TrainingOptions",
    threads: int,
) -> None:
    from workers.rooms.pair_training import finish, load_base, read_all, train

    _use_threads(threads)
    pairs, validation, work, out = paths
    learnt, checked = read_all(pairs), read_all([validation])
    folder = _folder(settings)
    base = load_base(folder, settings.models.llm, settings.models.device)
    console = Console(stderr=True)
    began = time.monotonic()
    with count_bar(console) as bar:
        task = bar.add_task("training", total=None)
        for step in train(base, learnt, checked, work, out, options):
            words = f"loss {step.loss:.3f}, {step.examples_per_s:.1f} examples/s"
            bar.update(task, total=step.steps, completed=step.step, description=words)
            if step.validation_loss is not None:
                console.print(f"step {step.step}: validation loss {step.validation_loss:.4f}")
    with console.status("fitting thresholds"):
        evidence = finish(folder, base.name, out, checked)
    told = {**asdict(evidence), "minutes": round((time.monotonic() - began) / 60, 1)}
    typer.echo(f"adapter\t{out}\t{json.dumps(told)}")


def _folder(settings: Settings) -> Path:
    from stream.weights import registry_of, weights_dir

    return registry_of(settings).resolve(settings.models.llm, weights_dir(settings))


def _use_threads(threads: int) -> None:
    import torch

    if threads:
        torch.set_num_threads(threads)
