"""Transcripts, and screen texts where they are made → summaries.

The back end and the cart's titles come from settings and room.
"""

from pydantic import JsonValue

from models.errors import SettingsError
from stream.batcher import BatchOptions
from stream.llm_adapter import adapter_of
from stream.load import StageLoad
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import SCREEN_TEXTS, SUMMARIES, TRANSCRIPTS
from stream.weights import registry_of, weights_dir
from workers.hurried import Hurried
from workers.rolling_text import RollingText, RollingTextOptions
from workers.summarize import Summarizer
from workers.summarizers.protocol import SummaryWriter, WindowText


def make_summarize(settings: Settings, rooms: Rooms) -> Stage:
    """Load the back end and return the stage."""
    writer = load_writer(settings)
    load = StageLoad("summarize", settings.overload, rooms.is_live)
    windows = RollingTextOptions(settings.summarize.window_ms, settings.summarize.hop_ms)

    def titles(stream_id: str, media_ms: int) -> tuple[tuple[str, str], ...]:
        room = rooms.at(stream_id, media_ms)
        if room is None:
            return ()
        return tuple((key, room.titles[key]) for key in room.cart if key in room.titles)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> RollingText:
        if not settings.ocr.enabled:
            return RollingText(stream_id, windows, titles, snapshot)
        room = rooms.latest(stream_id)
        tracks = room.tracks if room else ("audio", "video")
        return RollingText(stream_id, windows, titles, snapshot, tracks)

    def hurried(window: WindowText) -> WindowText:
        return window.lowered(load.rung(window.stream_id))

    return Stage(
        name="summarize",
        inputs=(TRANSCRIPTS, SCREEN_TEXTS) if settings.ocr.enabled else (TRANSCRIPTS,),
        output=SUMMARIES,
        machine=machine,
        worker=Hurried(Summarizer(writer), hurried),
        batch=BatchOptions(max_batch=4),
        load=load,
        describe=writer.model,
    )


def load_writer(settings: Settings) -> SummaryWriter:
    """Load the back end that the settings name.

    Raises:
        SettingsError: a server is wanted and none is set.
        WeightsError: the model was not pulled or does not load.
    """
    chosen = settings.summarize
    if chosen.backend == "extractive":
        from workers.summarizers.extractive import Extractive

        return Extractive()
    if chosen.backend == "server":
        from workers.summarizers.openai_server import OpenAIServer, OpenAIServerOptions

        if not chosen.server_url or not chosen.server_model:
            message = "summarize.backend is server: set summarize.server_url and .server_model"
            raise SettingsError(message)
        return OpenAIServer(
            OpenAIServerOptions(
                url=chosen.server_url,
                model=chosen.server_model,
                api_key=chosen.server_key,
                domain=chosen.domain,
            )
        )
    from workers.summarizers.causal_lm import CausalLM, CausalLMOptions

    models = settings.models
    folder = registry_of(settings).resolve(models.llm, weights_dir(settings))
    name = models.llm if "/" not in models.llm else folder.name
    return CausalLM(
        folder,
        name,
        CausalLMOptions(adapter_of(models), models.device, domain=chosen.domain),
    )
