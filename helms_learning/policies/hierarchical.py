"""HeLMS: a categorical high level, a mid level with a Gaussian for each skill, and a low level."""

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal
from torch.nn import functional

from helms_learning.losses.elbo import Elbo, action_log_likelihood, elbo, latent_kl, mutual_information, sticky_prior
from helms_learning.networks.levels import HighLevel, LowLevel, MidLevel
from helms_learning.networks.posterior import SkillPosterior
from helms_learning.policies.base import LevelModule, Loss, Policy, decided
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.inputs import Inputs, dropped
from helms_learning.policies.weights import Weights


class Hierarchical(Policy):
    """High p(y | x), mid q(z | y, x) and low p(a | z, x), learned with a posterior over skills (equation 12)."""

    KIND = "hierarchical"

    def __init__(self, config: PolicyConfig) -> None:
        """Build the networks."""
        super().__init__(config)
        size = sum(self.features.sizes)
        self.high = HighLevel(size, config.skills, config.width)
        self.mid = MidLevel(size, config.skills, config.latent, config.width)
        self.low = LowLevel(self.features, config.latent, config.width)
        ahead = config.look_ahead * sum(self.features.frame_sizes)
        self.posterior = SkillPosterior(size + ahead, config.skills, config.width)

    def loss(self, inputs: Inputs, targets: Tensor, weights: Weights, noise: torch.Generator | None) -> Loss:
        """Return the negative bound with exactly marginalised skills, and the high level's cross-entropy."""
        config, (batch, steps, _) = self.config, targets.shape
        inputs = dropped(inputs, config.input_dropout, noise)
        flat, goals = inputs.all.flatten(0, 1), targets.flatten(0, 1)
        latents = self.mid(flat)
        means = self.low(inputs.robot.flatten(0, 1), latents.sample(noise), inputs.plain.flatten(0, 1))

        def windows(values: Tensor) -> Tensor:
            return values.reshape(-1, batch, steps).movedim(0, -1)

        likelihood = windows(action_log_likelihood(goals, means, config.action_sigma))
        divergence = windows(latent_kl(latents.mean, latents.sigma))
        transitions = self.posterior(flat, inputs.future.flatten(0, 1)).unflatten(0, (batch, steps))
        prior = sticky_prior(config.skills, config.sticky_prob).to(transitions)
        bound = elbo(likelihood, divergence, transitions, prior)
        logits = self.high(flat)
        high = functional.cross_entropy(logits, bound.marginals.detach().flatten(0, 1))
        error = (windows((means - goals).square().mean(-1)) * bound.marginals).sum(-1).mean().sqrt()
        total = weights.high * high - bound.value(weights.beta_y, weights.beta_z)
        if weights.mutual_information:
            total = total - weights.mutual_information * mutual_information(bound.marginals)
        terms = _terms(bound, weights) | {"high": high, "high_agrees": _agreement(bound, logits), "error": error}
        return Loss(total, {name: value.detach() for name, value in terms.items()})

    def distribution(self, inputs: Inputs) -> MixtureSameFamily:
        """Return the mixture over skills of Gaussians over actions."""
        flat = inputs.all.flatten(0, -2)
        means = self.low(inputs.robot.flatten(0, -2), self.mid(flat).mean, inputs.plain.flatten(0, -2)).movedim(0, 1)
        lead = inputs.all.shape[:-1]
        components = Independent(Normal(means.reshape(*lead, *means.shape[1:]), self.config.action_sigma), 1)
        return MixtureSameFamily(Categorical(logits=self.high(inputs.all)), components)

    def levels(self) -> dict[str, nn.Module]:
        """Return the levels high, mid and low."""
        return {"high": _High(self), "mid": _Mid(self), "low": DecodedLatent(self)}


class _High(LevelModule):
    """From robot (1, R) and scene (1, S) to probabilities (1, K)."""

    policy: Hierarchical

    def forward(self, robot: Tensor, scene: Tensor) -> Tensor:
        return torch.softmax(self.policy.high(self.policy.normalised(robot, scene)), -1)


class _Mid(LevelModule):
    """From robot (1, R), scene (1, S) and skill (1,) to the mean latent (1, Z)."""

    policy: Hierarchical

    def forward(self, robot: Tensor, scene: Tensor, skill: Tensor) -> Tensor:
        return self.policy.mid.mean_of(self.policy.normalised(robot, scene), skill)


class DecodedLatent(LevelModule):
    """From robot (1, R) and latent (1, Z) to the mean action (1, 5), the finger command rounded."""

    def forward(self, robot: Tensor, latent: Tensor) -> Tensor:
        """Return the action."""
        return decided(self.policy.low(self.policy.normaliser.robot(robot), latent, robot))  # type: ignore[operator]


def _terms(bound: Elbo, weights: Weights) -> dict[str, Tensor]:
    return {
        "elbo": bound.value(weights.beta_y, weights.beta_z),
        "reconstruction": bound.reconstruction,
        "latent_kl": bound.latent_kl,
        "skill_kl": bound.skill_kl,
        "least_used": bound.marginals.mean((0, 1)).min(),
        "mutual_information": mutual_information(bound.marginals),
    }


def _agreement(bound: Elbo, logits: Tensor) -> Tensor:
    """Return the share of steps at which high level and posterior choose the same skill."""
    return (logits.argmax(-1) == bound.marginals.argmax(-1).flatten()).float().mean()
