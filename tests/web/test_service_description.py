from __future__ import annotations

from pathlib import Path

import pyoxigraph
from pyoxigraph import NamedNode

from kg.query.dataset import Dataset
from kg.web.service_description import service_description

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = {"json": "http://www.w3.org/ns/formats/SPARQL_Results_JSON", "ttl": "http://www.w3.org/ns/formats/Turtle"}


def test_the_description_names_endpoint_formats_and_graphs() -> None:
    dataset = Dataset(Path("graph.nq"), "d", "http://e/", triples=3, graphs={"http://e/g": 2})
    store = pyoxigraph.Store()
    store.extend(
        pyoxigraph.Quad(t.subject, t.predicate, t.object)
        for t in service_description("http://e/sparql", dataset, FORMATS)
    )
    assert bool(
        store.query(
            f"""PREFIX sd: <{SD}> PREFIX void: <http://rdfs.org/ns/void#>
            ASK {{
              ?s a sd:Service ; sd:endpoint <http://e/sparql> ; sd:supportedLanguage sd:SPARQL11Query ;
                sd:resultFormat <{FORMATS["json"]}>, <{FORMATS["ttl"]}> ; sd:defaultDataset ?d .
              ?d sd:defaultGraph [ void:triples 3 ] ;
                sd:namedGraph [ sd:name <http://e/g> ; sd:graph [ void:triples 2 ] ]
            }}"""
        )
    )


def test_federation_is_not_claimed() -> None:
    triples = service_description("http://e/sparql", Dataset(Path("graph.nq"), "d", "http://e/"), FORMATS)
    assert NamedNode(SD + "BasicFederatedQuery") not in {triple.object for triple in triples}
