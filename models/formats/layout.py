"""Data of any layout that we know, as a manifest, or written as one.

In: where data lies, and for a conversion its layout and options. Out: a `Manifest`, or a file of
one. To add a layout, write its converter into a file of its own and name it in `LAYOUTS`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import InputError
from models.formats.conversion import Converted, LeftOut, rebased
from models.formats.fashion import FashionOptions, fashion
from models.formats.grocery import GroceryOptions, grocery_manifest, grocery_rows, is_grocery
from models.formats.lpr4m import LprOptions, lpr4m
from models.formats.own_catalogue import CatalogueOptions, own_catalogue
from models.formats.own_folder import OwnOptions, own_folder
from models.formats.rope import RopeOptions, rope
from models.manifest import Manifest, load_manifest
from models.manifest_file import manifest_rows, write_manifest
from models.manifest_row import Row
from models.option_words import assigned

_TELL_EVERY = 1_000


@dataclass(frozen=True)
class NoOptions:
    """A layout that leaves nothing to say."""


@dataclass(frozen=True)
class Layout:
    """A way in which data lies on disk."""

    what: str
    """One line about it."""
    options: object
    """Its defaults: a dataclass."""
    convert: Callable[[Path, Path, Any, LeftOut], Converted]
    """From the data's place, the manifest's folder, options, and what counts what is left out."""


def _grocery(source: Path, _folder: Path, options: GroceryOptions, _out: LeftOut) -> Converted:
    return Converted(source, grocery_rows(source, options))


def _manifest(source: Path, _folder: Path, _options: NoOptions, _out: LeftOut) -> Converted:
    return Converted(source.parent, manifest_rows(source))


LAYOUTS = {
    "rope": Layout("ROPE's release: nine text files", RopeOptions(), rope),
    "lpr4m": Layout("LPR4M's release: clips of live rooms", LprOptions(), lpr4m),
    "grocery": Layout("Grocery Store's folder `dataset`", GroceryOptions(), _grocery),
    "fashion": Layout("fashion titles: CSV and zipped photos", FashionOptions(), fashion),
    "folder": Layout("a folder for each product", OwnOptions(), own_folder),
    "catalogue": Layout("CSV or JSON Lines, and clips", CatalogueOptions(), own_catalogue),
    "manifest": Layout("a manifest, into another form", NoOptions(), _manifest),
}


def convert(
    layout: str,
    source: Path,
    out: Path,
    assignments: Sequence[str] = (),
    tell: Callable[[int], None] = lambda _rows: None,
) -> tuple[int, LeftOut]:
    """Write data as a manifest; return the number of rows, and how many of what was left out.

    Args:
        layout: one of `LAYOUTS`.
        source: where the data lies.
        out: the manifest; what it names is seen from its folder.
        assignments: options of the layout as KEY=VALUE.
        tell: told the number of rows now and then.

    Raises:
        InputError: layout or options are unknown, or the data is of another form.
    """
    if layout not in LAYOUTS:
        message = f"layout is {layout!r}; want one of {', '.join(LAYOUTS)}"
        raise InputError(message)
    known = LAYOUTS[layout]
    options = assigned(known.options, assignments)
    if source.resolve() == out.resolve():
        message = f"{out} cannot be written over what it is made of"
        raise InputError(message)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot write {out}: {error}"
        raise InputError(message) from error
    left_out = LeftOut()
    found = known.convert(source, out.parent, options, left_out)
    count = write_manifest(out, _counted(rebased(found, out.parent), tell))
    tell(count)
    return count, +left_out


def manifest_at(path: Path, texts: Sequence[Path] = ()) -> Manifest:
    """Return the manifest in a file, or in the folder of a known data set.

    Raises:
        InputError: it is neither.
    """
    if is_grocery(path):
        return grocery_manifest(path, texts)
    return load_manifest(path, texts)


def _counted(rows: Iterator[Row], tell: Callable[[int], None]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % _TELL_EVERY == 0:
            tell(number)
        yield row
