"""Build, check, reason over, serve and publish an RDF knowledge graph whose every fact leads to the sentence that states it."""
