"""Between the IRIs that a graph mints and the paths of this server: the same tree, under the server's own root."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

# What RFC 3987 and RFC 3986 let stand in a path, a query or a fragment; the percent sign keeps what is encoded already.
_SAFE = "/#?%:@!$&'()*+,;=~[]"
_ID = "id/"
_DOCUMENT = "doc/"


@dataclass(frozen=True)
class Addresses:
    """Where the server shows what.

    Attributes:
        base: the base of all IRIs of the dataset; the server's root stands in its place.
        root: path under which the application is mounted, without a slash at the end; usually empty.

    """

    base: str
    root: str = ""

    def path(self, iri: str) -> str | None:
        """Return the address of the page that tells about ``iri``; ``None`` if it is not below the base.

        A thing (``id/...``) has its document below ``doc/``; every other IRI is the address of its own document, and
        the part after ``#`` leads into it.
        """
        if not iri.startswith(self.base):
            return None
        rest = iri.removeprefix(self.base)
        if rest.startswith(_ID):
            rest = _DOCUMENT + rest.removeprefix(_ID)
        return f"{self.root}/{quote(rest, safe=_SAFE)}"

    def describe(self, iri: str) -> str:
        """Return the address of the page about any IRI, also one that belongs elsewhere."""
        return self.path(iri) or self.page("describe", iri=iri)

    def page(self, name: str, **parameters: str | int | None) -> str:
        """Return the address of one of the server's own pages, with those parameters that are not ``None``."""
        given = {key: str(value) for key, value in parameters.items() if value is not None}
        return f"{self.root}/{name}" + (f"?{urlencode(given)}" if given else "")

    def with_parameters(self, address: str, **parameters: str | int) -> str:
        """Return an address of this server with parameters in place of or beside those that it has."""
        path, mark, fragment = address.partition("#")
        stem, _, query = path.partition("?")
        given = dict(parse_qsl(query)) | {key: str(value) for key, value in parameters.items()}
        return f"{stem}?{urlencode(given)}{mark}{fragment}"

    def candidates(self, path: str) -> tuple[str, ...]:
        """Return the IRIs that a decoded path of a request may mean: as it is, and percent-encoded."""
        rest = path.removeprefix("/")
        if rest.startswith(_DOCUMENT):
            rest = _ID + rest.removeprefix(_DOCUMENT)
        found = [self.base + rest, self.base + quote(rest, safe=_SAFE.replace("%", ""))]
        return tuple(dict.fromkeys(found))

    def document_iri(self, iri: str) -> str:
        """Return the IRI of the generic document about a thing, which is the thing's own for what is no thing."""
        rest = iri.removeprefix(self.base)
        return self.base + _DOCUMENT + rest.removeprefix(_ID) if rest.startswith(_ID) else iri

    def is_thing(self, iri: str) -> bool:
        """Tell whether ``iri`` names a thing, which is not itself a document."""
        return iri.startswith(self.base + _ID)
