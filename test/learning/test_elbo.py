"""The marginalised ELBO against enumeration of all skill sequences, and KLs against torch.distributions."""

import itertools
import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MultivariateNormal, Normal, kl_divergence

from helms_learning.losses.elbo import (
    action_log_likelihood,
    autoregressive_kl,
    elbo,
    latent_kl,
    marginalise,
    mutual_information,
    sticky_prior,
)

BETA_Y, BETA_Z = 0.7, 0.3


def random_terms(batch: int, steps: int, skills: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(batch + 10 * steps + 100 * skills)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return {
        "log_likelihood": draw(batch, steps, skills).requires_grad_(),
        "latent_kl": draw(batch, steps, skills).square().requires_grad_(),
        "scores": draw(batch, steps, skills, skills).requires_grad_(),
    }


def enumerated(terms: dict[str, Tensor], log_transitions: Tensor, log_prior: Tensor) -> Tensor:
    """Sum equation 11 over all sequences y_0..y_T, each with its probability under q."""
    batch, steps, skills = terms["log_likelihood"].shape
    total = torch.zeros(batch, dtype=torch.float64)
    for sequence in itertools.product(range(skills), repeat=steps + 1):
        probability = torch.full((batch,), 1.0 / skills, dtype=torch.float64)
        value = torch.zeros(batch, dtype=torch.float64)
        for t in range(steps):
            before, now = sequence[t], sequence[t + 1]
            value = value + terms["log_likelihood"][:, t, now] - BETA_Z * terms["latent_kl"][:, t, now]
            # One sample of log q - log p; its expectation over all sequences is the sum of the divergences.
            value = value - BETA_Y * (log_transitions[:, t, before, now] - log_prior[before, now])
            probability = probability * log_transitions[:, t, before, now].exp()
        total = total + probability * value
    return (total / steps).mean()


@pytest.mark.parametrize(("steps", "skills"), [(1, 2), (3, 2), (4, 3), (3, 4)])
@pytest.mark.parametrize("sticky_prob", [0.9, 0.25])
def test_the_bound_and_its_gradients_equal_enumeration(steps: int, skills: int, sticky_prob: float) -> None:
    prior = sticky_prior(skills, sticky_prob).double()
    terms = random_terms(2, steps, skills)
    leaves = list(terms.values())
    log_transitions = torch.log_softmax(terms["scores"], -1)
    ours = elbo(terms["log_likelihood"], terms["latent_kl"], log_transitions, prior).value(BETA_Y, BETA_Z)
    theirs = enumerated(terms, log_transitions, prior)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    ours_grad = torch.autograd.grad(ours, leaves, retain_graph=True)
    theirs_grad = torch.autograd.grad(theirs, leaves)
    for one, other in zip(ours_grad, theirs_grad, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_the_posterior_over_skills_sums_to_one_at_every_step() -> None:
    transitions = torch.log_softmax(random_terms(5, 25, 7)["scores"], -1)
    beliefs = marginalise(transitions, torch.full((7,), 1 / 7, dtype=torch.float64))
    assert beliefs.shape == (5, 26, 7)
    torch.testing.assert_close(beliefs.sum(-1), torch.ones(5, 26, dtype=torch.float64))


def test_a_hand_worked_recursion() -> None:
    step = torch.tensor([[0.8, 0.2], [0.4, 0.6]])
    beliefs = marginalise(step.log().expand(1, 2, 2, 2), torch.tensor([0.5, 0.5]))
    # 0.5 * 0.8 + 0.5 * 0.4 = 0.6; then 0.6 * 0.8 + 0.4 * 0.4 = 0.64.
    torch.testing.assert_close(beliefs[0, :, 0], torch.tensor([0.5, 0.6, 0.64]))


def test_divergences_equal_those_of_torch_distributions() -> None:
    generator = torch.Generator().manual_seed(0)
    mean, before = (torch.randn(4, 8, generator=generator) for _ in range(2))
    sigma = 0.01 + torch.rand(4, 8, generator=generator)
    posterior = Independent(Normal(mean, sigma), 1)
    standard = Independent(Normal(torch.zeros(8), torch.ones(8)), 1)
    torch.testing.assert_close(latent_kl(mean, sigma), kl_divergence(posterior, standard))
    prior = Independent(Normal(0.9 * before, math.sqrt(1 - 0.9**2) * torch.ones(8)), 1)
    torch.testing.assert_close(autoregressive_kl(mean, sigma, before, 0.9), kl_divergence(posterior, prior))
    torch.testing.assert_close(autoregressive_kl(mean, sigma, before, 0.0), latent_kl(mean, sigma))


def test_the_transition_divergence_equals_that_of_torch_distributions() -> None:
    scores = random_terms(1, 1, 4)["scores"].detach()
    log_transitions, prior = torch.log_softmax(scores, -1), sticky_prior(4, 0.8).double()
    zero = torch.zeros(1, 1, 4, dtype=torch.float64)
    ours = elbo(zero, zero, log_transitions, prior).skill_kl
    rows = kl_divergence(Categorical(logits=log_transitions[0, 0]), Categorical(logits=prior))
    torch.testing.assert_close(ours, rows.mean())


def test_the_action_likelihood_equals_that_of_torch_distributions() -> None:
    generator = torch.Generator().manual_seed(1)
    actions, means = (torch.randn(3, 5, generator=generator) for _ in range(2))
    theirs = MultivariateNormal(means, 0.01 * torch.eye(5)).log_prob(actions)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(action_log_likelihood(actions, means, 0.1), theirs, rtol=1e-5, atol=1e-4)


def test_one_component_is_the_single_latent_model() -> None:
    terms = random_terms(2, 6, 1)
    found = elbo(
        terms["log_likelihood"], terms["latent_kl"], torch.zeros(2, 6, 1, 1).double(), sticky_prior(1, 0.9).double()
    )
    single = (terms["log_likelihood"] - BETA_Z * terms["latent_kl"]).mean()
    torch.testing.assert_close(found.value(BETA_Y, BETA_Z), single)
    assert found.skill_kl == 0.0


def test_the_sticky_prior() -> None:
    torch.testing.assert_close(sticky_prior(3, 0.9).exp()[0], torch.tensor([0.9, 0.05, 0.05]))
    torch.testing.assert_close(sticky_prior(4, 0.25).exp(), torch.full((4, 4), 0.25))


def test_mutual_information_is_that_of_a_joint_distribution_of_input_and_skill() -> None:
    sure = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    assert mutual_information(sure).item() == pytest.approx(math.log(2.0))
    assert mutual_information(torch.full((2, 3, 4), 0.25)).item() == pytest.approx(0.0, abs=1e-6)
    marginals = torch.rand(3, 7, 4, generator=torch.Generator().manual_seed(0)).softmax(-1)
    # Every input is as likely as every other: the divergence of each from the mean, averaged.
    mean = Categorical(marginals.mean((0, 1)).expand(3, 7, 4))
    assert mutual_information(marginals).item() == pytest.approx(
        kl_divergence(Categorical(marginals), mean).mean().item(), rel=1e-4
    )
    never = torch.tensor([[[1.0, 0.0]]], requires_grad=True)
    (gradient,) = torch.autograd.grad(mutual_information(never), never)
    assert torch.isfinite(gradient).all()
