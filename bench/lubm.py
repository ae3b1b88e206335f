"""Data in the manner of the Lehigh University Benchmark: universities, departments, people, courses, publications.

Not the original generator, but its ontology's shape and about its proportions: a class hierarchy six deep, inverse,
transitive and sub-properties, domains and ranges, a definition by ``owl:someValuesFrom`` and one by
``owl:intersectionOf``. The same size always gives the same triples.
"""

import random
from collections.abc import Iterator
from pathlib import Path

UB = "http://example.org/univ-bench#"
PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "ub": UB,
}

SUBCLASSES = """
    Employee Person / Faculty Employee / Professor Faculty / FullProfessor Professor / AssociateProfessor Professor
    AssistantProfessor Professor / Lecturer Faculty / Student Person / UndergraduateStudent Student / GraduateStudent Student
    TeachingAssistant Person / University Organization / Department Organization / ResearchGroup Organization
    Course Work / GraduateCourse Course / Publication Work / Article Publication / Chair Professor
"""
SUBPROPERTIES = (
    "worksFor memberOf / headOf worksFor / undergraduateDegreeFrom degreeFrom / doctoralDegreeFrom degreeFrom"
)
DOMAINS = "memberOf Person / teacherOf Faculty / degreeFrom Person / advisor Person / publicationAuthor Publication"
RANGES = (
    "memberOf Organization / teacherOf Course / degreeFrom University / advisor Professor / publicationAuthor Person"
)


def _iri(name: str) -> str:
    prefix, local = name.split(":", 1)
    return f"<{PREFIXES[prefix]}{local}>"


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    words = text.replace("/", " ").split()
    yield from zip(words[::2], words[1::2], strict=True)


def _schema() -> Iterator[tuple[str, str, str]]:
    for sub, above in _pairs(SUBCLASSES):
        yield f"ub:{sub}", "rdf:type", "owl:Class"
        yield f"ub:{sub}", "rdfs:subClassOf", f"ub:{above}"
    for sub, above in _pairs(SUBPROPERTIES):
        yield f"ub:{sub}", "rdfs:subPropertyOf", f"ub:{above}"
    for property_, class_ in _pairs(DOMAINS):
        yield f"ub:{property_}", "rdfs:domain", f"ub:{class_}"
    for property_, class_ in _pairs(RANGES):
        yield f"ub:{property_}", "rdfs:range", f"ub:{class_}"
    yield "ub:memberOf", "owl:inverseOf", "ub:member"
    yield "ub:degreeFrom", "owl:inverseOf", "ub:hasAlumnus"
    yield "ub:subOrganizationOf", "rdf:type", "owl:TransitiveProperty"
    yield "ub:headsSome", "owl:onProperty", "ub:headOf"
    yield "ub:headsSome", "owl:someValuesFrom", "ub:Department"
    yield "ub:Head", "owl:intersectionOf", "ub:list1"
    yield "ub:list1", "rdf:first", "ub:Person"
    yield "ub:list1", "rdf:rest", "ub:list2"
    yield "ub:list2", "rdf:first", "ub:headsSome"
    yield "ub:list2", "rdf:rest", "rdf:nil"


def _department(name: str, university: str, universities: int, dice: random.Random) -> Iterator[tuple[str, str, str]]:
    def degree() -> str:
        return f"<http://example.org/u{dice.randrange(universities)}>"

    def person(kind: str, number: int) -> str:
        return f"<http://example.org/{name}/{kind}{number}>"

    department = f"<http://example.org/{name}>"
    yield department, "rdf:type", "ub:Department"
    yield department, "ub:subOrganizationOf", university
    for n in range(10):
        group = f"<http://example.org/{name}/group{n}>"
        yield group, "rdf:type", "ub:ResearchGroup"
        yield group, "ub:subOrganizationOf", department
    faculty = []
    for kind, count in (("FullProfessor", 8), ("AssociateProfessor", 12), ("AssistantProfessor", 9), ("Lecturer", 6)):
        for n in range(count):
            who = person(kind, n)
            faculty.append(who)
            yield who, "rdf:type", f"ub:{kind}"
            yield who, "ub:worksFor", department
            yield who, "ub:name", f'"{kind} {n}"'
            yield who, "ub:emailAddress", f'"{kind}{n}@{name}.example.org"'
            yield who, "ub:undergraduateDegreeFrom", degree()
            yield who, "ub:doctoralDegreeFrom", degree()
            for c in range(2):
                course = f"<http://example.org/{name}/course/{kind}{n}-{c}>"
                yield who, "ub:teacherOf", course
                yield course, "rdf:type", "ub:GraduateCourse" if c else "ub:Course"
            for p in range(5):
                publication = f"<http://example.org/{name}/publication/{kind}{n}-{p}>"
                yield publication, "ub:publicationAuthor", who
                yield publication, "rdf:type", "ub:Article"
    yield faculty[0], "ub:headOf", department
    for kind, count in (("UndergraduateStudent", 360), ("GraduateStudent", 100)):
        for n in range(count):
            who = person(kind, n)
            yield who, "rdf:type", f"ub:{kind}"
            yield who, "ub:memberOf", department
            yield who, "ub:name", f'"{kind} {n}"'
            yield who, "ub:emailAddress", f'"{kind}{n}@{name}.example.org"'
            for _ in range(3):
                teacher = dice.randrange(35)
                yield who, "ub:takesCourse", faculty[teacher].replace(name, f"{name}/course")[:-1] + "-0>"
            if kind == "GraduateStudent":
                yield who, "ub:advisor", faculty[dice.randrange(29)]
                yield who, "ub:undergraduateDegreeFrom", degree()


def triples(size: int) -> Iterator[tuple[str, str, str]]:
    """Yield about ``size`` triples, as N-Triples terms."""
    dice = random.Random(7)
    universities = max(size // 50_000, 1) * 10
    seen: set[tuple[str, str, str]] = set()
    written = 0
    for triple in _schema():
        yield tuple(map(_iri, triple))  # type: ignore[misc]
        written += 1
    for u in range(universities):
        yield f"<http://example.org/u{u}>", _iri("rdf:type"), _iri("ub:University")
        written += 1
    department = 0
    while written < size:
        university = f"<http://example.org/u{department % universities}>"
        seen.clear()
        for triple in _department(f"d{department}", university, universities, dice):
            if triple not in seen and written < size:
                seen.add(triple)
                s, p, o = (term if term[0] in '<"' else _iri(term) for term in triple)
                yield s, p, o
                written += 1
        department += 1


def write(size: int, path: Path) -> None:
    """Write about ``size`` triples as N-Triples."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{s} {p} {o} .\n" for s, p, o in triples(size))
