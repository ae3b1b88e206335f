"""Namespaces, and the few terms that the code names: those of RDF's own standards and of the evidence model."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SH: Final = "http://www.w3.org/ns/shacl#"
OA: Final = "http://www.w3.org/ns/oa#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
VOID: Final = "http://rdfs.org/ns/void#"
VOID_EXT: Final = "http://ldf.fi/void-ext#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"

STANDARD: Final = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD, "skos": SKOS, "sh": SH}
"""Prefixes that everybody knows; a project has them without declaring them."""

EVIDENCE: Final = "https://w3id.org/ai-diplomacy/ontology#"
"""The namespace of the evidence model, whatever project folder is served."""

TYPE: Final = NamedNode(RDF + "type")
LABEL: Final = NamedNode(RDFS + "label")
COMMENT: Final = NamedNode(RDFS + "comment")
PREF_LABEL: Final = NamedNode(SKOS + "prefLabel")
ALT_LABEL: Final = NamedNode(SKOS + "altLabel")
DEFINITION: Final = NamedNode(SKOS + "definition")

SOURCE: Final = NamedNode(EVIDENCE + "Source")
PASSAGE: Final = NamedNode(EVIDENCE + "Passage")
IS_PASSAGE_OF: Final = NamedNode(EVIDENCE + "isPassageOf")
STANDING: Final = NamedNode(EVIDENCE + "standing")
REJECTED: Final = NamedNode(EVIDENCE + "Rejected")
REJECTED_IN_FAVOUR_OF: Final = NamedNode(EVIDENCE + "rejectedInFavourOf")
STATED_IN: Final = NamedNode(EVIDENCE + "statedIn")
PARAGRAPH: Final = NamedNode(EVIDENCE + "paragraph")
SENTENCE: Final = NamedNode(EVIDENCE + "sentence")
LOCATOR: Final = NamedNode(EVIDENCE + "locator")
SHA256: Final = NamedNode(EVIDENCE + "sha256")
OUT_OF_SCOPE: Final = NamedNode(EVIDENCE + "outOfScope")
PRIMARY: Final = NamedNode(EVIDENCE + "primary")
START: Final = NamedNode(OA + "start")
END: Final = NamedNode(OA + "end")
