"""Literals: what is in the lexical space of a datatype, and which values are the same."""

from __future__ import annotations

import pytest

from kg.infer.datatypes import IllFormedError, are_different, has_value_in, is_well_formed, value_of
from kg.infer.rules import iri


def literal(text: str, datatype: str) -> str:
    return f'"{text}"^^{iri(datatype)}'


WELL_FORMED = [
    ("+007", "xsd:integer"),
    ("-0", "xsd:nonNegativeInteger"),
    ("1.", "xsd:decimal"),
    (".5", "xsd:decimal"),
    ("+INF", "xsd:double"),
    ("1.0E+310", "xsd:double"),
    ("1.0E-330", "xsd:double"),
    ("1.0E+40", "xsd:float"),
    ("1.0E-50", "xsd:float"),
    ("0000-01-01T24:00:00", "xsd:dateTime"),
    ("", "xsd:base64Binary"),
    ("A A A A B w = =", "xsd:base64Binary"),
    ("AAA=", "xsd:base64Binary"),
    ("", "xsd:anyURI"),
    ("urn:ietf:rfc:3987", "xsd:anyURI"),
    ("./a:b", "xsd:anyURI"),
    ("?a:b", "xsd:anyURI"),
    ("a#b:c", "xsd:anyURI"),
    ("http://例え.jp/%20", "xsd:anyURI"),
    ("a@b@en", "rdf:PlainLiteral"),
    ("<a/>, <b>c</b>", "rdf:XMLLiteral"),
    ("<![CDATA[<!DOCTYPE a>]]>", "rdf:XMLLiteral"),
]
ILL_FORMED = [
    ("٣", "xsd:integer"),
    ("٣", "xsd:decimal"),
    ("３e5", "xsd:double"),
    ("20٢٠-01-01T00:00:00", "xsd:dateTime"),
    ("20٢٠-01-01", "xsd:date"),
    ("128", "xsd:byte"),
    ("nan", "xsd:float"),
    ("2023-02-29T00:00:00", "xsd:dateTime"),
    ("2023-02-28T24:00:01", "xsd:dateTime"),
    ("2023-02-28T00:00:00", "xsd:dateTimeStamp"),
    ("AB==", "xsd:base64Binary"),
    ("AAB=", "xsd:base64Binary"),
    ("AA  AA", "xsd:base64Binary"),
    (" AAAA", "xsd:base64Binary"),
    ("AA==AAAA", "xsd:base64Binary"),
    (":abc", "xsd:anyURI"),
    ("1a:b", "xsd:anyURI"),
    ("a b", "xsd:anyURI"),
    ("%zz", "xsd:anyURI"),
    ("no tag", "rdf:PlainLiteral"),
    ("</xml><xml>", "rdf:XMLLiteral"),
    ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "rdf:XMLLiteral"),
]


@pytest.mark.parametrize(("text", "datatype"), WELL_FORMED)
def test_the_lexical_space_has(text: str, datatype: str) -> None:
    assert is_well_formed(literal(text, datatype))


@pytest.mark.parametrize(("text", "datatype"), ILL_FORMED)
def test_the_lexical_space_has_not(text: str, datatype: str) -> None:
    with pytest.raises(IllFormedError):
        value_of(literal(text, datatype))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("1.0E+310", "xsd:double"), ("INF", "xsd:double")),
        (("1.0E-50", "xsd:float"), ("0", "xsd:float")),
        (("NaN", "xsd:float"), ("NaN", "xsd:float")),
        (("-0", "xsd:integer"), ("0.0", "xsd:decimal")),
        (("1.10", "xsd:decimal"), ("+01.1", "xsd:decimal")),
        (("1" * 5000, "xsd:integer"), ("1" * 5000 + ".0", "xsd:decimal")),
        (("2023-02-28T24:00:00", "xsd:dateTime"), ("2023-03-01T00:00:00.00", "xsd:dateTime")),
        (("2023-02-28T00:00:00Z", "xsd:dateTime"), ("2023-02-28T00:00:00-00:00", "xsd:dateTimeStamp")),
        (("A A A A", "xsd:base64Binary"), ("AAAA", "xsd:base64Binary")),
        (("ab", "xsd:hexBinary"), ("AB", "xsd:hexBinary")),
        (("a@", "rdf:PlainLiteral"), ("a", "xsd:token")),
        (("<a />", "rdf:XMLLiteral"), ("<a></a>", "rdf:XMLLiteral")),
    ],
)
def test_values_are_the_same(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert value_of(literal(*one)) == value_of(literal(*other))
    assert not are_different(literal(*one), literal(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("+0.0", "xsd:float"), ("-0.0", "xsd:float")),
        (("1", "xsd:float"), ("1", "xsd:double")),
        (("1", "xsd:decimal"), ("1", "xsd:double")),
        (("1" * 5000, "xsd:integer"), ("1" * 4999 + "2", "xsd:integer")),
        (("2023-02-28T10:00:00Z", "xsd:dateTime"), ("2023-02-28T11:00:00+01:00", "xsd:dateTime")),
        (("2023-02-28T10:00:00.1", "xsd:dateTime"), ("2023-02-28T10:00:00.10001", "xsd:dateTime")),
        (("a@en", "rdf:PlainLiteral"), ("a", "xsd:string")),
        (("a", "xsd:anyURI"), ("a", "xsd:string")),
        (("<a/><!-- b -->", "rdf:XMLLiteral"), ("<a/>", "rdf:XMLLiteral")),
    ],
)
def test_values_are_different(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert are_different(literal(*one), literal(*other))


@pytest.mark.parametrize("datatype", ["xsd:dateTime", "xsd:date"])
def test_a_number_may_have_any_number_of_digits(datatype: str) -> None:
    time = "T00:00:00." + "1" * 5000 if datatype == "xsd:dateTime" else ""
    assert is_well_formed(literal("1" * 5000 + "-01-01" + time, datatype))


@pytest.mark.parametrize(
    ("text", "datatype", "wider", "no"),
    [
        ("127", "xsd:byte", "xsd:unsignedLong", "xsd:negativeInteger"),
        ("2.0", "xsd:decimal", "xsd:positiveInteger", "xsd:double"),
        ("1" * 5000, "xsd:integer", "xsd:decimal", "xsd:long"),
        ("1" * 5000 + ".5", "xsd:decimal", "rdfs:Literal", "xsd:integer"),
        ("a b", "xsd:token", "rdf:PlainLiteral", "xsd:NCName"),
        ("2023-02-28T10:00:00Z", "xsd:dateTime", "xsd:dateTimeStamp", "xsd:date"),
    ],
)
def test_a_value_lies_in_other_value_spaces(text: str, datatype: str, wider: str, no: str) -> None:
    assert has_value_in(literal(text, datatype), iri(datatype))
    assert has_value_in(literal(text, datatype), iri(wider))
    assert not has_value_in(literal(text, datatype), iri(no))
