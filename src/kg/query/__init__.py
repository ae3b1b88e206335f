"""Ask a dataset in SPARQL: killable worker processes over Oxigraph, or any SPARQL 1.1 store over HTTP.

Start with :class:`kg.query.engine.Engine`, the one interface; :class:`kg.query.pool.Pool` and
:class:`kg.query.remote.RemoteStore` implement it.
"""
