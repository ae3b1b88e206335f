"""Build, check, reason over, serve and publish a knowledge graph whose every fact leads to the sentence that says it."""
