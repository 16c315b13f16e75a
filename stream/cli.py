"""The command `liveshelf`. Decides nothing; imports what a command needs when it runs.

Errors of ours are printed as one line and end the command with their exit code.
"""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from models.errors import LiveShelfError, SettingsError
from stream.complain import complain
from stream.flags import Cart, IndexUri, Json, JsonTags, Servers, Speed, StreamId, TagsOut
from stream.settings import Settings, load_settings

app = typer.Typer(
    name="liveshelf",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Says, while the host of a live shopping stream is talking, which product is being sold.",
    epilog="Try `liveshelf demo`. Settings: flags beat LIVESHELF_… variables beat liveshelf.toml.",
)
_state: dict[str, Settings] = {}


@app.callback()
def _root(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="TOML settings; default: liveshelf.toml."),
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="GROUP.KEY=VALUE, any setting; repeatable.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens.")] = False,
) -> None:
    _log(verbose or ctx.invoked_subcommand in {"worker", "app"})
    overrides: dict[str, object] = {}
    for assignment in sets or []:
        name, equals, value = assignment.partition("=")
        if not (name and equals):
            message = f"--set {assignment}: want GROUP.KEY=VALUE, for instance tag.enter=3"
            raise SettingsError(message)
        overrides[name] = value
    _state["settings"] = load_settings(overrides, config)
    if ctx.invoked_subcommand == "models":
        _models_context(ctx)


def _settings(kafka: str | None = None, index: str | None = None) -> Settings:
    from stream.settings import with_index, with_kafka

    return with_index(with_kafka(_state["settings"], kafka or None), index or None)


def _log(loud: bool) -> None:
    level = "INFO" if loud else "WARNING"
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    # The client logs an error for every broker that is away for a moment, and mends it itself.
    for name in ("aiokafka", "kafka", "faust", "mode", "httpx", "faster_whisper", "py.warnings"):
        logging.getLogger(name).setLevel("CRITICAL")


def _models_context(ctx: typer.Context) -> None:
    from stream.models_cli import ModelsContext
    from stream.weights import pull_options, weights_dir

    settings = _settings()
    own = settings.models.registry
    ctx.obj = ModelsContext(
        cache_dir=weights_dir(settings),
        registry_file=Path(own).expanduser() if own else None,
        options=pull_options(settings),
    )


@app.command()
def demo(speed: Speed = 1.0, tags_out: TagsOut = None, as_json: JsonTags = False) -> None:
    """Play the bundled sample room through every real part and print the tags as they appear.

    Example: liveshelf demo --tags-out tags.jsonl
    """
    from stream.demo_room import run_demo

    raise typer.Exit(asyncio.run(run_demo(_settings(), speed, tags_out, as_json=as_json)))


@app.command()
def run(
    source: Annotated[str, typer.Argument(help="Video or audio file, or a URL.")],
    catalogue: Annotated[
        Path, typer.Option("--catalogue", help="Products: JSON Lines or CSV.", exists=False)
    ],
    cart: Cart = None,
    stream_id: Annotated[
        str | None, typer.Option("--stream-id", help="Name of the room; default: file and time.")
    ] = None,
    speed: Speed = 1.0,
    tags_out: TagsOut = None,
    as_json: JsonTags = False,
    workers: Annotated[
        str | None,
        typer.Option("--workers", help="Stages of each process, as asr/summarize,embed,match,tag."),
    ] = None,
    kafka: Servers = None,
    index: IndexUri = None,
) -> None:
    """Index a catalogue, play a video through all stages, and print its tags: all in one go.

    Example: liveshelf run show.mp4 --catalogue products.jsonl --cart cart.json
    """
    from stream.run_video import VideoOrder, run_video

    order = VideoOrder(source, catalogue, cart, stream_id, speed, tags_out, as_json, workers)
    asyncio.run(run_video(_settings(kafka, index), order))


@app.command()
def ingest(
    source: Annotated[str, typer.Argument(help="File, or RTMP, RTSP, HLS or HTTP URL.")],
    stream_id: StreamId,
    speed: Speed = 1.0,
    cart: Cart = None,
    again: Annotated[
        bool, typer.Option("--again", help="Send a room again that has ended; ids repeat.")
    ] = False,
    as_json: Json = False,
    kafka: Servers = None,
) -> None:
    """Cut a source into audio chunks and frames and send them to Kafka.

    Example: liveshelf ingest show.mp4 --stream-id monday --speed 1 --cart cart.json
    """
    from stream.send import send_source

    settings = _settings(kafka)
    asyncio.run(send_source(settings, source, stream_id, speed, cart, again=again, as_json=as_json))


@app.command()
def worker(
    stages: Annotated[
        str, typer.Option("--stages", help="Any of asr,ocr,summarize,embed,match,tag, by commas.")
    ] = "asr,summarize,embed,match,tag",
    member: Annotated[
        str | None, typer.Option("--member", help="Static member id; default: host and number.")
    ] = None,
    kafka: Servers = None,
    index: IndexUri = None,
) -> None:
    """Run stages in this process until Ctrl-C; start it several times to share the work.

    Example: liveshelf worker --stages asr,summarize
    """
    from stream.work import work

    names = dict.fromkeys(name.strip() for name in stages.split(",") if name.strip())
    work(_settings(kafka, index), list(names), member)


@app.command("app")
def application(kafka: Servers = None, index: IndexUri = None) -> None:
    """Run the application around the stream: live catalogue upserts and deletes.

    Example: liveshelf app
    """
    from stream.work import work_app

    work_app(_settings(kafka, index))


@app.command()
def tags(
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more until Ctrl-C.")] = False,
    stream_id: Annotated[str | None, typer.Option("--stream-id", help="Only this room's.")] = None,
    as_json: JsonTags = False,
    kafka: Servers = None,
) -> None:
    """Print the tags that are on Kafka, each once, oldest first.

    Example: liveshelf tags --follow --json
    """
    from stream.tell_tags import tell_tags

    asyncio.run(tell_tags(_settings(kafka), stream_id, follow=follow, as_json=as_json))


@app.command()
def replay(
    room: Annotated[str, typer.Argument(help="Name of a room whose media is still on Kafka.")],
    keep: Annotated[bool, typer.Option("--keep", help="Keep the topics of the replay.")] = False,
    as_json: Json = False,
    kafka: Servers = None,
    index: IndexUri = None,
) -> None:
    """Run a room's stored media again under a prefix of its own and compare the tags.

    Exit code 1 if they differ. Example: liveshelf replay monday
    """
    from stream.replay import replay_room

    same = asyncio.run(replay_room(_settings(kafka, index), room, keep=keep, as_json=as_json))
    raise typer.Exit(0 if same else 1)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check broker, index, models, versions and disk, and say how to mend each.

    Exit code 1 if anything is broken. Example: liveshelf doctor
    """
    from stream.doctor import diagnose

    raise typer.Exit(asyncio.run(diagnose(_settings(), as_json=as_json)))


def command_line() -> typer.Typer:
    """Return the whole command line, with the groups of commands that other modules define."""
    from stream.bench_cli import bench_app
    from stream.cart_cli import add_cart
    from stream.encoder_groups import add_encoder_groups
    from stream.endpoints import embedded_defaults
    from stream.index_cli import index_app
    from stream.models_cli import models_app
    from stream.rooms_cli import rooms_app
    from stream.schema_cli import schema_app
    from stream.services_cli import add_index_commands, broker_app
    from stream.sounds_cli import sounds_app
    from stream.summarizer_cli import summarizer_app
    from stream.topics_cli import topics_app

    if app.registered_groups:
        return app
    add_cart(app, _settings)
    app.add_typer(broker_app(lambda: embedded_defaults(_settings())), name="broker")
    index = index_app(_settings)
    add_index_commands(index, lambda: embedded_defaults(_settings()))
    app.add_typer(index, name="index")
    app.add_typer(models_app, name="models")
    add_encoder_groups(app, _settings)
    app.add_typer(bench_app(_settings), name="bench")
    app.add_typer(summarizer_app(_settings), name="summarizer")
    app.add_typer(sounds_app(_settings), name="sounds")
    app.add_typer(rooms_app(_settings), name="rooms")
    app.add_typer(schema_app, name="schema")
    app.add_typer(topics_app(_settings), name="topics")
    return app


def main() -> None:
    """Run the command line."""
    try:
        command_line()()
    except (LiveShelfError, OSError, ExceptionGroup) as error:
        code = complain(error)
        if code is None:
            raise
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
