"""Weights of the terms of the losses."""

from dataclasses import dataclass

from helms_control.errors import HelmsError


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the loss terms; beta_y and beta_z are those of the paper's table 5.

    Raises:
        HelmsError: a negative weight.
    """

    beta_y: float = 1.0
    """Weight of the KL between posterior and prior transitions."""
    beta_z: float = 0.1
    """Weight of the KL between each skill's latents and their prior."""
    high: float = 1.0
    """Weight of the cross-entropy between the high level and the posterior."""
    mutual_information: float = 0.0
    """Weight of the mutual information of skill and input, which is maximised; not in the paper. The bound alone
    tolerates one skill for all inputs, or uncertain ones."""

    def __post_init__(self) -> None:
        """Check the weights."""
        if min(self.beta_y, self.beta_z, self.high, self.mutual_information) < 0.0:
            raise HelmsError(f"weights must be 0 or more; got {self}")
