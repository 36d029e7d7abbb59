"""Configuration of a policy."""

from dataclasses import dataclass

from helms_control.errors import HelmsError, unknown
from helms_control.features.features import features_named
from helms_control.features.roles import ORDERS

KINDS = ("hierarchical", "npmp", "clone")


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """Sizes and priors; defaults from the paper's table 5 unless noted.

    Raises:
        HelmsError: an invalid value.
    """

    kind: str = "hierarchical"
    """"hierarchical" (HeLMS); "npmp" (one component, no high level); "clone" (one network, no latent)."""
    features: str = "raw"
    """"raw": the contract's numbers, as in the paper; "tool"; or "affordances", see `helms_control.features`."""
    order: str = "colours"
    """Order of the objects: "colours" (red, green, blue), as in the paper; "roles": those of the task."""
    skills: int = 5
    """Number of skills, K; 1 for other kinds than hierarchical."""
    latent: int = 8
    """Size of the latent, Z."""
    width: int = 256
    """Units in each of the two hidden layers of every network."""
    input_dropout: float = 0.0
    """Fraction of the inputs set to zero in training; not in the paper."""
    look_ahead: int = 5
    """Number of future frames in the posterior over skills."""
    sticky_prob: float = 0.9
    """Diagonal of the transition prior p(y_t | y_t-1); 1 / K is uniform. Not given in the paper."""
    autoregression: float = 0.0
    """alpha of the AR(1) latent prior N(alpha z', (1 - alpha^2) I) of npmp; 0 gives N(0, I)."""
    action_sigma: float = 0.1
    """Standard deviation of p(a | z, x), normalised action."""

    def __post_init__(self) -> None:
        """Check the values."""
        if self.kind not in KINDS:
            raise unknown("policy", self.kind, KINDS)
        features_named(self.features)
        if self.order not in ORDERS:
            raise unknown("order of the objects", self.order, ORDERS)
        if self.kind != "hierarchical" and self.skills != 1:
            raise HelmsError(f"policy.skills is {self.skills}; {self.kind} has one component: set it to 1")
        if self.autoregression and self.kind != "npmp":
            raise HelmsError(f"policy.autoregression is {self.autoregression}; only npmp has such a prior: set it to 0")
        if not (1 <= self.skills <= 255 and self.latent >= 1 and self.width >= 1 and self.look_ahead >= 0):
            raise HelmsError("policy: skills must be 1 to 255, latent and width 1 or more, look_ahead 0 or more")
        if not 0.0 <= self.input_dropout < 1.0:
            raise HelmsError(f"policy.input_dropout is {self.input_dropout}; allowed is 0 to below 1")
        if not (0.0 < self.sticky_prob < 1.0 and 0.0 <= self.autoregression < 1.0 and self.action_sigma > 0.0):
            raise HelmsError(
                "policy: sticky_prob must lie between 0 and 1, autoregression in [0, 1), action_sigma above 0"
            )
