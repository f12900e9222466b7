"""Downloads against a web server on this machine: every way in which they go wrong."""

from __future__ import annotations

import hashlib
import http.client
import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from samcell_core.errors import ModelError
from samcell_core.models.download import download

CONTENT = random.Random(1).randbytes(1_000_000)
BREAK = 200_000  # less than what counts as progress, so that retries=0 gives up
SHA256 = hashlib.sha256(CONTENT).hexdigest()

quickly = partial(download, timeout=5.0, pause=0.01, stale_after=2.0)


@pytest.fixture
def offer(server: Any) -> Any:
    return server.offer("/cells.pt", content=CONTENT)


def test_a_file_arrives_whole_and_leaves_nothing_else(offer: Any, url: str, target: Path) -> None:
    quickly(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_progress_rises_from_nothing_to_the_whole(offer: Any, url: str, target: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    quickly(url, target, progress=lambda reached, total: seen.append((reached, total)))
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_a_file_of_unknown_length_arrives_whole(server: Any, url: str, target: Path) -> None:
    server.offer("/cells.pt", content=CONTENT, length=False)
    totals = set()
    quickly(url, target, progress=lambda _, total: totals.add(total))
    assert target.read_bytes() == CONTENT
    assert totals == {None}


def test_a_file_that_is_there_is_not_fetched_again(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    quickly(url, target)
    quickly(url, target, sha256=SHA256)
    assert len(server.requests) == 1


def test_another_file_in_that_place_is_kept_and_refused(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    target.parent.mkdir()
    target.write_bytes(b"mine")
    with pytest.raises(ModelError, match=f"published is {SHA256}, so it must be deleted first"):
        quickly(url, target, sha256=SHA256)
    assert target.read_bytes() == b"mine"
    assert server.requests == []


def test_a_cut_connection_is_resumed_where_it_broke(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    offer.cuts = [300_000, 200_000]
    quickly(url, target, sha256=SHA256)
    assert server.ranges == ["", "bytes=300000-", "bytes=500000-"]
    assert target.read_bytes() == CONTENT


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    offer.cuts = [BREAK]
    with pytest.raises(ModelError, match=r"ended after 0\.2 MB of 1\.0 MB"):
        quickly(url, target, retries=0)
    quickly(url, target)
    assert server.ranges == ["", "bytes=200000-"]
    assert target.read_bytes() == CONTENT


def test_a_call_that_the_caller_stops_can_be_gone_on_with(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    def stop(reached: int, total: int | None) -> None:
        if reached > 400_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quickly(url, target, progress=stop)
    quickly(url, target)
    assert server.ranges[1] > "bytes=4"
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("when", [0, 400_000])
@pytest.mark.parametrize("kind", [BrokenPipeError, ValueError])
def test_what_the_caller_raises_arrives_unchanged(
    offer: Any, url: str, target: Path, kind: type[Exception], when: int
) -> None:
    mine = kind("the window is closed")

    def stop(reached: int, total: int | None) -> None:
        if reached >= when:
            raise mine

    with pytest.raises(kind) as caught:
        quickly(url, target, progress=stop)
    assert caught.value is mine


def test_new_bytes_at_every_attempt_are_never_given_up_on(
    offer: Any, url: str, target: Path
) -> None:
    offer.cuts = [270_000, 270_000, 270_000]
    quickly(url, target, retries=0, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_server_that_cannot_resume_sends_all_again(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    offer.ranges, offer.cuts = False, [300_000]
    quickly(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_a_part_is_not_gone_on_with_where_the_server_does_not_promise_the_same_file(
    server: Any, offer: Any, url: str, target: Path, tag: str
) -> None:
    offer.tag, offer.cuts = tag, [300_000]
    quickly(url, target, sha256=SHA256)
    assert server.ranges == ["", ""]


def test_the_same_bytes_again_and_again_are_given_up_on(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    offer.ranges, offer.cuts = False, [300_000] * 20
    with pytest.raises(ModelError, match="3 times in a row"):
        quickly(url, target, retries=2)
    assert len(server.requests) == 4


@pytest.mark.parametrize("careful", [True, False])
def test_a_file_that_changed_on_the_server_is_fetched_from_its_beginning(
    server: Any, url: str, target: Path, careful: bool
) -> None:
    server.offer("/cells.pt", content=CONTENT, cuts=[BREAK])
    with pytest.raises(ModelError):
        quickly(url, target, retries=0)
    newer = CONTENT[::-1]
    server.offer("/cells.pt", content=newer, tag='"second"', careful=careful)
    quickly(url, target)
    assert target.read_bytes() == newer


def test_a_part_that_is_whole_already_is_not_fetched_again(
    server: Any, offer: Any, url: str, target: Path, part: Path
) -> None:
    offer.cuts = [BREAK]
    with pytest.raises(ModelError):
        quickly(url, target, retries=0)
    part.write_bytes(CONTENT)
    quickly(url, target, sha256=SHA256)
    assert len(server.requests) == 1


def test_a_part_longer_than_the_file_is_thrown_away(
    offer: Any, url: str, target: Path, part: Path
) -> None:
    offer.cuts = [BREAK]
    with pytest.raises(ModelError):
        quickly(url, target, retries=0)
    part.write_bytes(CONTENT + b"more")
    quickly(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_part_that_the_server_cannot_go_on_with_is_thrown_away(
    server: Any, url: str, target: Path
) -> None:
    server.offer("/cells.pt", content=CONTENT, length=False, failures=[])
    with pytest.raises(RuntimeError, match="stop"):
        quickly(url, target, progress=_raise_at_the_end)
    quickly(url, target, sha256=SHA256)
    assert server.ranges == ["", f"bytes={len(CONTENT)}-", ""]


def _raise_at_the_end(reached: int, total: int | None) -> None:
    if reached == len(CONTENT):
        raise RuntimeError("stop")


def test_a_wrong_checksum_is_refused_with_both_sums(offer: Any, url: str, target: Path) -> None:
    with pytest.raises(ModelError, match=f"is {SHA256}, published is {'0' * 64}"):
        quickly(url, target, sha256="0" * 64)


def test_a_file_with_a_wrong_checksum_is_removed(offer: Any, url: str, target: Path) -> None:
    with pytest.raises(ModelError):
        quickly(url, target, sha256="0" * 64)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "firewall"), (404, "no such file"), (407, "HTTPS_PROXY"), (410, "410 Gone")],
)
def test_a_refusal_by_the_server_is_final(
    server: Any, url: str, target: Path, status: int, words: str
) -> None:
    server.offer("/cells.pt", failures=[status])
    with pytest.raises(ModelError, match=words):
        quickly(url, target)
    assert len(server.requests) == 1


def test_a_server_in_trouble_is_asked_again(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    offer.failures = [500, 503]
    quickly(url, target)
    assert target.read_bytes() == CONTENT


def test_a_server_in_lasting_trouble_is_given_up(server: Any, url: str, target: Path) -> None:
    server.offer("/cells.pt", failures=[500] * 9)
    with pytest.raises(ModelError, match="answered 500 Internal Server Error, 3 times in a row"):
        quickly(url, target, retries=2)
    assert len(server.requests) == 3


def test_a_network_error_says_how_to_place_the_file_by_hand(target: Path, server: Any) -> None:
    url = "http://127.0.0.1:9/cells.pt"
    with pytest.raises(ModelError) as caught:
        quickly(url, target, retries=0)
    assert f"fetch {url} in a browser and save it as {target}" in str(caught.value)


def test_a_redirect_is_followed(server: Any, url: str, target: Path) -> None:
    server.offer("/cells.pt", redirect="/store/42")
    server.offer("/store/42", content=CONTENT)
    quickly(url, target, sha256=SHA256)
    assert [path for path, _ in server.requests] == ["/cells.pt", "/store/42"]


def test_a_download_is_resumed_through_a_redirect(server: Any, url: str, target: Path) -> None:
    server.offer("/cells.pt", redirect="/store/42")
    server.offer("/store/42", content=CONTENT, cuts=[300_000])
    quickly(url, target, sha256=SHA256)
    assert server.ranges == ["", "", "bytes=300000-", "bytes=300000-"]


class PlainConnection(http.client.HTTPConnection):
    """Speaks plainly where TLS is asked for: the server on this machine has no certificate."""

    def __init__(self, host: str, **options: Any) -> None:
        super().__init__(host, timeout=options["timeout"])


@pytest.fixture
def secure(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address as one of https."""
    monkeypatch.setattr(PlainConnection, "_http_vsn", 11)
    monkeypatch.setattr(http.client, "HTTPSConnection", PlainConnection)
    return url.replace("http:", "https:")


def test_a_redirect_from_https_to_https_is_followed(server: Any, secure: str, target: Path) -> None:
    server.offer("/cells.pt", redirect=secure.replace("/cells.pt", "/store/42"))
    server.offer("/store/42", content=CONTENT)
    quickly(secure, target)
    assert target.read_bytes() == CONTENT


def test_a_redirect_from_https_to_http_is_refused(
    server: Any, url: str, secure: str, target: Path
) -> None:
    server.offer("/cells.pt", redirect=url.replace("/cells.pt", "/store/42"))
    with pytest.raises(ModelError, match=r"sends on to http://.*, which is not encrypted"):
        quickly(secure, target)
    assert [path for path, _ in server.requests] == ["/cells.pt"]


def test_a_redirect_in_a_circle_is_an_error(server: Any, url: str, target: Path) -> None:
    server.offer("/cells.pt", redirect="/cells.pt")
    with pytest.raises(ModelError, match="answered 302"):
        quickly(url, target, retries=0)


def test_a_server_that_falls_silent_is_left(offer: Any, url: str, target: Path) -> None:
    offer.stalls = [BREAK]
    with pytest.raises(ModelError, match=r"sent nothing for 0\.2 s"):
        quickly(url, target, retries=0, timeout=0.2)


def test_a_download_goes_on_after_a_silence(
    server: Any, offer: Any, url: str, target: Path
) -> None:
    offer.stalls = [300_000]
    quickly(url, target, timeout=0.2, sha256=SHA256)
    assert server.ranges == ["", "bytes=300000-"]


def test_a_folder_that_cannot_be_made_is_an_error(offer: Any, url: str, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ModelError, match=r"cannot be written .*SAMCELL_HOME"):
        quickly(url, tmp_path / "models" / "cells.pt")


@pytest.mark.parametrize(
    "page",
    [
        {"kind": "text/html; charset=utf-8", "content": b"Please sign in"},
        {"content": b"\n<!DOCTYPE html><title>Please sign in</title>" + b" " * 100},
    ],
)
def test_a_web_page_in_place_of_the_file_is_refused(
    server: Any, url: str, target: Path, page: dict[str, Any]
) -> None:
    server.offer("/cells.pt", **page)
    with pytest.raises(ModelError, match="sent a web page instead of the file"):
        quickly(url, target)
    assert list(target.parent.iterdir()) == []


def test_an_empty_file_is_refused(server: Any, url: str, target: Path) -> None:
    server.offer("/cells.pt", content=b"")
    with pytest.raises(ModelError, match="sent an empty file"):
        quickly(url, target)
    assert list(target.parent.iterdir()) == []


def test_an_address_of_another_kind_is_refused(target: Path) -> None:
    with pytest.raises(ModelError, match="give an http or https one"):
        quickly("file:///etc/hostname", target)


def test_a_proxy_named_in_the_environment_is_used(
    server: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.address)
    server.offer("http://models.invalid/cells.pt", content=CONTENT)
    quickly("http://models.invalid/cells.pt", target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_an_address_excepted_from_the_proxy_is_asked_directly(
    offer: Any, url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    quickly(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT
