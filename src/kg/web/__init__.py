"""The knowledge graph on the web: SPARQL 1.1 Protocol, Graph Store reads, problems, health and metrics, over Flask."""
