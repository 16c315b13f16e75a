"""`liveshelf` as a user starts it: another process, its exit code and what it said."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Said:
    """What became of a command."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The last line of standard error, which is where the reason stands."""
        lines = self.err.strip().splitlines()
        return lines[-1] if lines else ""


def liveshelf(folder: Path, *arguments: str, **environment: str) -> Said:
    """Run a command with a data folder of its own and wait for its end."""
    data = ("--set", f"paths.data_dir={folder / 'data'}")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "stream.cli", *data, *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
