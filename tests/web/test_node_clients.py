"""The clients that JavaScript programs use, against a real server; ``make test`` installs them where Node is there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from live_server import LiveServer

    Said = dict[str, Any]

HERE = Path(__file__).parent / "node"
# What the clients ask for; with an older one they fail while they are loaded.
OLDEST_NODE = (20, 19)

NAMES = "SELECT ?s ?name { ?s <http://example.org/name> ?name } ORDER BY ?s LIMIT 2"
TEXTS = 'SELECT ?x { VALUES ?x { "日本"@ja "Japan"@en-us "𠮷野家 \\"x\\"\\n" 42 <http://example.org/物> } }'
ALL = "SELECT ?name { ?s <http://example.org/name> ?name }"
LONG = 'SELECT ?name ("' + "長" * 2_000 + '" AS ?long) { ?s <http://example.org/name> ?name }'
CONSTRUCT = "CONSTRUCT { ?s <http://example.org/is> ?n } { ?s <http://example.org/name> ?n } ORDER BY ?s LIMIT 2"
DESCRIBE = "DESCRIBE <http://example.org/thing/7>"
ASK = 'ASK { ?s <http://example.org/name> "物 7"@ja }'
ASK_OTHER = 'ASK { ?s <http://example.org/name> "物 7" }'
WRONG = "SELECT * WHERE { ?s ?p"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GRAPH = "SELECT ?g { GRAPH ?g { <http://example.org/a> ?p ?o } }"

TWO_NAMES = [{"s": f"<http://example.org/thing/{n}>", "name": f'"物 {n}"@ja'} for n in (0, 1)]
TWO_TRIPLES = [f'<http://example.org/thing/{n}> <http://example.org/is> "物 {n}"@ja' for n in (0, 1)]
FIVE_TEXTS = [
    {"x": text}
    for text in (
        '"日本"@ja',
        '"Japan"@en-us',
        '"𠮷野家 \\"x\\"\\n"',
        '"42"^^<http://www.w3.org/2001/XMLSchema#integer>',
        "<http://example.org/物>",
    )
]
EXPECTED = {
    "select": ("bindings", NAMES, TWO_NAMES),
    "texts": ("bindings", TEXTS, FIVE_TEXTS),
    "named graph": ("bindings", GRAPH, [{"g": "<http://example.org/g1>"}]),
    "true": ("boolean", ASK, True),
    "false": ("boolean", ASK_OTHER, False),
    "construct": ("quads", CONSTRUCT, TWO_TRIPLES),
    "describe": ("quads", DESCRIBE, ['<http://example.org/thing/7> <http://example.org/name> "物 7"@ja']),
}
LARGE = {"all": ALL, "long": LONG}
WAYS = {
    "POST": {"method": "POST"},
    "direct": {"method": "POST", "directPost": True},
    "GET": {"method": "GET"},
    "QUERY": {"method": "QUERY"},
}


def run(program: str, cases: list[dict[str, Any]]) -> Said:
    """Return what a program says to all cases, by name; it is started once, for that takes most of the time."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not there")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    if tuple(map(int, version.strip().removeprefix("v").split(".")[:2])) < OLDEST_NODE:
        pytest.skip(f"Node {'.'.join(map(str, OLDEST_NODE))} or newer is needed, not {version.strip()}")
    if not (HERE / "node_modules" / ".ready").is_file():
        pytest.skip("the clients are not installed: 'make test' does that")
    asked = subprocess.run(
        [node, program], cwd=HERE, input=json.dumps(cases).encode(), capture_output=True, timeout=60, check=False
    )
    assert asked.returncode == 0, asked.stderr.decode()
    said: Said = json.loads(asked.stdout)
    return said


@pytest.fixture(scope="module")
def comunica(live: LiveServer) -> Said:
    endpoint = live.url + "/sparql"
    named = [{"type": "sparql", "value": endpoint}]
    # Here the client reads the service description first, and asks as that says.
    found = [endpoint]
    names = "<http://example.org/thing/7> <http://example.org/called> 'seven' ."
    joined = [*named, {"type": "serialized", "value": names, "mediaType": "text/turtle"}]
    cases = [
        {"name": f"{how}: {name}", "kind": kind, "query": query, "sources": sources, "how": how}
        for how, sources in (("named", named), ("found", found))
        for name, (kind, query, _) in EXPECTED.items()
    ]
    both = "SELECT ?name { ?s <http://example.org/called> 'seven'; <http://example.org/name> ?name }"
    others = [(name, query, "found", found) for name, query in LARGE.items()]
    others += [
        ("joined", both, "named", joined),
        ("wrong", WRONG, "named", named),
        ("failed", ENDLESS, "named", named),
    ]
    cases += [
        {"name": name, "kind": "bindings", "query": query, "how": how, "sources": sources}
        for name, query, how, sources in others
    ]
    before = live.log.stat().st_size
    said = run("comunica.mjs", cases)
    logged = live.log.read_bytes()[before:].decode().splitlines()
    return said | {"methods": {json.loads(line)["method"] for line in logged if line.startswith("{")}}


@pytest.fixture(scope="module")
def fetcher(live: LiveServer) -> Said:
    endpoint = live.url + "/sparql"
    cases = [
        {"name": f"{way}: {name}", "kind": kind, "query": query, "endpoint": endpoint, "options": options}
        for way, options in WAYS.items()
        for name, (kind, query, _) in EXPECTED.items()
    ]
    others = [(name, "bindings", query) for name, query in LARGE.items()]
    others += [("wrong", "bindings", WRONG), ("update", "update", "DROP ALL")]
    cases += [{"name": name, "kind": kind, "query": query, "endpoint": endpoint} for name, kind, query in others]
    return run("fetch.mjs", cases)


@pytest.mark.parametrize("how", ["named", "found"])
@pytest.mark.parametrize("name", EXPECTED)
def test_comunica(comunica: Said, how: str, name: str) -> None:
    assert comunica[f"{how}: {name}"] == EXPECTED[name][2]


def test_comunica_sends_a_long_query_by_the_method_that_the_description_offers(comunica: Said) -> None:
    assert comunica["methods"] == {"GET", "QUERY"}


def test_comunica_joins_the_endpoint_with_another_source(comunica: Said) -> None:
    assert comunica["joined"] == [{"name": '"物 7"@ja'}]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EXPECTED)
def test_fetch_sparql_endpoint(fetcher: Said, way: str, name: str) -> None:
    assert fetcher[f"{way}: {name}"] == EXPECTED[name][2]


@pytest.mark.parametrize("client", ["comunica", "fetcher"])
def test_large_answers_come_whole(request: pytest.FixtureRequest, client: str) -> None:
    said: Said = request.getfixturevalue(client)
    assert sorted(row["name"] for row in said["all"]) == sorted(f'"物 {n}"@ja' for n in range(500))
    assert len(said["long"]) == 500
    assert all(row["long"] == '"' + "長" * 2_000 + '"' for row in said["long"])


def test_comunica_reports_what_the_server_says(comunica: Said) -> None:
    # A syntax error is found before anything is sent.
    assert "Parse error" in comunica["wrong"]["error"]
    assert "HTTP status 503" in comunica["failed"]["error"]
    assert "/problems/timeout" in comunica["failed"]["error"]


def test_fetch_sparql_endpoint_reports_what_the_server_says(fetcher: Said) -> None:
    assert "HTTP status 400" in fetcher["wrong"]["error"]
    assert "/problems/query-syntax" in fetcher["wrong"]["error"]
    assert "HTTP status 403" in fetcher["update"]["error"]


def test_the_lock_file_pins_contents_and_names_no_registry() -> None:
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all("integrity" in package and "resolved" not in package for path, package in locked.items() if path)
