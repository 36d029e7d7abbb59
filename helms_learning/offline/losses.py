"""Losses: negative bound (equation 12) and high-level cross-entropy; for a clone the negative log-likelihood."""

import torch
from torch import Tensor
from torch.nn import functional

from helms_learning.models.behaviour import BehaviourClone
from helms_learning.models.skills import Inputs, SkillModel
from helms_learning.offline.config import Weights
from helms_learning.offline.elbo import (
    Elbo,
    action_log_likelihood,
    autoregressive_kl,
    elbo,
    latent_kl,
    sticky_prior,
)

Model = SkillModel | BehaviourClone


def loss(
    model: Model, inputs: Inputs, targets: Tensor, weights: Weights, noise: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss, a scalar (mean over windows and steps), and its terms.

    Args:
        model: of any kind.
        inputs: of B windows of T steps.
        targets: (B, T, 5), demonstrated actions.
        weights: of the terms.
        noise: generator for latents and input dropout; None uses the mean latents and no dropout.
    """
    if isinstance(model, BehaviourClone):
        means = model(hidden(inputs, model.config.hide, noise).all)
        likelihood = action_log_likelihood(targets, means, model.config.action_sigma).mean()
        error = (means - targets).square().mean().sqrt()
        return -likelihood, {"reconstruction": likelihood.detach(), "error": error.detach()}
    return _skill_loss(model, inputs, targets, weights, noise)


def _skill_loss(
    model: SkillModel, inputs: Inputs, targets: Tensor, weights: Weights, noise: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    config, (batch, steps, _) = model.config, targets.shape
    inputs = hidden(inputs, config.hide, noise)
    flat = inputs.all.flatten(0, 1)
    latents = model.mid(flat)
    sample = latents.mean
    if noise is not None:
        sample = sample + latents.sigma * torch.randn(
            sample.shape, generator=noise, device=sample.device, dtype=sample.dtype
        )
    means = model.low(inputs.own.flatten(0, 1), sample)

    def windows(values: Tensor) -> Tensor:
        return values.reshape(-1, batch, steps).movedim(0, -1)

    likelihood = windows(action_log_likelihood(targets.flatten(0, 1), means, config.action_sigma))
    if config.autoregression:
        divergence = _autoregressive(latents.mean, latents.sigma, sample, (batch, steps), config.autoregression)
    else:
        divergence = windows(latent_kl(latents.mean, latents.sigma))
    transitions = model.posterior(flat, inputs.future.flatten(0, 1)).unflatten(0, (batch, steps))
    prior = sticky_prior(config.skills, config.stay).to(transitions)
    terms = elbo(likelihood, divergence, transitions, prior)
    logits = model.high(flat)
    high = functional.cross_entropy(logits, terms.marginals.detach().flatten(0, 1))
    error = (windows((means - targets.flatten(0, 1)).square().mean(-1)) * terms.marginals).sum(-1).mean().sqrt()
    total = -terms.bound(weights.beta_y, weights.beta_z) + weights.high * high
    if weights.information:
        total = total - weights.information * information(terms.marginals)
    return total, {name: value.detach() for name, value in _named(terms, weights, high, logits, error).items()}


def hidden(inputs: Inputs, share: float, noise: torch.Generator | None) -> Inputs:
    """Return inputs with dropout, drawn for each step; unchanged without a generator.

    The first three are kept: among them the heading, by which velocities are rotated (`features.to_base`).
    """
    if noise is None or share == 0.0:
        return inputs
    kept = (torch.rand(inputs.all.shape, generator=noise, device=inputs.all.device) >= share).to(inputs.all)
    kept[..., :3] = 1.0
    return Inputs(inputs.own * kept[..., : inputs.own.shape[-1]], inputs.all * kept, inputs.future)


def information(marginals: Tensor) -> Tensor:
    """Return the mutual information H(mean q(y | x)) - mean H(q(y | x)), a scalar in nats, for (B, T, K).

    0 if skill and input are independent; log K if all skills are used equally and every choice is certain.
    Source: regularised information maximisation (Krause et al. 2010), without its regulariser.
    """
    return _entropy(marginals.mean((0, 1))) - _entropy(marginals).mean()


def _entropy(shares: Tensor) -> Tensor:
    return -(shares * shares.clamp_min(1e-9).log()).sum(-1)


def _autoregressive(mean: Tensor, sigma: Tensor, sample: Tensor, shape: tuple[int, int], alpha: float) -> Tensor:
    """Return the KL to the AR(1) prior, (B, T, 1); to N(0, I) in the first step of a window."""
    mean, sigma, sample = (values[0].reshape(*shape, -1) for values in (mean, sigma, sample))
    first = latent_kl(mean[:, :1], sigma[:, :1])
    rest = autoregressive_kl(mean[:, 1:], sigma[:, 1:], sample[:, :-1], alpha)
    return torch.cat([first, rest], 1).unsqueeze(-1)


def _named(terms: Elbo, weights: Weights, high: Tensor, logits: Tensor, error: Tensor) -> dict[str, Tensor]:
    usage = terms.marginals.mean((0, 1))
    agree = (logits.argmax(-1) == terms.marginals.argmax(-1).flatten()).float().mean()
    return {
        "elbo": terms.bound(weights.beta_y, weights.beta_z),
        "reconstruction": terms.reconstruction,
        "latent_kl": terms.latent_kl,
        "skill_kl": terms.skill_kl,
        "high": high,
        "high_agrees": agree,
        "least_used": usage.min(),
        "information": information(terms.marginals),
        "error": error,
    }
