"""The commands around the encoder: its data, its training, its exam, its checkpoints.

In: the command line and what gives the settings. Out: commands on it. Decides nothing.
"""

from collections.abc import Callable

import typer

from stream.settings import Settings


def add_encoder_groups(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `train`, `evaluate`, `ablate`, `checkpoint`, `data` and `retrain`.

    Args:
        app: gets the commands.
        settings: called when a command runs, not before.
    """
    from stream.ablate_cli import add_ablate_command
    from stream.checkpoint_cli import checkpoint_app
    from stream.data_cli import data_app
    from stream.data_speech_cli import add_speech_commands
    from stream.evaluate_cli import evaluate_app
    from stream.negatives_cli import add_negatives_command
    from stream.retrain_cli import retrain_app
    from stream.train_cli import add_train_commands

    add_train_commands(app, settings)
    app.add_typer(evaluate_app(settings), name="evaluate")
    add_ablate_command(app, settings)
    app.add_typer(checkpoint_app(settings), name="checkpoint")
    data = data_app()
    add_speech_commands(data, settings)
    add_negatives_command(data, settings)
    app.add_typer(data, name="data")
    app.add_typer(retrain_app(settings), name="retrain")
