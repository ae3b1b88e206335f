"""OWL 2 RL inference: the closure of a graph, a proof for every triple of it, and its contradictions.

::

    from kg.infer import closure

    closed = closure(graph)                 # pyoxigraph triples, an rdflib graph or a pyoxigraph store
    closed.inferred                         # what follows
    closed.inconsistencies                  # what contradicts
    print(render.text(closed.why(triple)))  # why

The rules are those of the OWL 2 Profiles specification, section 4.3 (`kg.infer.rules`).
"""

from collections.abc import Iterable
from pathlib import Path

from kg.infer import files
from kg.infer.closure import Closure, Source, triples_of
from kg.infer.engine import Engine
from kg.infer.inconsistency import Inconsistency

__all__ = ["Closure", "Inconsistency", "closure", "closure_of_files"]


def closure(source: Source, *, engine: str = "kg", axiomatic: bool = False) -> Closure:
    """Return the OWL 2 RL closure of a graph.

    ``source`` is an iterable of pyoxigraph triples, an rdflib graph, or the default graph of a pyoxigraph store.
    ``engine`` is ``kg``, or ``owlrl`` for the reference implementation, which explains nothing.
    Raises `ValueError` for any other engine.
    ``axiomatic`` keeps what says nothing: reflexive triples, the built-in axioms, that everything is an ``owl:Thing``.
    """
    if engine not in ("kg", "owlrl"):
        raise ValueError(f"There is no engine {engine!r}; there are 'kg' and 'owlrl'.")
    if engine == "owlrl":
        from kg.infer.reference import ReferenceClosure  # owlrl takes a tenth of a second to import

        return ReferenceClosure(triples_of(source), axiomatic=axiomatic)
    reasoner = Engine(axiomatic=axiomatic)
    reasoner.add(reasoner.dictionary.encode(triples_of(source)))
    reasoner.run()
    return Closure(reasoner)


def closure_of_files(paths: Iterable[Path], *, axiomatic: bool = False) -> Closure:
    """Return the OWL 2 RL closure of RDF files in any syntax, whose graphs are read as one.

    N-Triples are read several times faster than through `closure`. Raises `kg.errors.InputError`, which names file, line
    and column.
    """
    reasoner = Engine(axiomatic=axiomatic)
    prefixes = files.load(reasoner, paths)
    reasoner.run()
    return Closure(reasoner, prefixes)
