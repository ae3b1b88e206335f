"""A build in a store elsewhere, over the Graph Store HTTP Protocol."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from kg.errors import InputError
from kg.publish import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.query.engine import Engine


class Store(BaseHTTPRequestHandler):
    """A graph store that takes PUT, and refuses a path that says so."""

    store: ox.Store

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "forbidden" in self.path:
            self.send_error(403)
            return
        name = parse_qs(urlsplit(self.path).query).get("graph")
        graph = ox.NamedNode(name[0]) if name else ox.DefaultGraph()
        self.store.load(body, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def store() -> Iterator[tuple[str, ox.Store]]:
    handler = type("Handler", (Store,), {"store": ox.Store()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/store", handler.store
    server.shutdown()
    server.server_close()


def test_a_store_holds_every_graph_afterwards(harbour_engine: Engine, store: tuple[str, ox.Store]) -> None:
    url, received = store
    done = dict(publish(harbour_engine.dataset, url))
    assert done[""] == harbour_engine.dataset.triples
    assert {name: n for name, n in done.items() if name} == harbour_engine.dataset.graphs
    assert len(received) == sum(done.values())


def test_a_refusal_is_said_with_the_answer_of_the_store(harbour_engine: Engine, store: tuple[str, ox.Store]) -> None:
    with pytest.raises(InputError, match="403"):
        list(publish(harbour_engine.dataset, f"{store[0]}/forbidden"))


@pytest.mark.parametrize("url", ["file:///etc/hosts", "store"])
def test_what_is_no_address_of_a_store_is_refused(harbour_engine: Engine, url: str) -> None:
    with pytest.raises(InputError) as error:
        list(publish(harbour_engine.dataset, url))
    assert error.value.exit_code == 2


def test_a_store_that_is_not_there_is_said_to_be(harbour_engine: Engine) -> None:
    with pytest.raises(InputError, match="cannot be reached"):
        list(publish(harbour_engine.dataset, "http://127.0.0.1:9/store"))
