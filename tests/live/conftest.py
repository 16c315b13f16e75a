"""What several live tests compare with: the short room, played to its end without trouble."""

from collections.abc import Iterator

import pytest

from tests.live.whole import Run


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The short room, played to its end without trouble."""
    run = Run(tmp_path_factory.mktemp("undisturbed"), arguments=())
    run.start()
    try:
        assert run.wait(300) == 0, run.words()
        yield run
    finally:
        run.end()
