"""Makes a whole room from a seed: draws goods and hosts, says a script, films it, writes the truth.

In come voices and rendered views, out comes a folder with `room.mp4`, `cart.json` and, last of all,
`truth.json`: a folder that has it is whole.
"""

import contextlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pydantic import JsonValue

from models.errors import InputError
from workers.rooms.film import FilmOptions, film
from workers.rooms.phrases import siblings
from workers.rooms.products import Item, load
from workers.rooms.scene import Scene, SceneOptions
from workers.rooms.script import (
    ScriptOptions,
    Segment,
    sold_count,
    write_script,
    write_short_script,
)
from workers.rooms.shots import Plan, load_views, plan_room
from workers.rooms.sound import SoundOptions, mix
from workers.rooms.stage import out_of_focus
from workers.rooms.timeline import RATE_HZ, Timeline, VoicedHost, speak
from workers.rooms.voices import KeptVoice, Use, load_voices

_ONE_SHOP = 0.6
"""How likely a cart is of one shop, where that shop has goods enough."""


@dataclass(frozen=True)
class RoomOptions:
    """What room is made."""

    voices: Path
    """TOML file of voices; see `voices.example.toml`."""
    views: Path
    """Folder of rendered views; what voices said is kept in its folder `said`."""
    out: Path
    """Folder for the room's three files."""
    seed: int = 0
    duration_min: float = 3.5
    """About how long the room is, in minutes."""
    cart_size: int = 20
    """How many products the cart has, those sold among them."""
    view_seed: int = 1
    """Which views are shown: 0 those for training, 1 those held out, 2 those for tuning."""
    use: Use = "held-out"
    """Which voices and phrases are used: those for training or those held out."""
    sold: tuple[str, ...] = ()
    """Product ids for sale, in order; empty for what the seed draws."""
    short: bool = False
    """A few seconds of each product, for tests."""


@dataclass(frozen=True)
class Progress:
    """How far a room has come."""

    step: str
    """`speech` or `film`."""
    share: float
    """Of the step, from 0 to 1."""


@dataclass(frozen=True)
class Goods:
    """What a room is about."""

    sold: tuple[Item, ...]
    others: tuple[Item, ...]
    """The rest of the cart."""
    shop: str | None
    """None where the cart is of several shops."""


def make_room(options: RoomOptions) -> Iterator[Progress]:
    """Make a room; yield progress now and then.

    Raises:
        InputError: views, voices or products that are asked for are not there.
        ServiceError: a voice failed.
    """
    goods = draw_goods(load(), options)
    stage = read_stage(options)
    cart = (*goods.sold, *goods.others)
    seen = _seen(options)
    views = {
        item.product_id: load_views(options.views / item.product_id, options.view_seed)
        for item in cart
        if item in goods.sold or item.product_id in seen
    }
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
    plan = plan_room(timeline, views, options.seed)
    scene = Scene(stage, plan, SceneOptions(seed=options.seed))
    options.out.mkdir(parents=True, exist_ok=True)
    kbit_s = 190 if options.short else FilmOptions().max_kbit_s
    out = options.out / "room.mp4"
    for share in film(scene.picture, sound, RATE_HZ, out, FilmOptions(max_kbit_s=kbit_s)):
        yield Progress("film", share)
    _write(goods, timeline, plan, names, options)


def draw_goods(items: Sequence[Item], options: RoomOptions) -> Goods:
    """Return what is sold and what else is in the cart.

    Near-duplicates of what is sold are always in the cart, as far as it has room for them.

    Raises:
        InputError: an id is unknown, there are too few products with views, or the cart is too
            small for what is sold.
    """
    draw = random.Random(f"goods/{options.seed}")  # noqa: S311 (not for secrets)
    one_shop = draw.random() < _ONE_SHOP
    seen = _seen(options)
    ready = [item for item in items if item.product_id in seen]
    count = sold_count(options.duration_min, options.seed)
    shops = [
        shop
        for shop in sorted({item.shop for item in ready})
        if sum(item.shop == shop for item in items) >= options.cart_size
        and sum(item.shop == shop for item in ready) >= count
    ]
    shop = draw.choice(shops) if one_shop and shops else None
    if options.sold:
        sold = _named(items, options.sold)
        own = {item.shop for item in sold}
        shop = own.pop() if len(own) == 1 else None
    else:
        inside = [item for item in ready if shop in {None, item.shop}]
        sold = _drawn(inside, count, draw)
    if len(sold) > options.cart_size:
        message = f"{len(sold)} products are sold, but the cart has room for {options.cart_size}"
        raise InputError(message)
    pool = [item for item in items if shop in {None, item.shop} and item not in sold]
    near = [item for item in pool if any(siblings(item, [one]) for one in sold)]
    far = [item for item in pool if item not in near]
    draw.shuffle(near)
    draw.shuffle(far)
    # What can be seen comes first, so that wrong products stand beside the right ones.
    far.sort(key=lambda item: item.product_id not in seen)
    others = [*near, *far][: options.cart_size - len(sold)]
    return Goods(tuple(sold), tuple(others), shop)


def _seen(options: RoomOptions) -> frozenset[str]:
    """The ids of products that have views of the seed that is asked for."""
    names = options.views.glob(f"*/s{options.view_seed}-*-stands.png")
    return frozenset(path.parent.name for path in names)


def _drawn(ready: Sequence[Item], count: int, draw: random.Random) -> list[Item]:
    """Draw what is sold; often two of it are near-duplicates of each other."""
    if len(ready) < count:
        message = f"{len(ready)} products have views, {count} are to be sold; render more"
        raise InputError(message)
    sold = draw.sample(ready, count)
    twins = [item for item in siblings(sold[0], ready) if item not in sold]
    if twins and draw.random() < 0.5:
        sold[draw.randrange(1, count)] = draw.choice(twins)
    return sold


def _named(items: Sequence[Item], names: Sequence[str]) -> list[Item]:
    """The items whose ids are, or begin with, some names."""
    found: list[Item] = []
    for name in names:
        fits = [item for item in items if item.product_id.startswith(name)]
        exact = [item for item in fits if item.product_id == name]
        if len(exact or fits) != 1:
            message = f"{name!r} fits {len(fits)} products; give more of the product id"
            raise InputError(message)
        found += exact or fits
    return found


def _cast(
    options: RoomOptions, draw: random.Random, opened: contextlib.ExitStack
) -> tuple[list[VoicedHost], list[str]]:
    """One host or two, each with a voice, speed and pitch of their own."""
    voices = [voice for voice in load_voices(options.voices) if voice.use == options.use]
    if not voices:
        message = f"{options.voices} has no voice for {options.use!r}; add one"
        raise InputError(message)
    count = 2 if len(voices) > 1 and not options.short and draw.random() < 0.35 else 1
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
    pace = sum(host.tempo for host in hosts) / len(hosts)
    how = ScriptOptions(options.seed, options.duration_min * pace, options.use, len(hosts))
    return write_script(goods.sold, goods.others, how)


def read_stage(options: RoomOptions) -> Image.Image:
    """Return the set that the seed draws, as a camera sees it.

    Raises:
        InputError: there is none.
    """
    paths = sorted(options.views.glob("stage-*.png"))
    if not paths:
        message = f"{options.views} has no stage-*.png; run `liveshelf rooms render` first"
        raise InputError(message)
    with Image.open(paths[options.seed % len(paths)]) as picture:
        return out_of_focus(picture)


def _write(
    goods: Goods, timeline: Timeline, plan: Plan, names: Sequence[str], options: RoomOptions
) -> None:
    cart = [item.product_id for item in (*goods.sold, *goods.others)]
    # The cart's order must not give the order of the show away.
    random.Random(f"cart/{options.seed}").shuffle(cart)  # noqa: S311 (not for secrets)
    shop: dict[str, JsonValue] = {"shop": goods.shop} if goods.shop else {}
    _write_json(options.out / "cart.json", {**shop, "cart": list(cart)})
    truth = timeline.truth(
        {item.product_id: item.title for item in goods.sold},
        plan.cuts(),
        seed=options.seed,
        use=options.use,
        view_seed=options.view_seed,
        voices=list(names),
        **shop,
    )
    _write_json(options.out / "truth.json", truth)


def _write_json(path: Path, value: dict[str, JsonValue]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    part.rename(path)
