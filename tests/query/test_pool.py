from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyoxigraph
import pytest

from kg.query import errors
from kg.query.dataset import Dataset
from kg.query.engine import Cancellation, QueryRequest
from kg.query.formats import Form, Format, Wanted
from kg.query.pool import Pool, PoolLimits
from kg.query.workers import WorkerProcess, WorkerSource

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LONG = f'SELECT ?s ("{"x" * 2_000}" AS ?padding) {{ ?s ?p ?o }}'


def test_a_select_gives_terms(pool: Pool) -> None:
    rows = pool.select("SELECT ?name { ?thing <name> ?name }", thing=pyoxigraph.NamedNode("http://example.org/thing/7"))
    assert rows == [{"name": pyoxigraph.Literal("物 7", language="ja")}]


def test_unbound_variables_are_absent(pool: Pool) -> None:
    assert pool.select("SELECT ?x ?y { VALUES ?x { 1 } }") == [{"x": pyoxigraph.Literal(1)}]


def test_an_ask_gives_a_truth_value(pool: Pool) -> None:
    assert pool.ask("ASK { ?s <next> ?o }") is True
    assert pool.ask("ASK { ?s <previous> ?o }") is False


def test_a_construct_gives_triples(pool: Pool) -> None:
    (triple,) = pool.construct("CONSTRUCT { <a> <b> ?n } { <thing/1> <name> ?n }")
    assert triple.object == pyoxigraph.Literal("物 1", language="ja")


def test_asking_for_the_wrong_form_fails(pool: Pool) -> None:
    with pytest.raises(errors.QueryFailed):
        pool.select("ASK {}")
    with pytest.raises(errors.QueryFailed):
        pool.ask("SELECT * {}")
    with pytest.raises(errors.QueryFailed):
        pool.construct("ASK {}")


def test_blank_nodes_keep_their_labels(pool: Pool) -> None:
    assert pool.select("SELECT ?s { GRAPH <g2> { ?s ?p ?o } }") == [{"s": pyoxigraph.BlankNode("node")}]


@pytest.mark.parametrize(
    ("default", "named", "count"), [(None, None, 2_000), (("http://example.org/g1",), (), 1), ((), ("http://e/x",), 0)]
)
def test_the_dataset_of_the_protocol_overrides_from(
    pool: Pool, default: tuple[str, ...] | None, named: tuple[str, ...] | None, count: int
) -> None:
    request = QueryRequest("SELECT ?s { ?s ?p ?o }", default, named, wanted=Wanted(solutions=Format.CSV))
    assert (pool.query(request).body or b"").count(b"\r\n") - 1 == count


def test_a_syntax_error_has_line_and_column(pool: Pool) -> None:
    with pytest.raises(errors.QuerySyntaxError, match="The line begins: WHER") as caught:
        pool.select("SELECT *\n  WHER { ?s ?p ?o }")
    assert caught.value.line == 2
    assert caught.value.column is not None


def test_an_update_is_a_syntax_error(pool: Pool) -> None:
    with pytest.raises(errors.QuerySyntaxError):
        pool.select("DELETE WHERE { ?s ?p ?o }")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:65000/x> { ?s ?p ?o } }",
        "SELECT * { SERVICE <https://example.org/x> { ?s ?p ?o } }",
        "PREFIX g: <http://example.org/> SELECT * { SERVICE g: {} }",
        "SELECT * { SERVICE ?x { ?s ?p ?o } VALUES ?x { <http://127.0.0.1:65000/x> } }",
    ],
)
def test_service_is_refused(pool: Pool, text: str) -> None:
    with pytest.raises(errors.Refused):
        pool.select(text)


def test_silent_service_gives_one_empty_solution(pool: Pool) -> None:
    assert pool.select("SELECT * { SERVICE SILENT <https://example.org/x> { ?s ?p ?o } }") == [{}]


def test_an_unknown_function_fails(pool: Pool) -> None:
    with pytest.raises(errors.QueryFailed, match="function"):
        pool.select("SELECT (<http://e/f>(1) AS ?x) {}")


def test_a_timeout_stops_the_query_and_the_next_one_is_answered(pool: Pool) -> None:
    with pytest.raises(errors.QueryTimeout) as caught:
        pool.query(QueryRequest(ENDLESS, seconds=0.2))
    assert caught.value.seconds == 0.2
    assert pool.ask("ASK {}")


def test_the_asker_cannot_lengthen_the_limit(pool: Pool) -> None:
    with pytest.raises(errors.QueryTimeout) as caught:
        pool.query(QueryRequest(ENDLESS, seconds=60))
    assert caught.value.seconds == 1.0


def test_a_memory_bomb_ends_only_its_worker(pool: Pool) -> None:
    doubled = " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(45))
    with pytest.raises(errors.OutOfMemory):
        pool.select(f'SELECT (STRLEN(?s45) AS ?n) {{ BIND("x" AS ?s0) {doubled} }}')
    assert pool.ask("ASK {}")


def test_deep_nesting_is_too_complex(pool: Pool) -> None:
    with pytest.raises(errors.QueryTooComplex, match="501 brackets"):
        pool.select("SELECT * " + "{" * 501 + "}" * 501)
    with pytest.raises(errors.QueryTooComplex, match="groups"):
        pool.select("SELECT * {" + "OPTIONAL {?s ?p ?o}" * 3000 + "}")


def test_a_stack_overflow_is_too_complex(dataset: Dataset) -> None:
    limits = PoolLimits(workers=1, worker=PoolLimits().worker.__class__(stack=256 << 10))
    with Pool(dataset, limits) as small:
        with pytest.raises(errors.QueryTooComplex):
            small.select("SELECT (" + "!" * 20_000 + "true AS ?x) {}")
        assert small.ask("ASK {}")


def test_a_short_answer_is_whole_and_a_long_one_comes_in_pieces(pool: Pool) -> None:
    short = pool.query(QueryRequest("SELECT * { ?s <name> ?o } LIMIT 10"))
    assert short.body is not None
    with pool.query(QueryRequest(LONG, wanted=Wanted(solutions=Format.TSV))) as long:
        assert long.body is None
        assert long.read().count(b"\n") == 2_001


def test_an_answer_that_is_too_large_is_cut_off_with_an_error(pool: Pool) -> None:
    with (
        pool.query(QueryRequest(LONG.replace("x" * 2_000, "x" * 8_000))) as answer,
        pytest.raises(errors.AnswerTooLarge),
    ):
        answer.read()
    assert pool.ask("ASK {}")


def test_closing_an_answer_half_read_frees_its_worker(pool: Pool) -> None:
    for _ in range(5):
        answer = pool.query(QueryRequest(LONG))
        next(iter(answer))
        answer.close()
    assert pool.statistics().idle == 2


def test_cancelling_stops_the_query(pool: Pool) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.1, cancellation.cancel)
    timer.start()
    with pytest.raises(errors.Cancelled):
        pool.query(QueryRequest(ENDLESS, cancellation=cancellation))
    with pytest.raises(errors.Cancelled):
        pool.query(QueryRequest("ASK {}", cancellation=cancellation))
    assert pool.ask("ASK {}")


def test_a_full_queue_is_busy_at_once_and_a_waiting_query_gives_up_in_time(pool: Pool) -> None:
    def ask(text: str) -> type[Exception] | None:
        try:
            pool.query(QueryRequest(text))
        except errors.QueryError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(5) as threads:
        running = [threads.submit(ask, ENDLESS) for _ in range(2)]
        while pool.statistics().idle:
            time.sleep(0.001)
        waiting = [threads.submit(ask, "ASK {}") for _ in range(2)]
        while pool.statistics().waiting < 2:
            time.sleep(0.001)
        with pytest.raises(errors.Busy, match="wait for one already"):
            pool.ask("ASK {}")
        assert [job.result() for job in waiting] == [errors.Busy, errors.Busy]
        assert [job.result() for job in running] == [errors.QueryTimeout, errors.QueryTimeout]
    assert pool.ask("ASK {}")


def test_a_worker_that_died_while_idle_is_replaced_without_notice(pool: Pool) -> None:
    for worker in list(pool._idle):
        os.kill(worker.pid, signal.SIGKILL)
        _wait_for_death(worker.pid)
    assert pool.ask("ASK {}")


def test_a_dataset_may_have_more_prefixes_than_a_command_line_holds(dataset: Dataset) -> None:
    many = {f"source-{n}": f"http://example.org/source/a-name-that-tells-something-{n}#" for n in range(3_000)}
    with Pool(replace(dataset, prefixes=many | dict(dataset.prefixes)), PoolLimits(workers=1)) as own:
        answer = own.query(QueryRequest("DESCRIBE <thing/1>", wanted=Wanted(graph=Format.TURTLE)))
        assert answer.read().startswith(b"@prefix ex:")


def test_a_worker_that_cannot_be_replaced_is_ended_once(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    close = WorkerProcess.close
    monkeypatch.setattr(WorkerProcess, "close", lambda worker: (closed.append(worker.pid), close(worker))[1])

    def fail(_: WorkerSource) -> WorkerProcess:
        message = "No worker process could be started."
        raise errors.Unavailable(message)

    with Pool(dataset, PoolLimits(workers=1)) as own:
        (worker,) = own._idle
        os.kill(worker.pid, signal.SIGKILL)
        with monkeypatch.context() as patch:
            patch.setattr(WorkerSource, "fork", fail)
            with pytest.raises(errors.Unavailable):
                own.ask("ASK {}")
        # Closed twice, a descriptor may be that of somebody else.
        assert closed == [worker.pid]
        assert own.statistics().idle == 1
        assert own.ask("ASK {}")


def test_a_dead_fork_server_is_started_again(dataset: Dataset) -> None:
    with Pool(dataset, PoolLimits(workers=1)) as own:
        own._source._process.kill()
        own._source._process.wait()
        for worker in own._idle:
            _wait_for_death(worker.pid)
        assert own.ask("ASK {}")


def _wait_for_death(pid: int) -> None:
    """Wait until a process is gone or a zombie."""
    while True:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.001)


def test_formats_that_are_not_wanted_are_not_written(pool: Pool) -> None:
    with pytest.raises(errors.NotWritable):
        pool.query(QueryRequest("ASK {}", wanted=Wanted(boolean=None)))


def test_a_format_that_cannot_express_the_answer_is_an_error(pool: Pool) -> None:
    text = "CONSTRUCT { <a> <b> <<( <c> <d> <e> )>> } {}"
    assert b"<<(" in pool.query(QueryRequest(text, wanted=Wanted(graph=Format.TURTLE))).read()
    with pytest.raises(errors.NotWritable, match="JSON-LD"):
        pool.query(QueryRequest(text, wanted=Wanted(graph=Format.JSON_LD)))


@pytest.mark.parametrize("format_", [f for f in Format if f not in {Format.JSON, Format.XML, Format.CSV, Format.TSV}])
def test_every_graph_format_is_written(pool: Pool, format_: Format) -> None:
    answer = pool.query(
        QueryRequest("CONSTRUCT { ?s <name> ?o } { ?s <name> ?o } LIMIT 3", wanted=Wanted(graph=format_))
    )
    assert (answer.form, answer.format) == (Form.GRAPH, format_)
    written = pyoxigraph.RdfFormat.from_extension(format_.value)
    assert len(list(pyoxigraph.parse(answer.read(), format=written))) == 3


def test_short_graphs_are_sorted_and_use_only_the_prefixes_they_need(pool: Pool) -> None:
    text = "CONSTRUCT { ?s <name> ?o } { ?s <name> ?o VALUES ?s { <thing/2> <thing/1> } }"
    body = pool.query(QueryRequest(text, wanted=Wanted(graph=Format.TURTLE))).read().decode()
    assert body.startswith("@prefix ex: <http://example.org/> .")
    assert body.index("/1") < body.index("/2")


def test_a_closed_pool_is_unavailable_and_leaves_no_process(dataset: Dataset) -> None:
    own = Pool(dataset, PoolLimits(workers=1))
    process = own._source._process
    own.close()
    own.close()
    assert process.poll() is not None
    with pytest.raises(errors.Unavailable):
        own.ask("ASK {}")


def test_closing_lets_a_running_query_finish(dataset: Dataset) -> None:
    own = Pool(dataset, PoolLimits(workers=1))
    answer = own.query(QueryRequest(LONG))
    own.close()
    assert len(answer.read()) > 1 << 20


def test_data_that_cannot_be_loaded_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "graph.nq"
    path.write_text("<http://e/a> <http://e/b> .\n", encoding="utf-8")
    with pytest.raises(errors.Unavailable, match="line 1"):
        Pool(Dataset(path, "d", "http://e/"))
