"""Errors that helms raises on purpose.

A message says what was wrong, what was received, what is allowed and what to do next; the command line prints it
without a traceback and exits with a non-zero status.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

Value = TypeVar("Value")


class HelmsError(Exception):
    """Base class of errors that the user can fix."""


class UnknownNameError(HelmsError):
    """A name that is not among the valid names."""


def unknown(kind: str, got: object, allowed: Iterable[object]) -> UnknownNameError:
    """Build the error for an unknown name.

    Args:
        kind: what the name stands for, for instance "object set".
        got: the name received.
        allowed: all valid names.

    Returns:
        The error to raise; it lists the valid names and the nearest one.
    """
    names = [str(name) for name in allowed]
    near = get_close_matches(str(got), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UnknownNameError(f"unknown {kind} {got!r}; choose one of: {', '.join(names)}.{hint}")


def named(kind: str, name: str, known: Mapping[str, Value]) -> Value:
    """Return the value of a name.

    Args:
        kind: what the name stands for, for messages.
        name: received.
        known: values by name.

    Raises:
        UnknownNameError: nothing has that name; the message lists those that exist.
    """
    try:
        return known[name]
    except KeyError as error:
        raise unknown(kind, name, known) from error
