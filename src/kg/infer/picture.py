"""A derivation as an SVG picture: boxes for triples, and a line with the rule's name to the premises."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape

from kg.infer.derivation import Derivation
from kg.infer.dictionary import Statement

_LINE = 18
_CHARACTER = 7.2
_PADDING = 10
_GAP = 24
_LEVEL = 58
_WIDEST = 42
"""Characters in a line of a box; a longer triple is broken between its terms."""

# Presentation attributes, not a style sheet: a strict Content-Security-Policy blocks style sheets inside pictures.
_FONT = 'font-family="ui-monospace,Menlo,Consolas,monospace" font-size="12"'
_INK, _RULE, _LINK = "#1a1a1a", "#555555", "#2e6b34"
_ASSERTED = ' fill="#eef5ee" stroke="#2e6b34"'
_DERIVED = ' fill="#ffffff" stroke="#1a1a1a"'

Branches = Callable[[Derivation], Iterable[tuple[Derivation, str]]]
"""The premises of a derivation that are to be drawn, each with its wording."""


@dataclass(eq=False)
class _Box:
    lines: list[str]
    passages: list[str]
    rule: str | None
    below: list["_Box"] = field(default_factory=list)
    left: float = 0
    top: float = 0
    span: float = 0

    @property
    def width(self) -> float:
        return max(len(line) for line in self.lines + self.passages) * _CHARACTER + 2 * _PADDING

    @property
    def height(self) -> float:
        return (len(self.lines) + len(self.passages)) * _LINE + 2 * _PADDING - 4


def draw(
    derivation: Derivation, wording: str, branches: Branches, passages_of: Callable[[Statement], list[str]]
) -> str:
    """Return the picture as SVG text; ``wording`` is that of the conclusion. What is proved twice is drawn out once."""
    boxes: list[_Box] = []
    root = _boxes(derivation, wording, branches, passages_of, boxes)
    for box in reversed(boxes):
        needed = sum(each.span for each in box.below) + _GAP * (len(box.below) - 1)
        box.span = max(box.width, needed)
    root.left = (root.span - root.width) / 2
    _place(root)
    width = max(box.left + box.width for box in boxes) + 2
    height = max(box.top + box.height for box in boxes) + 2
    body = "\n".join(line for box in boxes for line in _shapes(box))
    title = escape(f"Why {wording}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="-1 -1 {width:.0f} {height:.0f}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n<g {_FONT}>\n{body}\n</g>\n</svg>\n"
    )


def _boxes(
    derivation: Derivation,
    wording: str,
    branches: Branches,
    passages_of: Callable[[Statement], list[str]],
    boxes: list[_Box],
) -> _Box:
    shown: set[Statement] = set()
    top = _Box([], [], None)
    waiting = [(derivation, wording, top)]
    while waiting:
        each, words, parent = waiting.pop(0)
        is_repeated = bool(each.premises) and each.conclusion in shown
        lines = _broken(words) + (["(as shown elsewhere)"] if is_repeated else [])
        passages = passages_of(each.conclusion) if each.is_asserted else []
        box = _Box(lines, passages, None if is_repeated else each.rule)
        parent.below.append(box)
        boxes.append(box)
        if not is_repeated:
            shown.add(each.conclusion)
            waiting.extend((premise, its_words, box) for premise, its_words in branches(each))
    return top.below[0]


def _broken(text: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _WIDEST:
            lines.append("  " + word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _place(root: _Box) -> None:
    waiting = [root]
    while waiting:
        box = waiting.pop()
        total = sum(each.span for each in box.below) + _GAP * (len(box.below) - 1)
        left = box.left + box.width / 2 - total / 2
        for each in box.below:
            each.left = left + (each.span - each.width) / 2
            each.top = box.top + box.height + _LEVEL
            left += each.span + _GAP
            waiting.append(each)


def _shapes(box: _Box) -> list[str]:
    middle, foot = box.left + box.width / 2, box.top + box.height
    shapes = [
        f'<path d="M{middle:.1f} {foot:.1f}V{foot + _LEVEL / 2:.1f}H{each.left + each.width / 2:.1f}V{each.top:.1f}" '
        f'fill="none" stroke="{_RULE}"/>'
        for each in box.below
    ]
    shapes.append(
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="4"'
        f"{_DERIVED if box.rule else _ASSERTED}/>"
    )
    for n, line in enumerate(box.lines + box.passages):
        ink = _LINK if n >= len(box.lines) else _INK
        x, y = box.left + _PADDING, box.top + _PADDING + n * _LINE + 10
        shapes.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}" xml:space="preserve">{escape(line)}</text>')
    if box.rule:
        shapes.append(
            f'<text x="{middle + 6:.1f}" y="{foot + 18:.1f}" fill="{_RULE}" font-weight="600">{escape(box.rule)}</text>'
        )
    return shapes
