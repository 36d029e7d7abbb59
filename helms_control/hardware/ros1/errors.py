"""What can go wrong with a peer."""

from helms_control.errors import HelmsError


class UnreachableError(HelmsError):
    """Nobody answers, or not in time."""


class ProtocolError(HelmsError):
    """A peer does not speak the protocol."""


class RefusedError(HelmsError):
    """A peer, or this side, refuses: types differ, or the peer says so."""
