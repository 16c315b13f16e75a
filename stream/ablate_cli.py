"""`liveshelf ablate`: thin; the work is in `models`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.choice import one_of
from stream.count_bar import count_bar
from stream.flags import Json
from stream.settings import Settings
from stream.weights import ready_weights, registry_of, weights_dir

if TYPE_CHECKING:
    from models.config import EncoderConfig
    from models.head_training import HeadOptions, HeadTrainer
    from models.manifest import Manifest


def add_ablate_command(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `ablate`.

    Args:
        app: gets the command.
        settings: called when the command runs, not before.
    """

    @app.command()
    def ablate(
        manifest: Annotated[
            Path, typer.Argument(help="Clips with transcripts and summaries, and pages.")
        ],
        folder: Annotated[Path, typer.Argument(help="Gets ablation.md and ablation.json.")],
        seeds: Annotated[int, typer.Option(min=1, help="Trainings of each variant.")] = 5,
        split: Annotated[str, typer.Option(help="That is examined: val, test, test-unseen.")] = (
            "test"
        ),
        preset: Annotated[str, typer.Option(help="Whose branches are used, frozen.")] = "liveshelf",
        changes: Annotated[
            list[str] | None,
            typer.Option("--encoder", help="KEY=VALUE of the encoder; repeatable."),
        ] = None,
        steps: Annotated[int, typer.Option(min=1, help="Of each training.")] = 400,
        views: Annotated[int, typer.Option(min=1, help="Variations of each picture.")] = 4,
        most: Annotated[
            int | None, typer.Option(min=1, help="Clips of a domain at most; default: all.")
        ] = None,
        threads: Annotated[
            int | None, typer.Option(min=1, help="Of torch; default: as torch chooses.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Say what titles, words as heard and summaries each add to pictures (AMPere).

        Pretrained branches stay frozen; projections and fusion head are trained anew for every
        variant and seed, with the words that the variant may read.

        Example: liveshelf ablate spoken/clean-summed.jsonl tables --seeds 5
        """
        import torch

        from models.ablation import AblationOptions
        from models.ablation import ablate as compare
        from models.ablation_report import ablation_json, ablation_markdown
        from models.formats.layout import manifest_at
        from models.head_training import HeadOptions
        from models.manifest import SPLITS
        from stream.train_recipe import recipe_of

        examined = one_of("--split", split, SPLITS)
        if threads is not None:
            torch.set_num_threads(threads)
        options = AblationOptions(tuple(range(1, seeds + 1)), examined, most=most)
        data = manifest_at(manifest)
        config = recipe_of(preset, changes or [])[0]
        trainer = _trainer(settings(), config, data, HeadOptions(steps=steps, views=views))
        found = compare(
            data,
            lambda variant, seed: trainer.train(variant.texts, seed),
            options,
            lambda line: typer.echo(line, err=True),
        )
        told = ablation_json(found)
        text = ablation_markdown(told)
        folder.mkdir(parents=True, exist_ok=True)
        written = json.dumps(told, indent=2) + "\n"
        (folder / "ablation.json").write_text(written, encoding="utf-8")
        (folder / "ablation.md").write_text(text, encoding="utf-8")
        typer.echo(written if as_json else text, nl=False)


def _trainer(
    settings: Settings, config: "EncoderConfig", data: "Manifest", options: "HeadOptions"
) -> "HeadTrainer":
    from models.branches.text import load_text_branch, load_tokenizer
    from models.head_training import FrozenBranches, HeadTrainer
    from models.trained import image_branch

    ready_weights(settings, (config.image.weights, config.text.weights))
    registry, cache = registry_of(settings), weights_dir(settings)
    text = registry.resolve(config.text.weights, cache)
    branches = FrozenBranches(
        image_branch(registry.resolve(config.image.weights, cache), config.image),
        load_text_branch(text, config.text),
        load_tokenizer(text, config.text),
    )
    with count_bar() as bar:
        task = bar.add_task("views of pictures")
        return HeadTrainer(
            branches,
            config,
            data,
            options,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
