"""The facts that the reasoner works on: the extension of each class and of each property, as sets of integers.

The extension of a class is the set of its members; that of a property the set of its pairs (see `kg.infer.dictionary`).
Both are called after the functions ICEXT and IEXT of the OWL 2 RDF-Based Semantics, section 4.4.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from kg.infer.dictionary import MASK, SHIFT, Key
from kg.infer.pair_text import PairText

Index = dict[int, list[int]]


class Extension:
    """What is known of one class or property: a set that grows, what of it was asserted, and what is new.

    ``is_relation``: its keys are pairs, of which a text is kept for searching.
    """

    __slots__ = ("_by_object", "_by_subject", "_text", "asserted", "derived", "fresh", "known")

    def __init__(self, *, is_relation: bool = False) -> None:
        self.asserted: set[int] = set()
        """The input, as it was given."""
        self.known: set[int] = set()
        """All that holds, written with representatives (see `kg.infer.equality`)."""
        self.derived: dict[str, set[int]] = {}
        """What each rule was the first to conclude, by the rule's name."""
        self.fresh: list[set[int]] = []
        """What became known and was not yet seen by the rules that read this extension."""
        self._by_subject: Index | None = None
        self._by_object: Index | None = None
        self._text = PairText() if is_relation else None

    def add(self, keys: set[int], rule: str) -> bool:
        """Add conclusions of a rule; return whether any was new."""
        new = keys - self.known
        if not new:
            return False
        self.known |= new
        derived = self.derived.get(rule)
        if derived is None:
            self.derived[rule] = new.copy()
        else:
            derived |= new
        self._enter(new, new)
        return True

    def assert_(self, given: Collection[int]) -> bool:
        """Add to the input; return whether any was not known before. Keys are the given and the known form at once."""
        keys = set(given)
        self.asserted |= keys
        for derived in self.derived.values():
            derived -= keys
        new = keys - self.known
        if not new:
            return False
        self.known |= new
        # Keys in the order of the input lie in memory one after the other, which those of a set do not.
        self._enter(new, given if len(new) == len(keys) else new)
        return True

    def _enter(self, new: set[int], ordered: Collection[int]) -> None:
        self.fresh.append(new)
        if self._text is not None:
            self._text.write(ordered)
        if self._by_subject is not None:
            _index(self._by_subject, new, by_subject=True)
        if self._by_object is not None:
            _index(self._by_object, new, by_subject=False)

    def discard(self, keys: set[int]) -> None:
        """Remove facts."""
        keys = keys & self.known
        if not keys:
            return
        self.known -= keys
        if self._text is not None:
            self._text = PairText()
            self._text.write(self.known)
        for some in (*self.derived.values(), *self.fresh):
            some -= keys
        for key in keys:
            if self._by_subject is not None:
                self._by_subject[key >> SHIFT].remove(key & MASK)
            if self._by_object is not None:
                self._by_object[key & MASK].remove(key >> SHIFT)

    def take_fresh(self) -> set[int]:
        """Return what is new since the last call."""
        batches, self.fresh = self.fresh, []
        return batches[0] if len(batches) == 1 else set().union(*batches)

    @property
    def by_subject(self) -> Index:
        """The objects of each subject; made on first use and kept up to date from then on."""
        if self._by_subject is None:
            self._by_subject = defaultdict(list)
            _index(self._by_subject, self.known, by_subject=True)
        return self._by_subject

    @property
    def by_object(self) -> Index:
        """The subjects of each object; made on first use and kept up to date from then on."""
        if self._by_object is None:
            self._by_object = defaultdict(list)
            _index(self._by_object, self.known, by_subject=False)
        return self._by_object

    def objects(self, subject: int) -> Iterable[int]:
        """Return the objects of a subject, without making an index of a large relation for one question."""
        if self._by_subject is None and self._text is not None and len(self.known) >= _LARGE:
            return self._text.objects(subject)
        return self.by_subject.get(subject, ())

    def subjects(self, object_: int) -> Iterable[int]:
        """Return the subjects of an object, without making an index of a large relation for one question."""
        if self._by_object is None and self._text is not None and len(self.known) >= _LARGE:
            return self._text.subjects(object_)
        return self.by_object.get(object_, ())


_LARGE = 1000


def _index(index: Index, keys: Iterable[int], *, by_subject: bool) -> None:
    if by_subject:
        for key in keys:
            index[key >> SHIFT].append(key & MASK)
    else:
        for key in keys:
            index[key & MASK].append(key >> SHIFT)


class Facts:
    """The extensions of all classes and properties; ``rdf:type`` is kept class by class."""

    def __init__(self, type_: int) -> None:
        self.type = type_
        self.classes: dict[int, Extension] = {}
        self.properties: dict[int, Extension] = {}
        self.types: Extension | None = None
        """The pairs of ``rdf:type`` itself, if a rule reads them."""

    def members(self, class_: int) -> Extension:
        """Return the extension of a class: its members."""
        extension = self.classes.get(class_)
        if extension is None:
            extension = self.classes[class_] = Extension()
        return extension

    def pairs(self, property_: int) -> Extension:
        """Return the extension of a property: its pairs of subject and object.

        For ``rdf:type`` itself this is a second copy, which is kept only once a rule has asked for it.
        """
        if property_ == self.type:
            if self.types is None:
                self.types = Extension(is_relation=True)
                for class_, extension in self.classes.items():
                    self.types.add({member << SHIFT | class_ for member in extension.known}, "")
                self.types.fresh.clear()
            return self.types
        found = self.properties.get(property_)
        if found is None:
            found = self.properties[property_] = Extension(is_relation=True)
        return found

    def assert_(self, pairs_of: Mapping[int, Collection[int]]) -> tuple[list[int], list[int]]:
        """Add pairs of properties to the input; return the classes and the properties of which more is known now."""
        classes, properties = [], []
        for property_, pairs in pairs_of.items():
            if property_ != self.type:
                if self.pairs(property_).assert_(pairs):
                    properties.append(property_)
                continue
            members: dict[int, set[int]] = defaultdict(set)
            for key in pairs:
                members[key & MASK].add(key >> SHIFT)
            for class_, new in members.items():
                if self.members(class_).assert_(new):
                    classes.append(class_)
                    self.note_types(class_, new, "")
        return classes, properties

    def note_types(self, class_: int, members: set[int], rule: str) -> Extension | None:
        """Copy new members of a class into the extension of ``rdf:type``; return that if any rule reads it."""
        if self.types is not None:
            self.types.add({member << SHIFT | class_ for member in members}, rule)
        return self.types

    def forget_types(self, class_: int, members: set[int]) -> None:
        """Remove members of a class from that copy of ``rdf:type``."""
        if self.types is not None:
            self.types.discard({member << SHIFT | class_ for member in members})

    def known(self) -> Iterator[Key]:
        """Yield all that is known, written with representatives."""
        for class_, extension in self.classes.items():
            for member in extension.known:
                yield member, self.type, class_
        for property_, extension in self.properties.items():
            for key in extension.known:
                yield key >> SHIFT, property_, key & MASK

    def is_asserted(self, s: int, p: int, o: int) -> bool:
        """Whether a triple belongs to the input."""
        if p == self.type:
            extension = self.classes.get(o)
            return extension is not None and s in extension.asserted
        extension = self.properties.get(p)
        return extension is not None and s << SHIFT | o in extension.asserted

    def is_known(self, s: int, p: int, o: int) -> bool:
        """Whether a triple, written with representatives, holds."""
        extension = self.classes.get(o) if p == self.type else self.properties.get(p)
        return extension is not None and (s if p == self.type else s << SHIFT | o) in extension.known

    def asserted(self) -> Iterator[Key]:
        """Yield the input."""
        for class_, extension in self.classes.items():
            for member in extension.asserted:
                yield member, self.type, class_
        for property_, extension in self.properties.items():
            for key in extension.asserted:
                yield key >> SHIFT, property_, key & MASK
