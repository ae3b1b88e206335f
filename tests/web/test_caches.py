from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.query.errors import Busy, QueryTimeout
from kg.query.formats import Form
from kg.web.cache import AnswerCache
from kg.web.front import FrontCache, matches
from kg.web.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = [
    ("content-type", "text/csv"),
    ("cache-control", "public, max-age=60"),
    ("etag", '"a"'),
    ("vary", "Accept, Accept-Encoding"),
    ("x-request-id", "1"),
    ("date", "today"),
]


def without(name: str, value: str | None = None) -> list[tuple[str, str]]:
    kept = [header for header in HEADERS if header[0] != name]
    return kept if value is None else [*kept, (name, value)]


def test_the_least_recently_used_answers_go_first() -> None:
    cache = AnswerCache(3_000)
    for key in (b"a", b"b", b"c"):
        cache.put(key, Form.SOLUTIONS, b"x" * 400)
    cache.get(b"a")
    cache.put(b"d", Form.SOLUTIONS, b"x" * 400)
    assert [cache.get(key) is not None for key in (b"a", b"b", b"c", b"d")] == [True, False, True, True]
    assert cache.size <= 3_000


def test_answers_that_are_too_large_are_given_but_not_kept() -> None:
    cache = AnswerCache(10_000, entry_limit=1_000)
    assert cache.put(b"a", Form.GRAPH, b"x" * 2_000).codings[""] == b"x" * 2_000
    assert cache.get(b"a") is None
    assert AnswerCache(0).put(b"a", Form.GRAPH, b"").codings == {"": b""}


def test_codings_count_towards_the_limit() -> None:
    cache = AnswerCache(2_000)
    entry = cache.put(b"a", Form.GRAPH, b"x" * 500)
    before = cache.size
    cache.add_coding(b"a", entry, "gzip", b"y" * 100)
    assert cache.size == before + 100
    cache.add_coding(b"a", entry, "zstd", b"z" * 1_500)
    assert cache.get(b"a") is None
    assert cache.size == 0


def test_the_front_gives_a_response_again_without_what_was_its_own() -> None:
    build = object()
    front = FrontCache(100_000, lambda: build)
    front.put(("GET", "/"), build, HEADERS, b"body")
    kept = front.get(("GET", "/"))
    assert kept is not None
    assert (kept.etag, kept.body) == ('"a"', b"body")
    assert {name for name, _ in kept.headers} == {"content-type", "cache-control", "etag", "vary"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("DELETE", HEADERS),
        ("GET", without("etag")),
        ("GET", without("cache-control")),
        ("GET", without("cache-control", "no-store")),
        ("GET", without("vary", "Accept, Cookie")),
        ("GET", without("vary", "*")),
        ("GET", [*without("", "x"), ("set-cookie", "a=b")]),
    ],
)
def test_the_front_keeps_only_what_it_may(method: str, headers: list[tuple[str, str]]) -> None:
    build = object()
    front = FrontCache(100_000, lambda: build)
    front.put((method, "/"), build, headers, b"body")
    assert front.get((method, "/")) is None


def test_a_new_build_empties_the_front_and_late_responses_of_the_old_one_are_not_kept() -> None:
    builds = ["old"]
    front = FrontCache(100_000, lambda: builds[-1])
    front.put(("GET", "/"), "old", HEADERS, b"old")
    builds.append("new")
    assert front.get(("GET", "/")) is None
    front.put(("GET", "/"), "old", HEADERS, b"old")
    assert front.get(("GET", "/")) is None
    front.put(("GET", "/"), "new", HEADERS, b"new")
    assert front.get(("GET", "/")) is not None


def test_the_front_stays_within_its_limit() -> None:
    build = object()
    front = FrontCache(40_000, lambda: build)
    for number in range(50):
        front.put(("GET", str(number)), build, HEADERS, b"x" * 1_000)
    kept = [number for number in range(50) if front.get(("GET", str(number))) is not None]
    assert 5 < len(kept) < 20
    assert kept[-1] == 49


@pytest.mark.parametrize(
    ("header", "matching"),
    [(None, False), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"ab"', False)],
)
def test_if_none_match(header: str | None, matching: bool) -> None:
    assert matches(header, '"a"') is matching


def test_a_spooled_answer_is_whole_and_gone_after_it_is_closed() -> None:
    spool = Spool(1_000)
    kept = spool.keep([b"a" * 300, b"b" * 300])
    assert b"".join(kept) == b"a" * 300 + b"b" * 300
    assert kept.size == 600
    with pytest.raises(Busy):
        spool.keep([b"c" * 600])
    kept.close()
    kept.close()
    assert not kept.path.exists()
    spool.keep([b"c" * 900]).close()
    spool.close()


def test_an_answer_that_fails_midway_leaves_nothing_in_the_spool() -> None:
    def failing() -> Iterator[bytes]:
        yield b"a" * 600
        raise QueryTimeout(1.0)

    spool = Spool(1_000)
    with pytest.raises(QueryTimeout):
        spool.keep(failing())
    spool.keep([b"b" * 1_000]).close()
    spool.close()


def test_a_reader_of_a_closed_spooled_answer_finds_it_short() -> None:
    spool = Spool(1 << 20)
    kept = spool.keep([b"a" * 200_000])
    reading = iter(kept)
    first = next(reading)
    kept.close()
    assert len(first) + sum(len(piece) for piece in reading) < 200_000
    spool.close()
