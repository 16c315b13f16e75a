"""Speaks with piper; runs as a program in an environment that has `piper-tts`.

`python piper_speaker.py MODEL.onnx|PACKAGE`: reads one JSON line `{"text", "wav"}` a sentence,
writes the WAV file and answers with one JSON line, `{"ok": true}` or `{"error": "..."}`. It stays
alive because loading a model costs over a second. PACKAGE is an installed voice package that has
`model_path()`. It imports nothing of this package, so that its environment needs piper alone (GPL:
a tool, never a dependency); `piper` is imported late, so that importing this module needs nothing.
"""

import importlib
import json
import sys
import wave
from pathlib import Path
from typing import Any


def load_voice(model: str) -> Any:
    """Return the voice of a model file or of an installed voice package."""
    path = Path(model) if model.endswith(".onnx") else importlib.import_module(model).model_path()
    return importlib.import_module("piper").PiperVoice.load(path)


def answer(voice: Any, line: str) -> dict[str, object]:
    """Say the sentence of one line; return the answer."""
    try:
        asked = json.loads(line)
        with wave.open(asked["wav"], "wb") as out:
            voice.synthesize_wav(asked["text"], out)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, wave.Error) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"ok": True}


def main() -> None:
    """Answer lines until the input ends."""
    voice = load_voice(sys.argv[1])
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(voice, line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
