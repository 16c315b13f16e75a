"""Makes a whole room from a seed: draws goods and hosts, says a script, films it, writes the truth.

In come voices and pictures of goods, out comes a folder with `room.mp4`, `cart.json` and, last of
all, `truth.json`: a folder that has it is whole.
"""

import contextlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from models.errors import InputError
from workers.rooms.bad_sound import spoil
from workers.rooms.film import QUICK, FilmOptions, film
from workers.rooms.grown_script import Cast, harden
from workers.rooms.grown_shots import Seen, harden_plan
from workers.rooms.idle_script import write_idle_script
from workers.rooms.phrases import siblings
from workers.rooms.products import Item
from workers.rooms.room_goods import Goods, draw_goods
from workers.rooms.room_options import RoomOptions
from workers.rooms.room_truth import carts, truth_of
from workers.rooms.scene import Scene, SceneOptions
from workers.rooms.script import (
    ScriptOptions,
    Segment,
    script_seconds,
    write_script,
    write_short_script,
)
from workers.rooms.shelf import RenderedShelf, Shelf
from workers.rooms.shots import Plan, View, plan_room
from workers.rooms.sound import SoundOptions, mix
from workers.rooms.timeline import RATE_HZ, Timeline, VoicedHost, speak
from workers.rooms.voices import KeptVoice, Samples, load_voices

_SHARES = (0.9, 0.8, 0.7, 0.6, 0.5)
"""Of a hard room's time, what its plain lines take: the first that leaves room for the rest."""


@dataclass(frozen=True)
class Progress:
    """How far a room has come."""

    step: str
    """`speech` or `film`."""
    share: float
    """Of the step, from 0 to 1."""


def make_room(options: RoomOptions, shelf: Shelf | None = None) -> Iterator[Progress]:
    """Make a room; yield progress now and then.

    Args:
        options: which room.
        shelf: whose goods; none: our own world, as it was rendered.

    Raises:
        InputError: views, voices or products that are asked for are not there.
        ServiceError: a voice failed.
    """
    shelf = shelf or RenderedShelf(options.views, options.view_seed)
    goods = draw_goods(shelf, options)
    stage = shelf.stage(options.seed)
    views = {item.product_id: shelf.views(item) for item in _shown(goods, shelf)}
    draw = random.Random(f"hosts/{options.seed}")  # noqa: S311 (not for secrets)
    with contextlib.ExitStack() as opened:
        hosts, names = _cast(options, draw, opened)
        script = _script(goods, options, hosts)
        lines = [line for part in script for line in part.lines]
        for at, line in enumerate(lines):
            hosts[line.host % len(hosts)].voice.sound(line.text)
            yield Progress("speech", (at + 1) / len(lines))
        pieces, timeline = speak(script, hosts, options.seed)
    sound = mix(pieces, timeline.beds, timeline.duration_ms, SoundOptions(options.seed))
    plan = _plan(goods, timeline, views, options.seed)
    how = QUICK if options.quick else FilmOptions()
    scene = Scene(stage, plan, SceneOptions(seed=options.seed, fps=how.fps))
    options.out.mkdir(parents=True, exist_ok=True)
    how = replace(how, max_kbit_s=190) if options.short else how
    heard = _spoilt(sound, timeline, options.seed)
    for share in film(scene.picture, heard, RATE_HZ, options.out / "room.mp4", how):
        yield Progress("film", share)
    _write(goods, timeline, plan, names, options)


def _shown(goods: Goods, shelf: Shelf) -> list[Item]:
    """What is sold, and what else of the cart there are pictures of."""
    return [item for item in goods.cart if item in goods.sold or item.product_id in shelf.seen]


def _plan(goods: Goods, timeline: Timeline, views: Mapping[str, Sequence[View]], seed: int) -> Plan:
    near = {
        item.product_id: tuple(one.product_id for one in siblings(item, goods.cart))
        for item in goods.sold
    }
    return harden_plan(plan_room(timeline, views, seed), timeline, Seen(views, near), seed)


def _spoilt(sound: Samples, timeline: Timeline, seed: int) -> Samples:
    bad = [(one.start_ms, one.end_ms) for one in timeline.suffered if one.hardship == "bad-sound"]
    return spoil(sound, RATE_HZ, bad, seed) if bad else sound


def _cast(
    options: RoomOptions, draw: random.Random, opened: contextlib.ExitStack
) -> tuple[list[VoicedHost], list[str]]:
    """One host or two, each with a voice, speed and pitch of their own."""
    voices = [voice for voice in load_voices(options.voices) if voice.use == options.use]
    if not voices:
        message = f"{options.voices} has no voice for {options.use!r}; add one"
        raise InputError(message)
    count = 2 if len(voices) > 1 and not options.short and draw.random() < 0.35 else 1
    if options.hardships:
        # A second voice is a hardship like others: it is there where it is asked for, and only so.
        count = 2 if "co-host" in options.hardships else 1
    if len(voices) < count:
        message = f"{options.voices} has one voice for {options.use!r}; a co-host needs another"
        raise InputError(message)
    hosts: list[VoicedHost] = []
    names: list[str] = []
    for spec in draw.sample(voices, count):
        voice = spec.open()
        if hasattr(voice, "close"):
            opened.callback(voice.close)
        tempo, semitones = draw.uniform(0.92, 1.18), draw.uniform(-2.0, 2.0)
        hosts.append(VoicedHost(KeptVoice(voice, options.views / "said"), tempo, semitones))
        names.append(spec.name)
    return hosts, names


def _script(goods: Goods, options: RoomOptions, hosts: Sequence[VoicedHost]) -> list[Segment]:
    if options.short:
        return write_short_script(goods.sold, options.seed, options.use)
    # Quick hosts say more in the same time.
    length_min = options.duration_min * sum(host.tempo for host in hosts) / len(hosts)
    kinds = options.hardships
    if options.nothing_sold:
        return write_idle_script(goods.cart, length_min, kinds, options.seed, options.use)
    if not kinds:
        how = ScriptOptions(options.seed, length_min, options.use, len(hosts))
        return write_script(goods.sold, goods.others, how)
    cast = Cast(goods.sold, goods.others)
    hard: list[Segment] = []
    for share in _SHARES:
        how = ScriptOptions(options.seed, share * length_min, options.use)
        plain = write_script(goods.sold, goods.others, how)
        hard = harden(plain, cast, kinds, options.seed, options.use)
        if script_seconds(hard) <= 1.1 * 60 * length_min:
            break
    return hard


def _write(
    goods: Goods, timeline: Timeline, plan: Plan, names: Sequence[str], options: RoomOptions
) -> None:
    cart = [item.product_id for item in goods.cart]
    # The cart's order must not give the order of the show away.
    random.Random(f"cart/{options.seed}").shuffle(cart)  # noqa: S311 (not for secrets)
    shop: dict[str, JsonValue] = {"shop": goods.shop} if goods.shop else {}
    first, *later = versions = carts(cart, timeline, options.seed)
    changes: dict[str, JsonValue] = {"changes": list(later)} if later else {}
    _write_json(options.out / "cart.json", {**shop, "cart": first["cart"], **changes})
    truth = truth_of(
        timeline,
        {item.product_id: item.title for item in goods.sold},
        plan,
        seed=options.seed,
        use=options.use,
        view_seed=options.view_seed,
        voices=list(names),
        nothing_sold=options.nothing_sold,
        carts=list(versions),
        **shop,
    )
    _write_json(options.out / "truth.json", truth)


def _write_json(path: Path, value: dict[str, JsonValue]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    part.rename(path)
