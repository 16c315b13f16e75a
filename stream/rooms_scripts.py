"""`liveshelf rooms scripts`: shows whose every word is known, for `liveshelf bench asr`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stream.choice import one_of
from stream.count_bar import count_bar

if TYPE_CHECKING:
    from workers.rooms.voices import Use

_USES: "tuple[Use, ...]" = ("train", "held-out")


def add_scripts(app: typer.Typer) -> None:
    """Add `rooms scripts`.

    Args:
        app: gets the command.
    """

    @app.command()
    def scripts(
        out: Annotated[Path, typer.Argument(help="Folder for scripts.jsonl and its WAV files.")],
        voices: Annotated[Path, typer.Option(help="TOML of voices, as for `rooms make`.")],
        minutes: Annotated[float, typer.Option(min=0.1, help="Of sound, at least.")] = 30.0,
        seed: Annotated[int, typer.Option(help="Of goods, sentences, pace and noise.")] = 1,
        use: Annotated[
            str, typer.Option(help="Voices and phrases: held-out, or train.")
        ] = "held-out",
    ) -> None:
        """Speak shows of about a minute and a half, each by one voice, and list their words.

        Hosts say what the room generator writes, with its music and noise under some of it. What is
        in OUT already is kept, and a stopped run goes on. About 5 s of one core a minute of sound.

        Example: liveshelf rooms scripts scripts --minutes 30 --voices voices.toml
        """
        from workers.rooms.products import load
        from workers.rooms.spoken_scripts import ScriptsOptions, ScriptSpeaker, speak_scripts
        from workers.rooms.voices import load_voices

        options = ScriptsOptions(seed=seed, use=one_of("--use", use, _USES))
        speaker = ScriptSpeaker(load_voices(voices), load(), options)
        shows, spoken_ms, words = 0, 0, 0
        with count_bar() as bar:
            task = bar.add_task("seconds", total=round(60 * minutes))
            for show in speak_scripts(speaker, out, minutes):
                shows, spoken_ms = shows + 1, spoken_ms + show.length_ms
                words += len(show.text.split())
                done = min(round(60 * minutes), spoken_ms // 1_000)
                bar.update(task, completed=done, description=f"{shows} shows, seconds")
        typer.echo(f"{shows} shows, {spoken_ms / 60_000:.1f} minutes, {words} words\t{out}")
