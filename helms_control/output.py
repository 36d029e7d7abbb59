"""Machine-readable output: one JSON object as the last line of standard output."""

import json
import math
from collections.abc import Mapping
from typing import Any

import click
import numpy as np

from helms_control.errors import HelmsError


def json_line(obj: Mapping[str, Any]) -> str:
    """Return one JSON object on one line.

    Args:
        obj: plain values; numpy scalars and arrays become numbers and lists.

    Raises:
        HelmsError: not an object, a value that JSON cannot hold, or NaN or infinity; the message says where.
    """
    if not isinstance(obj, Mapping):
        raise HelmsError(f"machine-readable output must be one JSON object, got {type(obj).__name__}")
    plain = _plain(obj, "")
    return json.dumps(plain, separators=(",", ":"), allow_nan=False)


def echo_json(obj: Mapping[str, Any]) -> None:
    """Print the object to standard output as one line of JSON; a command calls it once, last.

    Raises:
        HelmsError: as `json_line`.
    """
    click.echo(json_line(obj))


def _plain(value: object, where: str) -> object:
    """Convert a value to types that json can encode; `where` is its path in the object."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(item, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise HelmsError(f"{where} is {value}, which JSON cannot hold; leave it out or report null")
    if value is None or isinstance(value, str | int | float):
        return value
    raise HelmsError(f"{where} is of type {type(value).__name__}, which JSON cannot hold; convert it before printing")


def _key(key: object, where: str) -> str:
    """Return a key; refuse types that json would silently convert to a string."""
    if not isinstance(key, str):
        raise HelmsError(f"{where or 'the object'} has the key {key!r}; keys of JSON objects must be strings")
    return key
