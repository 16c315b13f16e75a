"""What a retraining tells people: its data, its figures, its ledger."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from stream.retrain_run import Outcome
    from workers.index_schema import Build
    from workers.retrain_ledger import Entry


def show_outcome(outcome: "Outcome") -> None:
    """Print what was learnt from, both encoders' figures, and why the new one was refused."""
    told = outcome.collected
    typer.echo(
        f"{told['clips']} clips of {told['rooms']} rooms ({told['corrected']} by what people said, "
        f"{told['no_product']} of no product; {told['train']} train, {told['val']} val), "
        f"{told['base_rows']} rows of the other manifest"
    )
    for key in ("tags_left_out", "clips_left_out", "frames_lost", "pages_left_out"):
        for reason, count in told[key].items():
            typer.echo(f"  {count} {key.replace('_', ' ')}: {reason}")
    table = Table("figure", "old", "new", "95 % of new − old", "clips")
    for one in outcome.differences:
        low, high = one.interval
        cells = (f"{one.old:.4f}", f"{one.new:.4f}", f"{low:+.4f} to {high:+.4f}", str(one.clips))
        table.add_row(one.figure, *cells)
    Console().print(table)
    for reason in outcome.reasons:
        typer.echo(f"refused: {reason}", err=True)
    if outcome.moved:
        tell_encoder(outcome.checkpoint)
    else:
        typer.echo(f"nothing was moved; the refused checkpoint is {outcome.checkpoint}", err=True)


def tell_encoder(checkpoint: str) -> None:
    """Print how the live path takes up an encoder."""
    typer.echo(
        f"start workers and app with --set models.encoder={checkpoint}; until then clips are "
        "matched in the collection of the encoder that they have"
    )


def show_ledger(entries: "Sequence[Entry]", current: "Build", products: int) -> None:
    """Print what was done, oldest first, and what serves now."""
    table = Table("when", "who", "what", "from", "to", "figures")
    for one in entries:
        sides = (one.old.fingerprint[:16], f"{one.new.fingerprint[:16]} {one.new.checkpoint}")
        table.add_row(one.when, one.who, one.what, *map(escape, sides), escape(_figures(one)))
    Console().print(table)
    typer.echo(f"serving: {current.collection}, encoder {current.encoder}, {products} products")


def _figures(entry: "Entry") -> str:
    exam = [f"{one['figure']} {one['old']:.3f} → {one['new']:.3f}"
            for one in entry.figures.get("exam", ())]  # fmt: skip
    rest = [f"{key} {value}" for key, value in entry.figures.items() if key != "exam"]
    return "; ".join([*exam, *rest])
