"""A derivation as an SVG picture, drawn with no help: boxes for triples, a line with the rule's name to the premises."""

from collections.abc import Callable
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

_STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1a1a1a}"
    "rect{fill:#fff;stroke:#1a1a1a}rect.asserted{fill:#eef5ee;stroke:#2e6b34}"
    "path{fill:none;stroke:#666}.rule{font-weight:600;fill:#444}.passage{fill:#2e6b34}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}rect{fill:#222;stroke:#ccc}rect.asserted{fill:#1d2b1f;stroke:#8fc796}"
    "path{stroke:#999}.rule{fill:#bbb}.passage{fill:#8fc796}}"
)


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
    derivation: Derivation, sentence: Callable[[Statement], str], passages_of: Callable[[Statement], list[str]]
) -> str:
    """Return the picture as SVG text; what is proved twice is drawn out once."""
    boxes: list[_Box] = []
    root = _boxes(derivation, sentence, passages_of, boxes)
    for box in reversed(boxes):
        needed = sum(each.span for each in box.below) + _GAP * (len(box.below) - 1)
        box.span = max(box.width, needed)
    root.left = (root.span - root.width) / 2
    _place(root)
    width = max(box.left + box.width for box in boxes) + 2
    height = max(box.top + box.height for box in boxes) + 2
    body = "\n".join(line for box in boxes for line in _shapes(box))
    title = escape(f"Why {sentence(derivation.conclusion)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="-1 -1 {width:.0f} {height:.0f}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _boxes(
    derivation: Derivation,
    sentence: Callable[[Statement], str],
    passages_of: Callable[[Statement], list[str]],
    boxes: list[_Box],
) -> _Box:
    shown: set[Statement] = set()
    top = _Box([], [], None)
    waiting = [(derivation, top)]
    while waiting:
        each, parent = waiting.pop(0)
        is_repeated = bool(each.premises) and each.conclusion in shown
        lines = _broken(sentence(each.conclusion)) + (["(as shown elsewhere)"] if is_repeated else [])
        passages = passages_of(each.conclusion) if each.is_asserted else []
        box = _Box(lines, passages, None if is_repeated else each.rule)
        parent.below.append(box)
        boxes.append(box)
        if not is_repeated:
            shown.add(each.conclusion)
            waiting.extend((premise, box) for premise in each.premises)
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
    kind = "" if box.rule else ' class="asserted"'
    shapes = [
        f'<rect{kind} x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="4"/>'
    ]
    for n, line in enumerate(box.lines + box.passages):
        style = ' class="passage"' if n >= len(box.lines) else ""
        y = box.top + _PADDING + n * _LINE + 10
        shapes.append(
            f'<text{style} x="{box.left + _PADDING:.1f}" y="{y:.1f}" xml:space="preserve">{escape(line)}</text>'
        )
    middle, foot = box.left + box.width / 2, box.top + box.height
    if box.rule:
        shapes.append(f'<text class="rule" x="{middle + 6:.1f}" y="{foot + 18:.1f}">{escape(box.rule)}</text>')
    for each in box.below:
        x = each.left + each.width / 2
        shapes.append(
            f'<path d="M{middle:.1f} {foot:.1f}V{foot + _LEVEL / 2:.1f}H{x:.1f}V{each.top:.1f}"/>'
        )
    return shapes
