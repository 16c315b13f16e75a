"""A voice that stays alive: a program that answers one JSON line for each sentence.

Loading a neural voice costs more than a sentence, so the program is started once, at the first
sentence, and ends when its input closes.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Self

from models.errors import ServiceError


class StayingVoice:
    """A voice that is a long-lived program; see `piper_speaker.py` for its side.

    Not for several threads at once.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self.command = command
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None

    def say(self, text: str, wav: Path) -> None:
        """Have one sentence written.

        Raises:
            ServiceError: the program could not be started, ended, or answered with an error.
        """
        process = self._process or self._start()
        try:
            asked = json.dumps({"text": text, "wav": str(wav.absolute())})
            if process.stdin is not None:
                process.stdin.write(asked + "\n")
                process.stdin.flush()
            line = process.stdout.readline() if process.stdout is not None else ""
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            why = self._last_words()
            self.close()
            message = f"the voice {self.command[0]} ended without an answer: {why}"
            raise ServiceError(message) from error
        if not (isinstance(answer, dict) and answer.get("ok")):
            message = f"the voice {self.command[0]} answered {line.strip()[:300]}"
            raise ServiceError(message)

    def close(self) -> None:
        """End the program, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[str]:
        # A file, not a pipe: nobody reads while it speaks, and a full pipe would stop it.
        self._errors = tempfile.TemporaryFile(  # noqa: SIM115 (closed by `close`)
            "w+", encoding="utf-8", errors="replace"
        )
        try:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
        except OSError as error:
            self.close()
            message = f"the voice {self.command[0]} cannot be started: {error}"
            raise ServiceError(message) from error
        return self._process

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        return self._errors.read()[-300:].strip()
