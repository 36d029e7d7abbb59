"""Launch arguments: names and descriptions of the fields of `GraphSettings`, and their parser."""

import ast
import inspect
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from helms_control.errors import HelmsError, unknown
from helms_control.graph.description import GraphSettings

_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


def _sentences() -> dict[str, str]:
    """Return the docstring under each field of `GraphSettings`."""
    body = ast.parse(inspect.getsource(GraphSettings)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for item, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and isinstance(after, ast.Expr):
            found[item.target.id] = str(ast.literal_eval(after.value))
    return found


ARGUMENTS: Mapping[str, str] = _sentences()
"""Description of each launch argument, by name."""


def settings_from(values: Mapping[str, str], defaults: GraphSettings) -> GraphSettings:
    """Parse settings from text, such as the arguments of a launch file.

    Args:
        values: texts by field name.
        defaults: values of the other fields.

    Raises:
        HelmsError: an unknown name, or a text that does not parse as the field's type.
    """
    known = {item.name: item for item in fields(GraphSettings)}
    read: dict[str, Any] = {}
    for name, text in values.items():
        if name not in known:
            raise unknown("argument", name, known)
        read[name] = _value(name, text, type(getattr(defaults, name)))
    return replace(defaults, **read)


def _value(name: str, text: str, kind: type) -> object:
    if kind is bool:
        if text.lower() in (*_TRUE, *_FALSE):
            return text.lower() in _TRUE
    elif kind is str:
        return text
    else:
        try:
            return kind(text)
        except ValueError:
            pass
    raise HelmsError(f"argument {name} is {text!r}; it must be of type {kind.__name__}")
