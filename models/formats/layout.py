"""Data of any layout that we know, as a manifest."""

from collections.abc import Sequence
from pathlib import Path

from models.formats.grocery import grocery_manifest, is_grocery
from models.manifest import Manifest, load_manifest


def manifest_at(path: Path, texts: Sequence[Path] = ()) -> Manifest:
    """Return the manifest in a JSON Lines file, or in the folder of a known data set.

    Raises:
        InputError: it is neither.
    """
    if is_grocery(path):
        return grocery_manifest(path, texts)
    return load_manifest(path, texts)
