"""The pages that are about the graph as a whole, and the list of all parts that a site is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request, send_from_directory
from pyoxigraph import NamedNode, Triple

from kg import evidence, questions, statistics
from kg.things import collections
from kg.things.names import Name, names
from kg.things.passages import passages
from kg.web.context import context, render
from kg.web.documents import documents
from kg.web.downloads import downloads, dumps
from kg.web.fact_pages import fact_parts
from kg.web.negotiate import HTML, MediaType
from kg.web.problems import Problem
from kg.web.question_pages import question_parts
from kg.web.representations import Link, answer, page
from kg.web.service import service
from kg.web.source_pages import source_parts
from kg.web.thing_pages import PAGE_SIZE, page_number
from kg.web.timelines import timeline_parts
from kg.web.workbench import editor, workbench

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState
    from werkzeug.wrappers import Response as AnyResponse

    from kg.web.context import Context

pages = Blueprint("pages", __name__)

_JSON = MediaType("json", "application/json", frozenset(), "JSON")
_FOUND = 50
_LONGEST_SEARCH = 200
_YEAR = 31_536_000
_STATIC = Path(__file__).parent / "static"


def blueprints() -> tuple[Blueprint, ...]:
    """Return all parts that people and linked-data clients see beside the endpoint, to be given to ``create_app``."""
    return (pages, question_parts, source_parts, fact_parts, timeline_parts, downloads, workbench, documents)


@pages.record_once
def _install(state: BlueprintSetupState) -> None:
    """Give the endpoint its page for browsers, and every problem its look."""
    here = service(state.app)  # type: ignore[arg-type]
    here.editor = editor
    here.problem_page = _problem_page


@pages.get("/")
def home() -> Response:
    """Show what this is, what it holds, and the ways in."""
    here = context()
    header = here.build.header
    links = [
        Link(here.base, "cite-as"),
        Link("https://schema.org/AboutPage", "type"),
        Link("https://schema.org/Dataset", "type"),
        *(Link(license_, "license") for license_ in header.licenses[:1]),
        *(Link(maker.value, "author") for maker, _ in header.makers),
        *(
            Link(here.addresses.page(f"void.{ending}"), "describedby", type_)
            for ending, type_ in (("ttl", "text/turtle"), ("jsonld", "application/ld+json"))
            if here.has_part("void")
        ),
        *(Link(here.addresses.page(f"download/graph.{dump.ending}"), "item", dump.type) for dump in dumps(here)),
        Link(here.addresses.page("sparql"), "service-desc"),
    ]
    return page(lambda: _home(here), links)


def _home(here: Context) -> str:
    counted = [(c.iri, c.label, c.things) for c in statistics.classes(here.engine, ("en",))]
    if not counted:
        found = collections.class_counts(here.engine)
        called = names(here.engine, (class_ for class_, _ in found))
        counted = [(class_, called[class_].text, things) for class_, things in found]
    sources = statistics.sources(here.engine)
    graphs = here.engine.dataset.graphs
    return render(
        "home.html",
        classes=counted,
        sources=sources,
        passages=sum(s.passages for s in sources),
        facts=sum(s.facts for s in sources),
        inferred=graphs.get(f"{here.base}graph/inferred", 0),
        disagreements=len(evidence.disagreements(here.engine)) if sources else 0,
        questions=questions.questions(here.engine),
        described=_described(here),
    )


def _described(here: Context) -> str:
    """Return the dataset as schema.org describes one, in JSON-LD that may stand in a page."""
    header, dataset = here.build.header, here.engine.dataset
    described = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": f"{here.base}void#dataset",
        "url": here.base,
        "name": header.title,
        "alternateName": [text for _, text in header.titles],
        "description": " ".join(header.description),
        "license": header.licenses[:1],
        "creator": [{"@type": "Organization", "@id": iri.value, "name": name} for iri, name in header.makers],
        "version": header.version,
        "datePublished": header.dates[0],
        "dateModified": dataset.built or header.dates[1],
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": dump.type,
                "contentUrl": f"{here.base}download/graph.{dump.ending}",
                "contentSize": f"{dump.size} B",
            }
            for dump in dumps(here)
        ],
    }
    text = json.dumps({key: value for key, value in described.items() if value}, ensure_ascii=False)
    return text.replace("<", "\\u003c")


@pages.get("/about")
def about() -> Response:
    """Say how the graph is made, how to cite it, and how to ask it from a program."""
    here = context()
    return page(lambda: render("about.html", url=service().url, example=_example(here)))


def _example(here: Context) -> NamedNode | None:
    """Return a thing of the project to show in examples: the first of its most numerous class."""
    counted = statistics.classes(here.engine, ("en",))
    found = collections.members(here.engine, counted[0].iri, 0, 1) if counted else []
    return found[0] if found else None


@pages.get("/search")
def search() -> AnyResponse:
    """Find things by name: ``?q=``, words in any language, or an IRI or CURIE to go to; as JSON for programs."""
    here = context()
    words = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    if ":" in words and " " not in words:
        iri = here.expand(words)
        if iri is not None and names(here.engine, [iri])[iri].known:
            return redirect(here.href(iri, Name("")), 303)
    return answer({HTML: lambda: _search(here, words), _JSON: lambda: _search_json(here, words)})


def _search(here: Context, words: str) -> str:
    found = collections.search(here.engine, words)
    number = page_number()
    shown = found[(number - 1) * _FOUND : number * _FOUND]
    if found and not shown:
        detail = "There are not so many results."
        raise Problem("not-found", detail)
    kinds = collections.kinds(here.engine, (f.iri for f in shown))
    called = names(here.engine, [*(f.iri for f in shown), *(c for cs in kinds.values() for c in cs)])
    return render(
        "search.html",
        words=words,
        found=shown,
        total=len(found),
        kinds={thing: dict.fromkeys(called[c].text for c in classes_) for thing, classes_ in kinds.items()},
        names=called,
        number=number,
        pages=-(-len(found) // _FOUND),
    )


def _search_json(here: Context, words: str) -> str:
    found = collections.search(here.engine, words)[:_FOUND]
    kinds = collections.kinds(here.engine, (f.iri for f in found))
    called = names(here.engine, (f.iri for f in found))
    results = [
        {
            "iri": f.iri.value,
            "name": called[f.iri].text,
            "found_by": f.name,
            "types": [c.value for c in kinds.get(f.iri, ())],
        }
        for f in found
    ]
    return json.dumps({"query": words, "results": results}, ensure_ascii=False)


@pages.get("/classes")
def classes() -> Response:
    """List the classes that have things."""
    here = context()

    def write() -> str:
        found = collections.class_counts(here.engine)
        return render("classes.html", classes=found, names=names(here.engine, (c for c, _ in found)))

    return page(write)


@pages.get("/classes/<name>")
def members(name: str) -> Response:
    """List the things of a class, by the end of its IRI or its CURIE."""
    here = context()
    return page(lambda: _members(here, name))


def _members(here: Context, name: str) -> str:
    counted = dict(collections.class_counts(here.engine))
    wanted = here.expand(name) if ":" in name else None
    ends = (f"#{name}", f"/{name}")
    fitting = sorted(
        (c for c in counted if c == wanted or c.value.endswith(ends)), key=lambda c: not c.value.startswith(here.base)
    )
    number = page_number()
    things = collections.members(here.engine, fitting[0], (number - 1) * PAGE_SIZE, PAGE_SIZE) if fitting else []
    if not things:
        detail = "There is no class of this name that has things, or not so many of them."
        raise Problem("not-found", detail)
    class_ = fitting[0]
    kinds = collections.kinds(here.engine, things)
    above = here.build.schema.superclasses
    below = sorted((c for c in counted if class_ in above.get(c, ())), key=lambda c: -counted[c])
    return render(
        "members.html",
        class_=class_,
        name=name,
        things=things,
        kinds=kinds,
        total=counted[class_],
        below=[(c, counted[c]) for c in below],
        names=names(here.engine, [class_, *things, *below, *(c for cs in kinds.values() for c in cs)]),
        number=number,
        pages=-(-counted[class_] // PAGE_SIZE),
        first=(number - 1) * PAGE_SIZE + 1,
    )


@pages.get("/disagreements")
def disagreements() -> Response:
    """List where sources disagree, with every side."""
    here = context()

    def write() -> str:
        found = evidence.disagreements(here.engine)
        sided = [d for d in found if any(side.accepted for side in d.sides)]
        alone = [(d, side) for d in found if d not in sided for side in d.sides]
        refused: dict[NamedNode, tuple[evidence.Statement, list[Triple]]] = {}
        for d, side in alone:
            for statement in side.statements:
                triple = Triple(d.subject, d.property, side.value)  # type: ignore[arg-type]
                refused.setdefault(statement.passage, (statement, []))[1].append(triple)
        terms = [t for d in found for t in (d.subject, d.property, *(side.value for side in d.sides))]
        favoured = [f for d in found for side in d.sides for s in side.statements for f in s.favoured]
        return render(
            "disagreements.html",
            disagreements=sided,
            refused=list(refused.values()),
            names=names(here.engine, terms),
            favoured=passages(here.engine, favoured),
        )

    return page(write)


@pages.get("/static/<path:name>")
def static(name: str) -> AnyResponse:
    """Send a style sheet or script; with the version in its address it never changes."""
    response = send_from_directory(_STATIC, name)
    response.headers["Cache-Control"] = f"public, max-age={_YEAR if 'v' in request.args else 3600}"
    return response


@pages.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Send the icon to browsers that look for it by its old name."""
    return send_from_directory(_STATIC, "icon.svg", mimetype="image/svg+xml")


@pages.get("/robots.txt")
def robots() -> Response:
    """Ask crawlers to read the pages and the dumps but not to run queries."""
    lines = ["User-agent: *", *(f"Disallow: /{name}" for name in ("sparql", "store", "fact", "proof", "search"))]
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.add_etag()
    return response


def _problem_page(problem: Problem, described: dict[str, object]) -> str:
    return render("problem.html", problem=problem, described=described)
