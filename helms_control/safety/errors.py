"""Errors of the safety layer."""

from helms_control.errors import HelmsError


class SafetyError(HelmsError):
    """Limits that contradict each other, or a robot that cannot be armed now."""
