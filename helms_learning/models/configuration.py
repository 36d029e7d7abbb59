"""Configuration of a model."""

from dataclasses import dataclass

from helms_control.errors import HelmsError, unknown

KINDS = ("helms", "npmp", "bc")
INPUTS = ("raw", "tool")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Sizes and priors; defaults from the paper's table 5 unless noted.

    Raises:
        HelmsError: an invalid value.
    """

    kind: str = "helms"
    """"helms"; "npmp" (one component); "bc" (one network, no latent)."""
    skills: int = 5
    """Number of skills, K."""
    latent: int = 8
    """Size of the latent, Z."""
    width: int = 256
    """Units in each of the two hidden layers of every network."""
    inputs: str = "raw"
    """"raw": the contract's numbers, as in the paper; "tool": hand-made features, see `models.features`."""
    hide: float = 0.0
    """Input dropout in training: fraction of the inputs set to zero; not in the paper."""
    look_ahead: int = 5
    """Number of future frames in the posterior over skills."""
    stay: float = 0.9
    """Diagonal of the transition prior p(y_t | y_t-1); 1 / K is uniform. Not given in the paper."""
    autoregression: float = 0.0
    """alpha of the AR(1) latent prior N(alpha z', (1 - alpha^2) I) of npmp; 0 gives N(0, I)."""
    action_sigma: float = 0.1
    """Standard deviation of p(a | z, x), normalised action."""

    def __post_init__(self) -> None:
        """Check the values."""
        if self.kind not in KINDS:
            raise unknown("model", self.kind, KINDS)
        if self.inputs not in INPUTS:
            raise unknown("inputs", self.inputs, INPUTS)
        if self.kind != "helms" and self.skills != 1:
            raise HelmsError(f"model.skills is {self.skills}; {self.kind} has one component: set it to 1")
        if self.autoregression and self.kind != "npmp":
            raise HelmsError(f"model.autoregression is {self.autoregression}; only npmp has such a prior: set it to 0")
        if not (1 <= self.skills <= 255 and self.latent >= 1 and self.width >= 1 and self.look_ahead >= 0):
            raise HelmsError("model: skills must be 1 to 255, latent and width 1 or more, look_ahead 0 or more")
        if not 0.0 <= self.hide < 1.0:
            raise HelmsError(f"model.hide is {self.hide}; allowed is 0 to below 1")
        if not (0.0 < self.stay < 1.0 and 0.0 <= self.autoregression < 1.0 and self.action_sigma > 0.0):
            raise HelmsError("model: stay must lie between 0 and 1, autoregression in [0, 1), action_sigma above 0")
