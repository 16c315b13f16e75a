"""`liveshelf sounds`: the tables and weights by which names are heard."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from models.errors import InputError
from stream.flags import Encoder
from stream.settings import Settings, with_encoder


def sounds_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands of the sound-alike channel.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(
        no_args_is_help=True, help="Names that sound alike: count their grams, fit their weight."
    )

    @app.command()
    def rarity(
        out: Annotated[
            Path, typer.Argument(help="JSON file to write, such as models/rarity.json.")
        ],
        seed: Annotated[int, typer.Option(min=0, help="Of the invented shows.")] = 1,
        shows: Annotated[
            int, typer.Option(min=1, help="Each has about 9 windows of talk and as many titles.")
        ] = 1_000,
    ) -> None:
        """Count how often sound grams occur in invented titles and talk (30 s for 1,000 shows).

        Example: liveshelf sounds rarity models/rarity.json --seed 1
        """
        from models.rarity import to_json
        from workers.rooms.rarity_texts import count_rarity

        table = count_rarity(seed, shows)
        out.write_text(to_json(table), encoding="utf-8")
        typer.echo(f"{table.texts} texts, {len(table.counts)} grams, {table.version}: {out}")

    @app.command()
    def fit(
        pairs: Annotated[Path, typer.Argument(help="Windows, JSON Lines of `summarizer data`.")],
        encoder: Encoder = "",
        write: Annotated[
            bool, typer.Option("--write", help="Put the weights into the checkpoint.")
        ] = False,
    ) -> None:
        """Fit how much a name that was heard counts beside the vector of the words.

        Example: liveshelf sounds fit pairs.jsonl --encoder my-checkpoint --write
        """
        _fit(settings(), pairs, encoder, write=write)

    return app


def _fit(settings: Settings, path: Path, name: str, *, write: bool) -> None:
    from models.calibrate import SCOPES, SoundsWeight
    from models.checkpoint import folder_of, recalibrate
    from stream.stages.loading import load_encoder
    from workers.rooms.pairs import read_pairs
    from workers.rooms.sound_windows import of_pairs

    settings = with_encoder(settings, name)
    name = settings.models.encoder
    folder = folder_of(name)
    if write and not folder.is_dir():
        message = f"{name!r} is no checkpoint folder that weights could be written into"
        raise InputError(message)
    pairs, loaded = read_pairs(path), load_encoder(settings)
    weights: list[SoundsWeight] = []
    for scope in SCOPES:
        fitted = of_pairs(pairs, loaded, scope).fit()
        weights.append(SoundsWeight(scope, fitted.weight, path.stem, loaded.fingerprint))
        figures = ", ".join(f"{key} {value:.3f}" for key, value in asdict(fitted).items())
        typer.echo(f"{scope}: {figures}")
    if write:
        recalibrate(folder, sounds_weights=tuple(weights))
        typer.echo(f"written into {folder}; run `liveshelf index build CATALOGUE` to use them")
