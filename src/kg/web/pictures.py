"""Pictures as SVG, drawn here so that they need no script, can be printed, and are read aloud as lists of links.

Colours are presentation attributes, which a picture keeps when it stands alone; a style sheet overrides them in a page.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INK, _MUTED, _LINE, _ACCENT, _PAPER = "#22262b", "#6b7280", "#b9c0c8", "#1f5a8a", "#ffffff"
_FONT = 'font-family="system-ui, sans-serif"'
_ROW = 22
_GROUP_GAP = 12


@dataclass(frozen=True)
class Neighbour:
    """A thing beside another: its name, its address, and whether the link between them only follows from others."""

    name: str
    address: str
    inferred: bool = False


@dataclass(frozen=True)
class Span:
    """A line of a timeline: a name, its address, first and last day as ISO 8601 dates (empty if open), a wording."""

    name: str
    address: str
    begin: str
    end: str
    wording: str = ""


def neighbourhood(
    name: str,
    incoming: Sequence[tuple[str, Sequence[Neighbour], int]],
    outgoing: Sequence[tuple[str, Sequence[Neighbour], int]],
    most: int,
) -> str:
    """Return the SVG of a thing: on the left what points at it, on the right what it points at.

    Each side is a list of properties, each with its name, some of its things and the number of all; ``most`` limits the
    things of a side.
    """
    left, right = _chosen(incoming, most), _chosen(outgoing, most)
    height = max(_height(left), _height(right), 90)
    width = 960
    middle = height / 2
    parts = [
        f'<svg class="neighbourhood" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" '
        f'role="group" aria-label="{escape(name)} and its neighbours" {_FONT} font-size="13">',
        _side(left, middle, height, right=False),
        _side(right, middle, height, right=True),
        f'<rect class="centre" x="370" y="{middle - 30:g}" width="220" height="60" rx="8" fill="{_ACCENT}"/>',
    ]
    lines = _wrapped(name, 28, 3)
    for number, line in enumerate(lines):
        y = middle + 5 + (number - (len(lines) - 1) / 2) * 16
        parts.append(
            f'<text class="centre-name" x="480" y="{y:g}" text-anchor="middle" fill="{_PAPER}" font-weight="600">'
            f"{escape(line)}</text>"
        )
    return "".join([*parts, "</svg>"])


def timeline(title: str, spans: Sequence[Span], first: int, last: int) -> str:
    """Return the SVG of ``spans`` over the years ``first`` to ``last``, both whole; what lies outside is cut off."""
    names, left, right, top = 300, 310, 950, 26
    height = top + len(spans) * _ROW + 8
    begin, end = date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal()

    def x(day: int) -> float:
        return left + (right - left) * (min(max(day, begin), end) - begin) / (end - begin)

    parts = [
        f'<svg class="timeline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height}" role="group" '
        f'aria-label="{escape(title)}" {_FONT} font-size="12">'
    ]
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (last - first + 1) / s <= 13)
    for year in range(first + -first % step, last + 1, step):
        at = x(date(year, 1, 1).toordinal())
        parts.append(
            f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{top - 6}" y2="{height}" stroke="{_LINE}" '
            f'stroke-width="0.6"/><text class="tick" x="{at:.1f}" y="14" text-anchor="middle" fill="{_MUTED}">'
            f"{year}</text>"
        )
    for number, span in enumerate(spans):
        y = top + number * _ROW + 9
        parts.append(
            f'<a href="{escape(span.address)}"><title>{escape(_days(span))}</title>'
            f'<text class="name" x="{names}" y="{y + 4}" text-anchor="end" fill="{_INK}">'
            f"{escape(_shortened(span.name, 42))}</text>{_bar(span, x, y)}</a>"
        )
    return "".join([*parts, "</svg>"])


def _bar(span: Span, x: _Scale, y: float) -> str:
    begin, end = _day(span.begin), _day(span.end)
    if begin is not None and end is not None and x(end) - x(begin) < 5:
        return f'<circle class="bar" cx="{(x(begin) + x(end)) / 2:.1f}" cy="{y}" r="4.5" fill="{_ACCENT}"/>'
    start = x(begin) if begin is not None else x(0)
    stop = x(end) if end is not None else x(date.max.toordinal())
    drawn = f'<rect class="bar" x="{start:.1f}" y="{y - 5}" width="{max(stop - start, 2):.1f}" height="10" rx="2" '
    if begin is not None and end is not None:
        return f'{drawn}fill="{_ACCENT}"/>'
    # An open end is drawn lighter, with a mark at the end that is known.
    known = start if begin is not None else stop
    return (
        f'{drawn}fill="{_ACCENT}" fill-opacity="0.35"/>'
        f'<rect class="bar" x="{known - 1.5:.1f}" y="{y - 7}" width="3" height="14" fill="{_ACCENT}"/>'
    )


def _days(span: Span) -> str:
    days = f"{span.begin or '?'} to {span.end or 'open'}" if span.begin != span.end else span.begin
    return f"{span.name}: {days}" + (f" ({span.wording})" if span.wording else "")


def _day(text: str) -> int | None:
    try:
        return date.fromisoformat(text[:10]).toordinal() if text else None
    except ValueError:
        return None


def _chosen(
    groups: Sequence[tuple[str, Sequence[Neighbour], int]], most: int
) -> list[tuple[str, list[Neighbour], int]]:
    """Return at most ``most`` neighbours, spread over the groups so that each has one before any has four."""
    share = max(1, most // max(len(groups), 1))
    chosen: list[tuple[str, list[Neighbour], int]] = []
    left = most
    for name, neighbours, total in groups:
        taken = list(neighbours[: min(share, left)])
        if taken:
            chosen.append((name, taken, total))
            left -= len(taken)
    return chosen


def _height(groups: Sequence[tuple[str, Sequence[Neighbour], int]]) -> float:
    return sum((len(things) + 1) * _ROW + _GROUP_GAP for _, things, _ in groups) + 8


def _side(groups: Sequence[tuple[str, Sequence[Neighbour], int]], middle: float, height: float, *, right: bool) -> str:
    """Return one side of a neighbourhood: a bracket for each property, with its name and its things."""
    edge, bracket, text = (590, 640, 652) if right else (370, 320, 308)
    anchor = "start" if right else "end"
    parts: list[str] = []
    y = (height - _height(groups)) / 2 + 4
    for name, things, total in groups:
        top, bottom = y + 4, y + (len(things) + 1) * _ROW - 2
        centre = (top + bottom) / 2
        curve = (edge + bracket) / 2
        dashed = ' stroke-dasharray="3 3"' if all(thing.inferred for thing in things) else ""
        parts.append(
            f'<path class="edge" d="M{edge} {middle:g} C{curve:g} {middle:g} {curve:g} {centre:g} {bracket} {centre:g}'
            f' M{bracket} {top:g} V{bottom:g}" fill="none" stroke="{_LINE}" stroke-width="1.2"{dashed}/>'
        )
        more = f" · {len(things)} of {total}" if total > len(things) else ""
        parts.append(
            f'<text class="property" x="{text}" y="{y + 15:g}" text-anchor="{anchor}" fill="{_MUTED}" font-size="11.5">'
            f"{escape(_shortened(name, 30))}{more}</text>"
        )
        for number, thing in enumerate(things, start=1):
            parts.append(
                f'<a href="{escape(thing.address)}"><title>{escape(thing.name)}</title>'
                f'<text class="neighbour" x="{text}" y="{y + 15 + number * _ROW:g}" text-anchor="{anchor}" '
                f'fill="{_INK}">{escape(_shortened(thing.name, 40))}</text></a>'
            )
        y += (len(things) + 1) * _ROW + _GROUP_GAP
    return "".join(parts)


def _width(text: str) -> int:
    """Return how wide a text is in columns; East Asian characters take two (UAX 11)."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _shortened(text: str, columns: int) -> str:
    if _width(text) <= columns:
        return text
    while text and _width(text) > columns - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _wrapped(text: str, columns: int, most: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(lines[-1]) + 1 + _width(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), columns)]
    return [_shortened(line, columns) for line in lines]


if TYPE_CHECKING:
    from typing import Protocol

    class _Scale(Protocol):
        def __call__(self, day: int, /) -> float: ...
