"""`liveshelf checkpoint`: show, verify, pull, push and export of encoder checkpoints; thin."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from stream.flags import Json
from stream.settings import Settings

_Folder = Annotated[str, typer.Argument(help="Preset, or the folder of a checkpoint.")]
_Repo = Annotated[str, typer.Argument(help="Hub repository: org/name.")]


def checkpoint_app(settings: Callable[[], Settings]) -> typer.Typer:
    """Return the commands around checkpoints.

    Args:
        settings: called when a command runs, not before.
    """
    app = typer.Typer(
        no_args_is_help=True,
        help="Checkpoints of the encoder: what one is, is it whole, from and to a hub, to ONNX.",
    )

    @app.command()
    def show(folder: _Folder, as_json: Json = False) -> None:
        """Say what a checkpoint is: fingerprint, thresholds, sizes in kB, integrity.

        Example: liveshelf checkpoint show liveshelf
        """
        from models.checkpoint import folder_of
        from models.checkpoint_facts import facts
        from stream.weights import registry_of, weights_dir

        found = facts(folder_of(folder), weights_dir(settings()), registry_of(settings()))
        _tell(found, as_json=as_json)

    @app.command()
    def verify(folder: _Folder, as_json: Json = False) -> None:
        """Read every file, compare its hash, load the networks, check whose the thresholds are.

        Exit code 69 if a file is altered, 70 if a threshold is another encoder's.

        Example: liveshelf checkpoint verify runs/first/checkpoint
        """
        from models.checkpoint import folder_of
        from models.checkpoint_facts import verify as check
        from stream.weights import registry_of, weights_dir

        found = check(folder_of(folder), weights_dir(settings()), registry_of(settings()))
        if as_json:
            typer.echo(json.dumps(found, indent=2))
        else:
            typer.echo(f"ok\t{found['fingerprint']}\t{found['folder']}")

    _add_hub_commands(app, settings)
    _add_export(app, settings)
    return app


def _add_hub_commands(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    @app.command()
    def pull(
        repo: _Repo,
        revision: Annotated[
            str | None, typer.Option(help="Branch, tag or commit; default: the newest.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Bring a checkpoint from a hub, check it, and print its folder and commit.

        The folder is what `--set models.encoder=` takes. `HF_ENDPOINT` names a mirror.

        Example: liveshelf checkpoint pull org/shelf --revision main
        """
        from models.checkpoint_hub import pull_checkpoint
        from stream.weights import weights_dir

        found = pull_checkpoint(repo, weights_dir(settings()), revision, settings().models.hub_url)
        told = {"folder": str(found.folder), "revision": found.commit}
        typer.echo(json.dumps(told) if as_json else "\t".join(told.values()))

    @app.command()
    def push(
        folder: _Folder,
        repo: _Repo,
        private: Annotated[
            bool, typer.Option("--private", help="Only its owners may see it.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Put a checkpoint on a hub as one commit, logged in as `hf auth login` left it.

        Example: liveshelf checkpoint push runs/first/checkpoint org/shelf --private
        """
        from models.checkpoint import folder_of
        from models.checkpoint_hub import push_checkpoint

        done = push_checkpoint(
            folder_of(folder), repo, private=private, hub_url=settings().models.hub_url
        )
        told = {"url": done.url, "revision": done.commit}
        typer.echo(json.dumps(told) if as_json else "\t".join(told.values()))


def _add_export(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    @app.command()
    def export(
        encoder: Annotated[
            str, typer.Argument(help="Preset, checkpoint folder, or zero-shot:NAME.")
        ],
        out: Annotated[Path, typer.Argument(help="New folder.")],
        int8: Annotated[
            bool, typer.Option("--int8", help="Also graphs of 8 bits, with their measured loss.")
        ] = False,
        pictures: Annotated[
            Path | None,
            typer.Option(
                help="Folder of pictures: every second one calibrates int8, the rest is measured."
            ),
        ] = None,
        manifest: Annotated[
            Path | None,
            typer.Option(help="Pages and clips to tell recall before and after on."),
        ] = None,
        split: Annotated[str, typer.Option(help="Of the manifest's clips.")] = "test",
        as_json: Json = False,
    ) -> None:
        """Write ONNX graphs, hold them against the encoder, and tell sizes in kB and times in ms.

        Fails, and leaves nothing, where a vector's cosine to the encoder's is below 0.999.

        Example: liveshelf checkpoint export liveshelf onnx --int8 --pictures photos
        """
        from stream.checkpoint_export import ExportWish, export_checkpoint, show_export

        wish = ExportWish(encoder, out, int8, pictures, manifest, split)
        found = export_checkpoint(settings(), wish)
        if as_json:
            typer.echo(json.dumps(found, indent=2))
        else:
            show_export(found)
            typer.echo(f"export\t{out}")


def _tell(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    config = found["config"]
    rows = {
        "name": found["name"],
        "folder": found["folder"],
        "fingerprint": found["fingerprint"] or f"not known: {found['not_loaded']}",
        "vectors": f"{found['dim']} numbers" if found["dim"] else "not known",
        "pictures": f"{config['image']['architecture']}, {config['image']['weights']}",
        "text": config["text"]["weights"],
        "fusion": config["fusion"]["kind"],
    }
    table = Table("what", "value", show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    for one in found["thresholds"]:
        table.add_row(f"threshold {one['scope']}", f"{one['threshold']:.4f} ({one['version']})")
    for one in found["sounds"]:
        table.add_row(f"sound weight {one['scope']}", f"{one['weight']:g} ({one['version']})")
    for name, size in found["bytes"].items():
        state = found["integrity"].get(name, "lists the others")
        table.add_row(name, f"{size / 1e3:,.1f} kB, {state}")
    Console().print(table)
