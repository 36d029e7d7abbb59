"""Errors of bundles, and of inputs and outputs of policies."""

from helms_control.errors import HelmsError


class BundleError(HelmsError):
    """A bundle that is incomplete, changed or incompatible."""


class PolicyInputError(HelmsError):
    """An invalid input of a level, or an output that is not finite."""
