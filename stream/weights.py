"""The weights that the settings name: found, or brought with a bar and a word before."""

from collections.abc import Callable, Iterable
from pathlib import Path

from models.registry import Registry
from models.weight_sources import PullOptions
from stream.pull_bars import pull_bars
from stream.settings import Settings


def registry_of(settings: Settings) -> Registry:
    """Return the shipped registry with the user's own models in it."""
    own = settings.models.registry
    return Registry.load(Path(own).expanduser() if own else None)


def weights_dir(settings: Settings) -> Path:
    """Return where weights are kept."""
    return settings.cache_dir / "weights"


def needed(settings: Settings) -> tuple[str, ...]:
    """Return the registry names that a whole run needs."""
    from models.checkpoint import pretrained_names

    models = settings.models
    names = [models.asr]
    if settings.summarize.backend == "llm":
        names.append(models.llm)
    names += pretrained_names(models.encoder)
    known = {entry.name for entry in registry_of(settings).entries}
    return tuple(name for name in names if name in known)


def pull_options(settings: Settings) -> PullOptions:
    """Return where the settings say that weights are looked for."""
    models = settings.models
    folder = Path(models.folder).expanduser() if models.folder else None
    return PullOptions(sources=models.sources, folder=folder, hub_url=models.hub_url)


def bring_missing(settings: Settings, say: Callable[[str], None]) -> None:
    """Pull what is needed and not there, saying so first.

    Raises:
        WeightsError: no source has it.
    """
    registry, cache = registry_of(settings), weights_dir(settings)
    missing = [name for name in needed(settings) if registry.glance(name, cache).state != "ok"]
    if not missing:
        return
    for name in missing:
        entry = registry.entry(name)
        size_mb = sum(file.size_bytes for file in entry.files) / 1e6
        say(f"downloading weights {name} ({size_mb:.0f} MB, {entry.licence}) into {cache}")
    with pull_bars() as tell:
        for name in missing:
            registry.pull(name, cache, pull_options(settings), tell)


def ready_weights(settings: Settings, names: Iterable[str]) -> None:
    """Pull those of these names that the registry knows and that are not there, with bars.

    Raises:
        WeightsError: no source has one.
    """
    registry, cache = registry_of(settings), weights_dir(settings)
    known = {entry.name for entry in registry.entries}
    with pull_bars() as tell:
        for name in known.intersection(names):
            if registry.glance(name, cache).state != "ok":
                registry.pull(name, cache, pull_options(settings), tell)
