"""Errors of the contract."""

from helms_control.errors import HelmsError


class ContractError(HelmsError):
    """A field, an observation or a vector that does not fit the contract."""


class ActionError(ContractError):
    """An action that cannot be sent to a robot."""


class SpecMismatchError(HelmsError):
    """A bundle, data set or bag that was made for another contract."""
