from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import kg.web

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    Get = Callable[..., TestResponse]

WEB = Path(kg.web.__file__).parent
SELECT = "PREFIX h: <https://example.org/harbour/ontology#> SELECT ?ship ?masts WHERE { ?ship h:mastCount ?masts }"


def test_without_a_script_a_form_sends_the_query_and_a_table_answers(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    assert re.search(r'<form[^>]* action="/sparql" method="post">', page)
    response = client.post("/sparql", data={"query": SELECT}, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert '<th scope="col">masts</th>' in response.text
    assert '<a href="/doc/ship/heron">Heron</a>' in response.text
    assert "<td>2</td>" in response.text


def test_an_address_with_a_query_is_a_page_with_its_answer(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert "ETag" in response.headers
    assert "format=csv" in response.text


def test_yes_or_no_and_graphs_are_answered_too(client: FlaskClient) -> None:
    ask = client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept": "text/html"}).text
    assert '<p class="truth">Yes.</p>' in ask
    query = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 2"
    graph = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"}).text
    assert '<th scope="col">predicate</th>' in graph
    assert "format=ttl" in graph


def test_a_wrong_query_keeps_its_text_and_says_where(client: FlaskClient) -> None:
    wrong = "SELECT <b> WHERE { ?s ?p ?o }"
    response = client.get("/sparql", query_string={"query": wrong}, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "SELECT &lt;b&gt; WHERE" in response.text
    assert "(line 1, column " in response.text


def test_a_long_answer_is_cut_for_the_page_only(client: FlaskClient) -> None:
    query = "SELECT * WHERE { ?s ?p ?o }"
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"})
    assert "500 rows shown of more" in response.text
    assert response.text.count("<tr>") == 501


def test_completions_hold_what_the_graph_uses(get: Get) -> None:
    found = get("/completions.json", "application/json").get_json()
    assert found["prefixes"]["h"] == "https://example.org/harbour/ontology#"
    assert {"iri": "https://example.org/harbour/ontology#Ship", "name": "ship"} in found["classes"]
    assert "https://example.org/harbour/ontology#visits" in {p["iri"] for p in found["properties"]}
    assert found["questions"]


def test_our_own_files_name_no_host_that_a_browser_would_call() -> None:
    ours = [*WEB.glob("templates/*"), *WEB.glob("static/*.*")]
    assert len(ours) > 15
    for file in ours:
        loaded = re.findall(r"""(?:src|href|action|url|fetch|import)\s*[=(:]\s*["'(]?(https?:)?//""", file.read_text())
        assert loaded == [], file.name


def test_the_policy_of_the_editor_lets_it_connect_to_this_server_only(get: Get) -> None:
    policy = get("/sparql").headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in get("/").headers["Content-Security-Policy"]


def test_the_vendored_editor_is_what_its_readme_says() -> None:
    folder = WEB / "static" / "vendor" / "yasgui"
    readme = (folder / "README.md").read_text()
    assert "4.6.2" in readme
    assert "MIT" in (folder / "LICENSE").read_text()
    assert (folder / "yasgui.min.js").stat().st_size == 1_012_309
    assert (folder / "yasgui.min.css").stat().st_size == 56_235
