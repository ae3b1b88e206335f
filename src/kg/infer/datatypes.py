"""Literals: which are ill-formed, which are equal, and which lie in the value space of a datatype (OWL 2 RL Table 8).

The datatypes are those of section 4.2 of the OWL 2 Profiles specification; values follow XML Schema 1.1 Datatypes as the
OWL 2 structural specification (section 4) uses them: ``xsd:decimal`` and what derives from it share one value space, and
``xsd:float``, ``xsd:double``, ``xsd:boolean``, ``xsd:anyURI``, ``xsd:hexBinary``, ``xsd:base64Binary``,
``xsd:dateTime`` and ``rdf:XMLLiteral`` have one each. ``xsd:date`` is not among the datatypes of OWL 2 RL but is read
as well, as the OWL 2 conformance statement (section 2.2) allows. Literals of any other datatype are opaque: nothing is
said about their values.

In one point this is stricter than XML Schema, whose ``xsd:anyURI`` takes any string: what cannot be an IRI reference
(RFC 3987) is ill-formed, as the conformance cases of the OWL 2 RDF-Based Semantics have it.
"""

import base64
import math
import re
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Hashable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from kg.infer.rules import PREFIXES, iri

_RDF, _RDFS, _XSD = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["xsd"]

_INTEGER_RANGES: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_NAME_START = r"A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF" \
    r"\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"  # fmt: skip
_NAME_CHARACTER = _NAME_START + r"0-9.\xB7\u0300-\u036F\u203F\u2040\-"
_STRING_PATTERNS: dict[str, re.Pattern[str]] = {
    "string": re.compile(r"(?s:.*)"),
    "normalizedString": re.compile(r"[^\t\n\r]*"),
    "token": re.compile(r"([^\t\n\r ]+( [^\t\n\r ]+)*)?"),
    "language": re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
    "NMTOKEN": re.compile(f"[:{_NAME_CHARACTER}]+"),
    "Name": re.compile(f"[:{_NAME_START}][:{_NAME_CHARACTER}]*"),
    "NCName": re.compile(f"[{_NAME_START}][{_NAME_CHARACTER}]*"),
}
_LANGUAGE = _STRING_PATTERNS["language"]
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_DATE_TIME = re.compile(
    r"(-?(?:[1-9]\d{3,}|0\d{3}))-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?",
    re.ASCII,
)
_DATE = re.compile(r"(-?\d{4,}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_BASE64 = re.compile(
    r"(([A-Za-z0-9+/] ?){4})*"
    r"(([A-Za-z0-9+/] ?){3}[A-Za-z0-9+/]|([A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|[A-Za-z0-9+/] ?[AQgw] ?= ?=)|"
)
# Part of no IRI reference: delimiters and controls, broken escapes, and a first segment with a colon but no scheme.
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})|^(?![A-Za-z][A-Za-z0-9+.\-]*:)[^/?#:]*:")

Value = tuple[str, Hashable]
"""A data value: the value space, and the value in it."""

VALUE_SPACES = frozenset(
    ("text", "decimal", "float", "double", "boolean", "anyURI", "hexBinary", "base64Binary", "dateTime", "date", "xml")
)
"""The value spaces that are understood; that of an opaque literal is named after its datatype."""

DATATYPES: tuple[str, ...] = (
    *(iri(f"rdf:{name}") for name in ("PlainLiteral", "XMLLiteral")),
    iri("rdfs:Literal"),
    *(iri(f"xsd:{name}") for name in ("decimal", *_INTEGER_RANGES, "float", "double", *_STRING_PATTERNS)),
    *(iri(f"xsd:{n}") for n in ("boolean", "hexBinary", "base64Binary", "anyURI", "dateTime", "dateTimeStamp")),
)
"""The datatypes that OWL 2 RL supports, as N-Triples IRIs."""

CHECKED_DATATYPES: frozenset[str] = frozenset((*DATATYPES, iri("xsd:date")))
"""The datatypes whose value spaces are understood, as N-Triples IRIs."""


class IllFormedError(ValueError):
    """The text of a literal is not in the lexical space of its datatype."""


def split_literal(text: str) -> tuple[str, str, str | None]:
    """Split an N-Triples literal into its lexical form, datatype IRI (without brackets) and language tag."""
    end = text.rindex('"')
    lexical = text[1:end]
    if "\\" in lexical:
        lexical = _ESCAPE.sub(_unescaped, lexical)
    rest = text[end + 1 :]
    if rest.startswith("@"):
        return lexical, _RDF + "langString", rest[1:].lower()
    return lexical, rest[3:-1] if rest else _XSD + "string", None


_ESCAPE = re.compile(r'\\(?:([tbnrf"\'\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPED[match[1]] if match[1] else chr(int(match[2] or match[3], 16))


@lru_cache(maxsize=1 << 16)
def value_of(text: str) -> Value:
    """Return the data value of an N-Triples literal.

    Raises `IllFormedError` if its text is not in the lexical space of its datatype.
    """
    lexical, datatype, language = split_literal(text)
    if language is not None:
        return "text", (lexical, language)
    if datatype.startswith(_XSD):
        reader = _READERS.get(datatype[len(_XSD) :])
        if reader:
            return reader(lexical)
    elif datatype == _RDF + "PlainLiteral":
        return _plain_literal(lexical)
    elif datatype == _RDF + "XMLLiteral":
        return _xml_literal(lexical)
    return datatype, lexical


def are_different(one: str, other: str) -> bool:
    """Whether two N-Triples literals are known to have different values."""
    try:
        first, second = value_of(one), value_of(other)
    except IllFormedError:
        return False
    return first != second and first[0] in VALUE_SPACES and second[0] in VALUE_SPACES


def is_outside(text: str, datatype: str) -> bool:
    """Whether the value of an N-Triples literal is known not to lie in the value space of a datatype."""
    try:
        space, _ = value_of(text)
    except IllFormedError:
        return True
    return space in VALUE_SPACES and datatype in CHECKED_DATATYPES and not has_value_in(text, datatype)


def is_well_formed(text: str) -> bool:
    """Whether the lexical form of an N-Triples literal belongs to its datatype."""
    try:
        value_of(text)
    except IllFormedError:
        return False
    return True


def has_value_in(text: str, datatype: str) -> bool:
    """Whether the value of an N-Triples literal lies in the value space of a datatype (an N-Triples IRI)."""
    try:
        space, value = value_of(text)
    except IllFormedError:
        return False
    name = datatype[1:-1]
    if name == _RDFS + "Literal":
        return True
    if name == _RDF + "PlainLiteral":
        return space == "text"
    if name == _RDF + "XMLLiteral":
        return space == "xml"
    if not name.startswith(_XSD):
        return False
    name = name[len(_XSD) :]
    if name in _INTEGER_RANGES:
        low, high = _INTEGER_RANGES[name]
        return (
            space == "decimal"
            and isinstance(value, Decimal)
            and value == value.to_integral_value()
            and (low is None or value >= low)
            and (high is None or value <= high)
        )
    if name in _STRING_PATTERNS:
        return space == "text" and isinstance(value, tuple) and value[1] == "" and \
            _STRING_PATTERNS[name].fullmatch(value[0]) is not None  # fmt: skip
    if name == "dateTimeStamp":
        return space == "dateTime" and isinstance(value, tuple) and value[1] is not None
    return space == name


def _integer(low: int | None, high: int | None) -> Callable[[str], Value]:
    def read(lexical: str) -> Value:
        if _INTEGER.fullmatch(lexical) is None:
            raise IllFormedError(lexical)
        number = Decimal(lexical)  # reads any number of digits, which int does not
        if (low is not None and number < low) or (high is not None and number > high):
            raise IllFormedError(lexical)
        return "decimal", number

    return read


def _decimal(lexical: str) -> Value:
    if _DECIMAL.fullmatch(lexical) is None:
        raise IllFormedError(lexical)
    return "decimal", Decimal(lexical)


def _double(lexical: str) -> Value:
    if _DOUBLE.fullmatch(lexical) is None:
        raise IllFormedError(lexical)
    return "double", _identity(float(lexical.replace("INF", "inf")))


def _float(lexical: str) -> Value:
    if _DOUBLE.fullmatch(lexical) is None:
        raise IllFormedError(lexical)
    number = float(lexical.replace("INF", "inf"))
    try:
        (single,) = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        single = math.copysign(math.inf, number)
    return "float", _identity(single)


def _identity(number: float) -> Hashable:
    """Tell the two zeros apart and find NaN identical to itself, as XML Schema's identity does."""
    return "NaN" if math.isnan(number) else (number, math.copysign(1, number))


def _string(pattern: re.Pattern[str]) -> Callable[[str], Value]:
    def read(lexical: str) -> Value:
        if pattern.fullmatch(lexical) is None:
            raise IllFormedError(lexical)
        return "text", (lexical, "")

    return read


def _boolean(lexical: str) -> Value:
    if lexical not in ("true", "false", "1", "0"):
        raise IllFormedError(lexical)
    return "boolean", lexical in ("true", "1")


def _hexadecimal(lexical: str) -> Value:
    if re.fullmatch(r"([0-9a-fA-F]{2})*", lexical) is None:
        raise IllFormedError(lexical)
    return "hexBinary", bytes.fromhex(lexical)


def _base64(lexical: str) -> Value:
    if _BASE64.fullmatch(lexical) is None:
        raise IllFormedError(lexical)
    return "base64Binary", base64.b64decode(lexical)


def _any_uri(lexical: str) -> Value:
    if _NO_IRI.search(lexical):
        raise IllFormedError(lexical)
    return "anyURI", lexical


def _date_time(lexical: str) -> Value:
    match = _DATE_TIME.fullmatch(lexical)
    if match is None:
        raise IllFormedError(lexical)
    year = int(Decimal(match[1]))
    month, day, hour, minute, second = map(int, match.groups()[1:6])
    if hour == 24 and (minute or second or (match[7] or "").strip("0")):
        raise IllFormedError(lexical)
    try:  # the calendar repeats every 400 years, so any year is checked and counted through one that Python knows
        moment = datetime(2000 + year % 400, month, day, hour % 24, minute, second)
    except ValueError as error:
        raise IllFormedError(lexical) from error
    days = moment.toordinal() + (year // 400) * 146_097 + (hour == 24)
    seconds = days * 86_400 + moment.hour * 3600 + minute * 60 + second
    zone = match[8]
    offset = None
    if zone is not None:
        offset = 0 if zone == "Z" else (-1 if zone[0] == "-" else 1) * (int(zone[1:3]) * 60 + int(zone[4:6]))
    return "dateTime", ((seconds, Decimal(f"0.{match[7] or 0}")), offset)


def _date(lexical: str) -> Value:
    match = _DATE.fullmatch(lexical)
    if match is None:
        raise IllFormedError(lexical)
    return "date", _date_time(f"{match[1]}T00:00:00{match[2] or ''}")[1]


def _date_time_stamp(lexical: str) -> Value:
    space, value = _date_time(lexical)
    if isinstance(value, tuple) and value[1] is None:
        raise IllFormedError(lexical)
    return space, value


def _plain_literal(lexical: str) -> Value:
    text, at, language = lexical.rpartition("@")
    if not at or (language and _LANGUAGE.fullmatch(language) is None):
        raise IllFormedError(lexical)
    return "text", (text, language.lower())


def _xml_literal(lexical: str) -> Value:
    try:
        return "xml", ElementTree.canonicalize(f"<xml>{lexical}</xml>", with_comments=True)
    except ElementTree.ParseError as error:
        raise IllFormedError(lexical) from error


_READERS: dict[str, Callable[[str], Value]] = {
    "decimal": _decimal,
    **{name: _integer(*bounds) for name, bounds in _INTEGER_RANGES.items()},
    "double": _double,
    "float": _float,
    **{name: _string(pattern) for name, pattern in _STRING_PATTERNS.items()},
    "boolean": _boolean,
    "hexBinary": _hexadecimal,
    "base64Binary": _base64,
    "anyURI": _any_uri,
    "date": _date,
    "dateTime": _date_time,
    "dateTimeStamp": _date_time_stamp,
}
