"""The revision of the code that runs."""

import subprocess
from pathlib import Path


def code_revision() -> str:
    """Return the revision of the code; empty when it is no checkout."""
    try:
        words = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        here = Path(__file__).parent
        done = subprocess.run(words, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
