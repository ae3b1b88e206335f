from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    Get = Callable[..., TestResponse]

PAGES = [
    "/", "/about", "/classes", "/classes/Ship", "/search?q=heron", "/search", "/questions", "/sources",
    "/source/ledger", "/source/fleet", "/doc/ship/heron", "/doc/port/saltmouth", "/doc/bay/north", "/ontology",
    "/shapes", "/void", "/graph/inferred", "/disagreements", "/timeline", "/download", "/sparql",
    "/fact?s=ship:heron&p=h:visits&o=port:saltmouth", "/fact?s=bay:grey&p=h:liesIn&o=bay:north",
]  # fmt: skip
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """Collects what the tests look at, and notices elements that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.labelled: list[str] = []
        self.styles = 0
        self._open: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.faults += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in {"script", "img", "link", "form"}:
            self.loaded += [given[name] or "" for name in ("src", "href", "action") if given.get(name)]
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(tag)
        self.labelled += [given[n] or "" for n in ("for", "aria-labelledby") if given.get(n)]
        self.styles += "style" in given or tag == "style" or any(name.startswith("on") for name in given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(tag)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_well_made(get: Get, address: str) -> None:
    response = get(address)
    assert response.status_code == 200
    page = Page(response.text)
    assert page.faults == []
    assert page.headings.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))
    assert set(page.labelled) <= set(page.ids)
    assert page.styles == 0, "the content security policy forbids styles and handlers in attributes"
    assert '<html lang="en">' in response.text
    assert all(address.startswith("/") for address in page.loaded), "nothing is loaded from elsewhere"


def test_every_link_between_pages_leads_somewhere(get: Get, client: FlaskClient) -> None:
    seen: set[str] = set()
    waiting = ["/", *PAGES]
    while waiting and len(seen) < 250:
        address = waiting.pop(0)
        if address in seen or re.search(r"ship/s\d|s=ship%3As|download=|/static/|query=", address):
            continue
        seen.add(address)
        response = client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
        assert response.status_code == 200, address
        if response.headers["Content-Type"].startswith("text/html"):
            links = (urljoin(address, link.partition("#")[0]) for link in Page(response.text).links)
            waiting += [link for link in links if link.startswith("/")]
    assert len(seen) > 60


def test_a_thing_shows_its_names_facts_and_passages(get: Get) -> None:
    text = get("/doc/ship/heron").text
    assert ">Heron</h1>" in text
    assert '<p class="other-name" lang="ja">ヘロン号</p>' in text
    assert 'href="/source/ledger#p2s1"' in text
    assert "¶2 s1" in text
    assert ">number of masts</a>" in text, "the shape gives the name"


def test_a_rejected_value_is_struck_through_with_its_reason(get: Get) -> None:
    text = get("/doc/ship/heron").text
    assert '<del class="is">3</del>' in text
    assert "Finch counted them himself." in text
    assert 'href="/source/ledger#p2s2"' in text
    assert '<del class="is">2</del>' not in text


def test_an_inferred_value_is_marked_and_says_why(get: Get) -> None:
    text = get("/doc/port/saltmouth").text
    value = next(li for li in text.split("<li ") if 'href="/doc/bay/north"' in li)
    assert value.startswith('class="value inferred"')
    assert "/fact?s=port%3Asaltmouth&amp;p=h%3AliesIn&amp;o=bay%3Anorth" in value


def test_a_fact_stated_the_other_way_round_leads_to_that_passage(get: Get) -> None:
    text = get("/doc/port/saltmouth?out=h:isVisitedBy&page=2").text
    value = next(li for li in text.split("<li ") if 'href="/doc/ship/heron"' in li)
    assert 'href="/source/ledger#p2s1"' in value
    assert "as “visits”" in value
    assert "inferred: why?" not in value


def test_a_hub_is_shown_in_pages(get: Get) -> None:
    first = get("/doc/port/saltmouth").text
    assert "All 131" in first
    assert len(re.findall(r"/doc/ship/s\d{3}", first)) < 60
    page = get("/doc/port/saltmouth?out=h:isVisitedBy")
    assert "1 to 100 of 131" in page.text
    assert 'rel="next"' in page.text
    assert "101 to 131 of 131" in get("/doc/port/saltmouth?out=h:isVisitedBy&page=2").text
    assert "1 to 100 of 131" in get("/doc/port/saltmouth?in=h:visits").text
    for wrong in ("page=3", "page=0", "page=x", "page=99999999999999999999"):
        assert get(f"/doc/port/saltmouth?out=h:isVisitedBy&{wrong}").status_code == 404
    assert get("/doc/port/saltmouth?out=h:mastCount").status_code == 404


def test_what_an_inverse_shows_is_not_shown_twice(get: Get) -> None:
    text = get("/doc/port/saltmouth").text
    assert ">is visited by</a>" in text
    assert ">visits</a>" not in text


def test_names_cannot_bring_markup_into_a_page(get: Get) -> None:
    for address in ("/doc/ship/%E9%B6%B4", "/search?q=tsuru", "/", "/search?q=<script>alert(1)</script>"):
        text = get(address).text
        assert "<i>Tsuru</i>" not in text
        assert "<script>alert" not in text
        assert "call. <b>" not in re.sub(r"<script type.*?</script>", "", text)


def test_a_picture_shows_the_neighbours_as_links(get: Get) -> None:
    response = get("/doc/ship/heron.svg", "image/*")
    assert response.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response.text.startswith("<svg")
    assert 'href="/doc/port/saltmouth"' in response.text


def test_a_fact_lists_who_states_it_and_who_disagrees(get: Get) -> None:
    text = get("/fact?s=ship:heron&p=h:mastCount&o=2").text
    assert 'href="/source/ledger#p2s2"' in text
    assert "Who says otherwise" in text
    assert "<del>3</del>" in text
    assert "A sailor" not in text, "the text of a source is never shown"
    other = get("/fact?s=ship:heron&p=h:mastCount&o=3").text
    assert "not accepted" in other


def test_an_inferred_fact_is_proved(get: Get) -> None:
    text = get("/fact?s=port:saltmouth&p=h:liesIn&o=bay:north").text
    assert "No passage states this" in text
    assert "prp-trp" in text
    assert 'href="/source/ledger#p3s1"' in text


@pytest.mark.parametrize(
    ("name", "start"), [("text", "port:"), ("json", "{"), ("ttl", ""), ("dot", "digraph"), ("svg", "<svg")]
)
def test_a_proof_is_to_be_had_in_every_format(get: Get, name: str, start: str) -> None:
    response = get(f"/proof?s=port:saltmouth&p=h:liesIn&o=bay:north&format={name}")
    assert response.status_code == 200
    assert response.text.lstrip().startswith(start)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ("", 400),
        ("s=ship:heron&p=h:visits", 400),
        ("s=ship:heron&p=h:visits&o=%22broken", 400),
        ("s=ship:heron&p=h:mastCount&o=9", 404),
        ("s=https://example.org/harbour/id/ship/heron&p=h:visits&o=port:saltmouth", 200),
        ("s=ship:heron&p=skos:prefLabel&o=%22ヘロン号%22@ja", 200),
        ("s=ship:heron&p=h:mastCount&o=%222%22^^xsd:integer", 200),
    ],
)
def test_a_fact_is_named_by_iris_short_names_and_literals(get: Get, parameters: str, status: int) -> None:
    assert get(f"/fact?{parameters}").status_code == status


def test_a_source_shows_its_passages_in_reading_order_with_their_facts(get: Get) -> None:
    text = get("/source/ledger").text
    anchors = re.findall(r'<li id="(p\d+s\d+)"', text)
    assert anchors == ["p1s1", "p2s1", "p2s2", "p3s1", "p4s1"]
    assert "100 % of them are accounted for" in text
    assert "Title." in text
    assert "Believed instead" in text


def test_the_ontology_has_an_anchor_for_each_term(get: Get) -> None:
    text = get("/ontology").text
    for term in ("Ship", "Port", "liesIn", "visits", "mastCount"):
        assert f'id="{term}"' in text
    assert "What floats." in text


def test_the_home_page_describes_the_dataset_for_machines(get: Get) -> None:
    response = get("/")
    described = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.text)[0])
    assert described["@type"] == "Dataset"
    assert described["name"] == "Harbour"
    assert described["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert {d["encodingFormat"] for d in described["distribution"]} >= {"text/turtle", "application/n-quads"}
    assert '<p class="other-name" lang="ja">港</p>' in response.text


def test_the_home_page_signposts(client: FlaskClient) -> None:
    links = client.head("/").headers["Link"]
    assert links.count('rel="cite-as"') == 1
    assert '<https://example.org/harbour/>; rel="cite-as"' in links
    assert '<https://schema.org/Dataset>; rel="type"' in links
    assert '</void.ttl>; rel="describedby"; type="text/turtle"' in links
    assert '</download/graph.nq>; rel="item"; type="application/n-quads"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links


@pytest.mark.parametrize(
    ("words", "found"),
    [("heron", True), ("HER", True), ("ヘロン", True), ("ヘロ", True), ("north water", True), ("Ｈｅｒｏｎ", True),
     ("water heron", False), ('" . }', False), ("\\", False), ("x" * 5000, False)],
)  # fmt: skip
def test_search_finds_names_in_any_language(client: FlaskClient, words: str, found: bool) -> None:
    response = client.get("/search", query_string={"q": words}, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert ('class="things">\n<li>' in response.text) is found


def test_search_puts_the_best_first_and_speaks_json(client: FlaskClient) -> None:
    response = client.get("/search?q=boat 00", headers={"Accept": "application/json"})
    assert [r["name"] for r in response.get_json()["results"]] == [*(f"Boat 00{n}" for n in range(10)), "Boat 100"]


def test_search_for_a_short_name_leads_to_the_page(get: Get) -> None:
    response = get("/search?q=ship:heron")
    assert response.status_code == 303
    assert response.headers["Location"] == "/doc/ship/heron"


def test_a_class_lists_its_things_in_pages_those_that_follow_too(get: Get) -> None:
    text = get("/classes/Vessel").text
    assert "1 to 100 of 132" in text
    assert "101 to 132 of 132" in get("/classes/Vessel?page=2").text
    assert get("/classes/Nothing").status_code == 404


def test_disagreements_show_both_sides(get: Get) -> None:
    text = get("/disagreements").text
    assert '<li class="accepted">\n<p class="is">2 ' in text
    assert "<del>3</del>" in text
    assert "Finch counted them himself." in text


def test_the_timeline_shows_dated_things(get: Get) -> None:
    text = get("/timeline").text
    assert "Boat 000: 1900-01-01 to 1910-06-30" in text
    assert "Boat 001: 1905-01-01 to open" in text
    assert get("/timeline?class=h:Ship").status_code == 200
    assert get("/timeline?class=h:Bay").status_code == 404


def test_a_question_shows_its_words_query_and_answer(get: Get) -> None:
    index = get("/questions").text
    address = re.findall(r'href="(/questions/[^"]+)"', index)[0]
    text = get(address).text
    assert '<h2 id="answer">' in text
    assert '<span class="keyword">SELECT</span>' in text
    assert 'href="/doc/' in text
    assert get("/questions/none").status_code == 404


def test_a_problem_is_a_page_for_a_browser(get: Get) -> None:
    response = get("/nothing/here")
    assert response.status_code == 404
    assert "<h1>There is nothing here</h1>" in response.text
    assert 'class="site"' in response.text


def test_dumps_are_sent_with_ranges_and_tags(client: FlaskClient) -> None:
    whole = client.get("/download/graph.nt")
    assert whole.headers["Content-Type"] == "application/n-triples"
    part = client.get("/download/graph.nt", headers={"Range": "bytes=0-99"})
    assert part.status_code == 206
    assert part.data == whole.data[:100]
    assert client.get("/download/graph.nt", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    for wrong in ("graph.exe", "graph.../manifest.json", "graph.nq%2F..%2Fmanifest.json"):
        assert client.get(f"/download/{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "content_range"),
    [
        ({"Range": "bytes=0-99"}, 206, "bytes 0-99/{}"),
        ({"Range": "bytes=-1"}, 206, "bytes {last}-{last}/{}"),
        ({"Range": "bytes=5-", "If-Range": "{tag}"}, 206, "bytes 5-{last}/{}"),
        ({"Range": "bytes=5-", "If-Range": '"other"'}, 200, None),
        ({"Range": "bytes=5-", "If-Range": "W/{tag}"}, 200, None),
        ({"Range": "bytes=0-1,5-9"}, 200, None),
        ({"Range": "lines=0-1"}, 200, None),
        ({"Range": "bytes=x"}, 200, None),
        ({"Range": "bytes=0-99", "If-None-Match": "{tag}"}, 304, None),
        ({"Range": "bytes=99999999999-"}, 416, "bytes */{}"),
    ],
)
def test_a_range_is_taken_only_if_it_is_one_of_bytes_and_of_this_build(
    client: FlaskClient, asked: dict[str, str], status: int, content_range: str | None
) -> None:
    whole = client.get("/download/graph.nt")
    size, tag = len(whole.data), whole.headers["ETag"]
    headers = {name: value.replace("{tag}", tag) for name, value in asked.items()}
    response = client.get("/download/graph.nt", headers=headers)
    expected = content_range.replace("{last}", str(size - 1)).replace("{}", str(size)) if content_range else None
    assert (response.status_code, response.headers.get("Content-Range")) == (status, expected)
    assert status == 416 or response.headers["Accept-Ranges"] == "bytes"
    if status == 206:
        assert whole.data[response.content_range.start : response.content_range.stop] == response.data
        assert response.content_length == len(response.data)


def test_a_range_of_nothing_but_headers_is_not_taken(client: FlaskClient) -> None:
    head = client.head("/download/graph.nt", headers={"Range": "bytes=0-99"})
    assert (head.status_code, head.content_length) == (200, len(client.get("/download/graph.nt").data))


def test_static_files_do_not_lead_out_of_their_folder(client: FlaskClient) -> None:
    assert client.get("/static/site.css").status_code == 200
    for wrong in ("../pages.py", "..%2Fpages.py", "%2e%2e/pages.py", "/etc/passwd"):
        assert client.get(f"/static/{wrong}").status_code == 404
