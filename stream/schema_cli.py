"""The commands `liveshelf schema …`: show, write and check the contract."""

from pathlib import Path
from typing import Annotated

import typer

from models.errors import InputError, MismatchError
from stream import schema

schema_app = typer.Typer(
    no_args_is_help=True, help="JSON Schemas of all events, and an AsyncAPI document."
)


@schema_app.command()
def show(
    kind: Annotated[str, typer.Argument(help="An event's kind, such as tag; or asyncapi.")],
) -> None:
    """Print one schema, or the AsyncAPI document.

    Example: liveshelf schema show tag
    """
    found = schema.documents()
    name = f"{kind}.json"
    if name not in found:
        known = ", ".join(file.removesuffix(".json") for file in found)
        message = f"there is no event {kind!r}; known are {known}"
        raise InputError(message)
    typer.echo(found[name], nl=False)


@schema_app.command()
def write(folder: Annotated[Path, typer.Argument(help="Made if it does not exist.")]) -> None:
    """Write all schemas and the AsyncAPI document into a folder.

    Example: liveshelf schema write schemas/
    """
    try:
        written = schema.write(folder)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
        raise InputError(message) from error
    for path in written:
        typer.echo(str(path))


@schema_app.command()
def check() -> None:
    """Say whether the schemas that were installed are those of the code; exit code 70 if not.

    Example: liveshelf schema check
    """
    wrong = schema.stale()
    if wrong:
        message = (
            f"{', '.join(wrong)} in {schema.FOLDER} differ from the code; "
            f"run `liveshelf schema write {schema.FOLDER}`"
        )
        raise MismatchError(message)
    typer.echo(f"{len(schema.documents())} schemas agree with the code")
