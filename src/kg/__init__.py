"""Build, check, reason over, serve and publish a knowledge graph whose facts lead to the sentences that say them."""
