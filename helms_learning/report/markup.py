"""HTML elements. Text is escaped; markup has a type of its own, `Html`."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import NewType

from helms_learning.report.figures.style import DARK, LIGHT, Draw, png

Html = NewType("Html", str)
Cell = tuple[str, str]
"""Text of a table cell, and text in small type below it."""


def paragraph(words: str, kind: str = "") -> Html:
    """Return a paragraph, with an optional class."""
    return Html(f"<p{_class(kind)}>{escape(words)}</p>\n")


def code(words: str) -> Html:
    """Return command lines."""
    return Html(f"<pre>{escape(words)}</pre>\n")


def section(name: str, title: str, *parts: Html) -> Html:
    """Return a section with a heading; `name` is its anchor."""
    return Html(f'<section id="{name}">\n<h2>{escape(title)}</h2>\n{"".join(parts)}</section>\n')


def figure(draw: Draw, height: float, told: str, caption: str = "") -> Html:
    """Return a picture in a light and a dark version; the browser's colour scheme selects.

    Args:
        draw: draws the figure.
        height: of the figure, inches.
        told: alternative text.
        caption: text below the picture.
    """
    light, dark = (base64.b64encode(png(draw, height, theme)).decode() for theme in (LIGHT, DARK))
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return Html(
        '<figure><picture><source media="(prefers-color-scheme: dark)" '
        f'srcset="data:image/png;base64,{dark}">'
        f'<img src="data:image/png;base64,{light}" alt="{escape(told)}"></picture>{below}</figure>\n'
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str | Cell]], numbers: Sequence[int] = ()) -> Html:
    """Return a table; the first column is the row header.

    Args:
        heads: of the columns.
        rows: of cells.
        numbers: right-aligned columns, from 0.
    """
    kinds = [_class("number") if index in numbers else "" for index in range(len(heads))]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(heads, kinds, strict=True))
    body = "".join(f"<tr>{_row(row, kinds)}</tr>\n" for row in rows)
    return Html(f'<div class="table"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n')


def facts(rows: Iterable[tuple[str, str]]) -> Html:
    """Return a table of names and values."""
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(said)}</td></tr>\n' for name, said in rows)
    return Html(f'<table class="facts"><tbody>{body}</tbody></table>\n')


def details(title: str, *parts: Html) -> Html:
    """Return a collapsed section."""
    return Html(f"<details><summary>{escape(title)}</summary>\n{''.join(parts)}</details>\n")


def numbers(entries: Iterable[tuple[str, str, str]]) -> Html:
    """Return a row of large numbers: name, number, caption."""
    body = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(below)}</small></dd></div>\n"
        for name, value, below in entries
    )
    return Html(f'<dl class="numbers">{body}</dl>\n')


def _row(cells: Sequence[str | Cell], kinds: Sequence[str]) -> str:
    done = []
    for index, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
        said, small = (cell, "") if isinstance(cell, str) else cell
        within = escape(said) + (f"<small>{escape(small)}</small>" if small else "")
        done.append(f'<th scope="row"{kind}>{within}</th>' if index == 0 else f"<td{kind}>{within}</td>")
    return "".join(done)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
