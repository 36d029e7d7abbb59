"""Errors of communication with a peer."""

from helms_control.errors import HelmsError


class UnreachableError(HelmsError):
    """No answer, or not in time."""


class ProtocolError(HelmsError):
    """A peer violates the protocol."""


class RefusedError(HelmsError):
    """A peer or this side refuses: types differ, or the peer reports an error."""
