"""The evidence lower bound with exactly marginalised skills: equations 12 and 13 of the paper's appendix C.

B windows, T steps, K skills, latent of size Z. Only the latent is sampled.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Elbo(NamedTuple):
    """Terms of the bound of equation 12, as means over windows and steps; scalars but for the marginals.

    Attributes:
        reconstruction: E log p(a | z, x).
        latent_kl: E KL(q(z | y, x) || p(z)).
        skill_kl: E KL(q(y_t | y_t-1, x) || p(y_t | y_t-1)).
        marginals: q(y_t | x_1:t), (B, T, K).
    """

    reconstruction: Tensor
    latent_kl: Tensor
    skill_kl: Tensor
    marginals: Tensor

    def value(self, beta_y: float, beta_z: float) -> Tensor:
        """Return the bound of equation 12, its KL terms weighted."""
        return self.reconstruction - beta_z * self.latent_kl - beta_y * self.skill_kl


def marginalise(log_transitions: Tensor, start: Tensor) -> Tensor:
    """Return the marginal posterior q(y_t | x_1:t) for t = 0..T, (B, T + 1, K), by equation 13.

    Args:
        log_transitions: log q(y_t | y_t-1, x), (B, T, K, K); rows are previous skills.
        start: q(y_0), (K,).
    """
    belief = start.expand(len(log_transitions), -1)
    beliefs = [belief]
    for step in log_transitions.exp().unbind(1):
        belief = torch.bmm(belief.unsqueeze(1), step).squeeze(1)
        beliefs.append(belief)
    return torch.stack(beliefs, 1)


def elbo(log_likelihood: Tensor, latent_kl: Tensor, log_transitions: Tensor, log_prior: Tensor) -> Elbo:
    """Return the terms of equation 12.

    Args:
        log_likelihood: log p(a_t | z_t, x_t) with z_t ~ q(z_t | y_t, x_t) of each skill, (B, T, K).
        latent_kl: KL(q(z_t | y_t, x_t) || p(z_t)) of each skill, (B, T, K).
        log_transitions: log q(y_t | y_t-1, x), (B, T, K, K); rows are previous skills.
        log_prior: log p(y_t | y_t-1), (K, K).
    """
    skills = log_prior.shape[-1]
    # The skill before the window is unknown: q(y_0) = p(y_0) = 1 / K, which adds nothing to the bound.
    beliefs = marginalise(log_transitions, log_prior.new_full((skills,), 1.0 / skills))
    before, now = beliefs[:, :-1], beliefs[:, 1:]
    divergence = (log_transitions.exp() * (log_transitions - log_prior)).sum(-1)

    def expected(term: Tensor, belief: Tensor) -> Tensor:
        return (belief * term).sum(-1).mean()

    return Elbo(expected(log_likelihood, now), expected(latent_kl, now), expected(divergence, before), now)


def sticky_prior(skills: int, stay: float) -> Tensor:
    """Return the transition prior log p(y_t | y_t-1), (K, K): `stay` on the diagonal, uniform elsewhere."""
    if skills == 1:
        return torch.zeros(1, 1)
    prior = torch.full((skills, skills), (1.0 - stay) / (skills - 1))
    return prior.fill_diagonal_(stay).log()


def action_log_likelihood(actions: Tensor, means: Tensor, sigma: float) -> Tensor:
    """Return log N(a; mean, sigma^2 I), (...), for (..., 5): reconstruction in equation 12."""
    constant = actions.shape[-1] * (math.log(sigma) + 0.5 * math.log(2.0 * math.pi))
    return -0.5 * ((actions - means) / sigma).square().sum(-1) - constant


def latent_kl(mean: Tensor, sigma: Tensor) -> Tensor:
    """Return KL(N(mean, sigma^2) || N(0, I)), (...), for (..., Z): latent KL in equation 12."""
    return 0.5 * (mean.square() + sigma.square() - 1.0).sum(-1) - sigma.log().sum(-1)


def autoregressive_kl(mean: Tensor, sigma: Tensor, before: Tensor, alpha: float) -> Tensor:
    """Return KL(N(mean, sigma^2) || N(alpha z', (1 - alpha^2) I)), (...): the AR(1) prior of NPMP (Merel et al. 2019).

    Args:
        mean: (..., Z).
        sigma: (..., Z).
        before: z', sample of the step before, (..., Z).
        alpha: in [0, 1); 0 gives `latent_kl`.
    """
    variance = 1.0 - alpha**2
    inner = ((mean - alpha * before).square() + sigma.square()) / variance
    return 0.5 * (inner - 1.0 + math.log(variance)).sum(-1) - sigma.log().sum(-1)


def mutual_information(marginals: Tensor) -> Tensor:
    """Return the mutual information H(mean q(y | x)) - mean H(q(y | x)), a scalar in nats, for (B, T, K).

    0 if skill and input are independent; log K if all skills are used equally and every choice is certain.
    Source: regularised information maximisation (Krause et al. 2010), without its regulariser.
    """
    return _entropy(marginals.mean((0, 1))) - _entropy(marginals).mean()


def _entropy(shares: Tensor) -> Tensor:
    return -(shares * shares.clamp_min(1e-9).log()).sum(-1)
