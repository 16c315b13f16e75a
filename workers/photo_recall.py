"""Photos of products against product pages, by picture alone: how often the right page comes first.

In: a folder as the data set Grocery Store has it (its `dataset` folder): `classes.csv` names a page
picture for each class, `val.txt` names photos and their classes. Out: recalls. The pictures take
the way of a catalogue's images and of a live clip: `images`, the encoder, the layout's scores.
Nothing is indexed: among a few pages an exact comparison is what the index would answer.

Klasson, Zhang and Kjellström, 2019, "A Hierarchical Grocery Store Image Dataset with Visual and
Semantic Labels".
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.batch import Domain, Sample
from models.errors import InputError
from workers import images
from workers.encoding import Encodes

_PAGE = "Iconic Image Path (str)"
_CLASS = "Class ID (int)"
_KS = (1, 5)


@dataclass(frozen=True)
class PhotoRecall:
    """How often the right page is found."""

    photos: int
    pages: int
    recall_at: dict[int, float]
    """k → share of the photos whose right page is among the first k."""
    standard_error: float
    """Of the recall at 1."""


def measure_photos(folder: Path, encoder: Encodes) -> PhotoRecall:
    """Look every photo of a folder up among its pages.

    Raises:
        InputError: the folder is not of the kind described above, or a picture cannot be used.
    """
    pages, photos = _listed(folder)
    names = sorted(pages)
    shown = np.stack([_vector(encoder, "page", pages[name]) for name in names])
    ranks = [
        _rank(encoder, _vector(encoder, "live", photo), shown, names.index(product))
        for photo, product in photos
    ]
    return recall_of(ranks, len(names))


def recall_of(ranks: list[int], pages: int) -> PhotoRecall:
    """Return the recalls of photos whose right pages came at some ranks, the first being 0."""
    shares = {k: sum(rank < k for rank in ranks) / len(ranks) for k in _KS}
    error = float(np.sqrt(shares[1] * (1 - shares[1]) / len(ranks)))
    return PhotoRecall(len(ranks), pages, shares, error)


def _listed(folder: Path) -> tuple[dict[str, Path], list[tuple[Path, str]]]:
    """Return the page of each class, and each photo with its class."""
    try:
        with (folder / "classes.csv").open(encoding="utf-8", newline="") as stream:
            pages = {row[_CLASS]: folder / row[_PAGE].lstrip("/") for row in csv.DictReader(stream)}
        lines = (folder / "val.txt").read_text(encoding="utf-8").splitlines()
        cells = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()]
        photos = [(folder / name, product) for name, product, *_ in cells]
    except (OSError, KeyError, ValueError) as error:
        message = f"{folder} is not laid out like Grocery Store: {type(error).__name__} {error}"
        raise InputError(message) from error
    strange = sorted({product for _, product in photos} - pages.keys())
    if strange or not photos:
        what = f"val.txt names class {strange[0]}" if strange else "val.txt names no photo"
        message = f"{folder}: {what}, classes.csv has {len(pages)} classes"
        raise InputError(message)
    return pages, photos


def _vector(encoder: Encodes, domain: Domain, path: Path) -> npt.NDArray[np.float32]:
    picture = images.decode(images.read(str(path), images.ImageSource()))
    vector: npt.NDArray[np.float32] = encoder.encode([Sample(domain, (picture,))])[0]
    return vector


def _rank(
    encoder: Encodes,
    vector: npt.NDArray[np.float32],
    shown: npt.NDArray[np.float32],
    right: int,
) -> int:
    """Return how many pages come before the right one; a tie counts against it."""
    scores = [one.score for one in encoder.layout.compare(vector, shown)]
    return sum(score >= scores[right] for score in scores) - 1
