"""What can be wrong with a bundle, or with what a policy is given."""

from helms_control.errors import HelmsError


class BundleError(HelmsError):
    """A bundle that must not be run."""


class PolicyInputError(HelmsError):
    """An input that a level refuses, or an output that must not be acted upon."""
