"""Distributions and losses of the policies, against hand-worked mixtures and against enumeration."""

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, MixtureSameFamily, Normal, kl_divergence

from helms_control.errors import HelmsError
from helms_control.features.features import FEATURES
from helms_learning.policies.base import Policy, decided
from helms_learning.policies.clone import Clone
from helms_learning.policies.configuration import KINDS, PolicyConfig
from helms_learning.policies.hierarchical import Hierarchical
from helms_learning.policies.inputs import Inputs, dropped, inputs_of
from helms_learning.policies.kinds import make_policy
from helms_learning.policies.npmp import Npmp
from helms_learning.policies.weights import Weights

BATCH, STEPS = 3, 4
SIGMA = 0.2


def small(kind: str, features: str = "raw", **changes: Any) -> Policy:  # noqa: ANN401 - any field
    """Return a policy with random weights and statistics."""
    skills = {"skills": 2} if kind == "hierarchical" else {"skills": 1}
    values: dict[str, Any] = {"latent": 3, "width": 16, "look_ahead": 2, "action_sigma": SIGMA}
    policy = make_policy(PolicyConfig(kind=kind, features=features, **(skills | values | changes)), 1)
    size = sum(policy.features.frame_sizes)
    policy.normaliser.set_statistics(0.1 * torch.arange(size) / size, 1.0 + torch.arange(size) / size)
    return policy


def given(policy: Policy, batch: int = BATCH, steps: int = STEPS) -> tuple[Inputs, Tensor]:
    """Return inputs and targets, random numbers."""
    generator = torch.Generator().manual_seed(0)
    ahead = policy.config.look_ahead
    frames = torch.randn(batch, 2 + steps + ahead, sum(policy.features.frame_sizes), generator=generator)
    targets = 2.0 * torch.rand(batch, steps, 5, generator=generator) - 1.0
    return inputs_of(frames, policy.features, policy.normaliser, ahead), targets


def gaussian(action: Tensor, mean: Tensor) -> float:
    """Return the density of an action by its formula."""
    squares = sum(((one - other) / SIGMA) ** 2 for one, other in zip(action.tolist(), mean.tolist(), strict=True))
    return math.exp(-0.5 * squares) / (SIGMA * math.sqrt(2.0 * math.pi)) ** 5


@pytest.mark.parametrize("features", list(FEATURES))
def test_the_distribution_of_skills_is_a_mixture_of_gaussians(features: str) -> None:
    policy = small("hierarchical", features, skills=3)
    assert isinstance(policy, Hierarchical)
    inputs, actions = given(policy)
    with torch.no_grad():
        found = policy.distribution(inputs)
        assert isinstance(found, MixtureSameFamily)
        assert (found.batch_shape, found.event_shape) == ((BATCH, STEPS), (5,))
        likelihood = found.log_prob(actions)  # type: ignore[no-untyped-call]
        for window, step in itertools.product(range(BATCH), range(STEPS)):
            everything = inputs.all[window, step : step + 1]
            shares = torch.softmax(policy.high(everything), -1)[0]
            density = 0.0
            for skill in range(3):
                latent = policy.mid(everything).mean[skill]
                mean = policy.low(inputs.robot[window, step][None], latent, inputs.plain[window, step][None])[0]
                torch.testing.assert_close(found.component_distribution.mean[window, step, skill], mean)
                density += float(shares[skill]) * gaussian(actions[window, step], mean)
            torch.testing.assert_close(found.mixture_distribution.probs[window, step], shares)
            assert likelihood[window, step].item() == pytest.approx(math.log(density), rel=1e-4)


@pytest.mark.parametrize("features", ["raw", "tool"])
def test_the_distribution_of_one_component_is_a_gaussian(features: str) -> None:
    for policy in (small("npmp", features), small("clone", features)):
        inputs, actions = given(policy)
        with torch.no_grad():
            found = policy.distribution(inputs)
            assert (found.batch_shape, found.event_shape) == ((BATCH, STEPS), (5,))
            likelihood = found.log_prob(actions)
            for window, step in itertools.product(range(BATCH), range(STEPS)):
                everything, robot, plain = (
                    part[window, step : step + 1] for part in (inputs.all, inputs.robot, inputs.plain)
                )
                if isinstance(policy, Npmp):
                    mean = policy.low(robot, policy.mid(everything).mean[0], plain)[0]
                else:
                    assert isinstance(policy, Clone)
                    mean = policy.features.to_base(torch.tanh(policy.network(everything)), plain)[0]
                torch.testing.assert_close(found.mean[window, step], mean)
                expected = math.log(gaussian(actions[window, step], mean))
                assert likelihood[window, step].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_leading_dimensions_of_inputs_are_those_of_the_distribution(kind: str) -> None:
    policy = small(kind)
    inputs, actions = given(policy)
    with torch.no_grad():
        windows = policy.distribution(inputs).log_prob(actions)
        flat = policy.distribution(Inputs(*(part.flatten(0, 1) for part in inputs)))
        torch.testing.assert_close(flat.log_prob(actions.flatten(0, 1)), windows.flatten())


@pytest.mark.parametrize("information", [0.0, 2.0])
def test_the_loss_of_skills_is_the_sum_over_all_their_sequences(information: float) -> None:
    """By enumeration of all sequences, with mean latents; and the cross-entropy of the high level."""
    policy = small("hierarchical", sticky_prob=0.8)
    assert isinstance(policy, Hierarchical)
    inputs, actions = given(policy)
    weights = Weights(beta_y=0.7, beta_z=0.3, high=0.5, mutual_information=information)
    bound = 0.0
    marginals = torch.zeros(BATCH, STEPS, 2)
    with torch.no_grad():
        found = policy.loss(inputs, actions, weights, None)
        posterior = policy.posterior(inputs.all, inputs.future)
        parts = policy.distribution(inputs).component_distribution
        likelihood = parts.log_prob(actions[:, :, None])
        latents = policy.mid(inputs.all.flatten(0, 1))
        standard = Independent(Normal(torch.zeros(3), torch.ones(3)), 1)
        spread = kl_divergence(Independent(Normal(latents.mean, latents.sigma), 1), standard)
        for window in range(BATCH):
            for sequence in itertools.product(range(2), repeat=STEPS + 1):
                probability, value = 0.5, 0.0
                for t, (before, now) in enumerate(itertools.pairwise(sequence)):
                    log_q = float(posterior[window, t, before, now])
                    value += float(likelihood[window, t, now]) - 0.3 * float(spread[now, STEPS * window + t])
                    value -= 0.7 * (log_q - math.log(0.8 if before == now else 0.2))
                    probability *= math.exp(log_q)
                bound += probability * value / (STEPS * BATCH)
                for t, now in enumerate(sequence[1:]):
                    marginals[window, t, now] += probability
        log_high = torch.log_softmax(policy.high(inputs.all), -1)
    torch.testing.assert_close(marginals.sum(-1), torch.ones(BATCH, STEPS))
    high = -float((marginals * log_high).sum(-1).mean())
    entropy = -(marginals * marginals.log()).sum(-1).mean()
    used = marginals.mean((0, 1))
    known = float(-(used * used.log()).sum() - entropy)
    assert found.total.item() == pytest.approx(0.5 * high - bound - information * known, rel=1e-4)
    assert found.terms["elbo"].item() == pytest.approx(bound, rel=1e-4)
    assert found.terms["high"].item() == pytest.approx(high, rel=1e-4)
    assert found.terms["mutual_information"].item() == pytest.approx(known, abs=1e-6)
    assert found.terms["least_used"].item() == pytest.approx(float(used.min()), rel=1e-4)
    agrees = (log_high.argmax(-1) == marginals.argmax(-1)).float().mean()
    assert found.terms["high_agrees"].item() == pytest.approx(float(agrees))


def test_the_high_level_follows_the_posterior_and_not_the_other_way() -> None:
    policy = small("hierarchical")
    assert isinstance(policy, Hierarchical)
    inputs, actions = given(policy)
    heavy, light = (
        torch.autograd.grad(
            policy.loss(inputs, actions, Weights(high=high), None).total,
            [policy.posterior.network.head.weight, policy.high.network.head.weight],
        )
        for high in (5.0, 1.0)
    )
    torch.testing.assert_close(heavy[0], light[0])
    torch.testing.assert_close(heavy[1], 5.0 * light[1])


@pytest.mark.parametrize("alpha", [0.0, 0.9])
def test_the_loss_of_a_latent_is_its_bound(alpha: float) -> None:
    policy = small("npmp", autoregression=alpha)
    assert isinstance(policy, Npmp)
    inputs, actions = given(policy)
    with torch.no_grad():
        found = policy.loss(inputs, actions, Weights(beta_z=0.3), None)
        likelihood = policy.distribution(inputs).log_prob(actions).mean()  # type: ignore[no-untyped-call]
        latents = policy.mid(inputs.all.flatten(0, 1))
        mean, sigma = (part[0].reshape(BATCH, STEPS, 3) for part in latents)
        divergence = 0.0
        for t in range(STEPS):
            centre, width = (alpha * mean[:, t - 1], math.sqrt(1.0 - alpha**2)) if t else (torch.zeros(3), 1.0)
            prior = Independent(Normal(centre, width * torch.ones(BATCH, 3)), 1)
            divergence += float(kl_divergence(Independent(Normal(mean[:, t], sigma[:, t]), 1), prior).mean()) / STEPS
    assert found.terms["latent_kl"].item() == pytest.approx(divergence, rel=1e-4)
    assert found.total.item() == pytest.approx(0.3 * divergence - likelihood.item(), rel=1e-4)


def test_the_loss_of_a_clone_is_the_likelihood_of_the_actions() -> None:
    policy = small("clone")
    inputs, actions = given(policy)
    with torch.no_grad():
        found = policy.loss(inputs, actions, Weights(), None)
        distribution = policy.distribution(inputs)
        expected = -distribution.log_prob(actions).mean()
        assert found.total.item() == pytest.approx(expected.item(), rel=1e-5)
        error = (distribution.mean - actions).square().mean().sqrt()
        assert found.terms["error"].item() == pytest.approx(error.item(), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_weight_has_a_gradient(kind: str) -> None:
    policy = small(kind)
    inputs, actions = given(policy)
    policy.loss(inputs, actions, Weights(), torch.Generator().manual_seed(0)).total.backward()  # type: ignore[no-untyped-call]
    assert [name for name, weight in policy.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@pytest.mark.parametrize("kind", ["hierarchical", "npmp"])
def test_latents_are_drawn_by_the_generator_alone(kind: str) -> None:
    policy = small(kind)
    inputs, actions = given(policy)

    def total(seed: int) -> Tensor:
        return policy.loss(inputs, actions, Weights(), torch.Generator().manual_seed(seed)).total

    with torch.no_grad():
        assert torch.equal(total(1), total(1))
        assert not torch.equal(total(1), total(2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("features", list(FEATURES))
def test_levels_in_order_choose_the_action_of_the_most_probable_skill(kind: str, features: str) -> None:
    """From stacked features as computed, which the levels normalise themselves."""
    policy = small(kind, features)
    sizes = policy.features.sizes
    generator = torch.Generator().manual_seed(3)
    robot, scene = (torch.randn(1, size, generator=generator) for size in sizes)
    levels = policy.levels()
    assert tuple(levels) == {"hierarchical": ("high", "mid", "low"), "npmp": ("mid", "low"), "clone": ("flat",)}[kind]
    own, seen = policy.normaliser.robot(robot), policy.normaliser.scene(scene)
    with torch.no_grad():
        found = policy.distribution(Inputs(own, torch.cat([own, seen], -1), own[:, :0], robot))
        if isinstance(found, MixtureSameFamily):
            shares = levels["high"](robot, scene)
            torch.testing.assert_close(shares, found.mixture_distribution.probs)
            skill = shares.argmax(-1)
            mean = found.component_distribution.mean[0, skill]
            action = levels["low"](robot, levels["mid"](robot, scene, skill))
        else:
            mean = found.mean
            action = (
                levels["flat"](robot, scene) if kind == "clone" else levels["low"](robot, levels["mid"](robot, scene))
            )
    torch.testing.assert_close(action, decided(mean))


def test_fingers_of_an_unsure_network_stay_where_they_are() -> None:
    means = torch.tensor([[0.3, -0.7, 0.1, 0.9, finger] for finger in (-0.9, -0.3, 0.02, 0.4, 0.6)])
    action = decided(means)
    assert action[:, 4].tolist() == [-1.0, 0.0, 0.0, 0.0, 1.0]
    torch.testing.assert_close(action[:, :4], means[:, :4])


def test_dropped_inputs_are_drawn_anew_but_never_the_heading_or_the_future() -> None:
    inputs = Inputs(torch.ones(4, 9, 20), torch.ones(4, 9, 50), torch.ones(4, 9, 7), torch.full((4, 9, 20), 2.0))
    assert dropped(inputs, 0.5, None) is inputs
    generator = torch.Generator().manual_seed(0)
    assert dropped(inputs, 0.0, generator) is inputs
    first, second = (dropped(inputs, 0.25, generator) for _ in range(2))
    # The actions are turned by the heading as computed.
    assert torch.equal(first.plain, inputs.plain) and torch.equal(first.future, inputs.future)
    assert set(first.all.flatten().tolist()) == {0.0, 1.0}
    assert first.all.mean().item() == pytest.approx(0.75, abs=0.03)
    assert not torch.equal(first.all, second.all)
    assert torch.equal(first.robot, first.all[..., :20])


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_is_of_training_alone(kind: str) -> None:
    policy, plain = small(kind, input_dropout=0.5), small(kind)
    inputs, actions = given(policy)
    with torch.no_grad():
        assert torch.equal(*(each.loss(inputs, actions, Weights(), None).total for each in (policy, plain)))
        drawn = [each.loss(inputs, actions, Weights(), torch.Generator().manual_seed(0)) for each in (policy, plain)]
    assert not torch.equal(drawn[0].total, drawn[1].total)


def test_raw_features_are_normalised_and_bounded() -> None:
    policy = small("clone")
    mean, deviation = policy.normaliser.mean, policy.normaliser.deviation
    frames = torch.randn(5, 85, generator=torch.Generator().manual_seed(0))
    frames[0, 3] = 1e6
    found = policy.normaliser.frames(frames)
    assert found[0, 3] == 10.0
    torch.testing.assert_close(found[1:], ((frames - mean) / deviation)[1:])
    stacked = policy.normaliser.robot(frames[:3, :43].reshape(1, 129))
    torch.testing.assert_close(stacked, found[:3, :43].reshape(1, 129))
    stacked = policy.normaliser.scene(frames[:3, 43:].reshape(1, 126))
    torch.testing.assert_close(stacked, found[:3, 43:].reshape(1, 126))
    policy.normaliser.set_statistics(torch.ones(85), torch.zeros(85))
    torch.testing.assert_close(policy.normaliser.frames(torch.full((85,), 3.0)), torch.full((85,), 2.0))


def test_weights_are_those_of_the_seed_and_leave_torchs_generator_alone() -> None:
    before = torch.get_rng_state()
    config = PolicyConfig(width=8)
    one, same, other = make_policy(config, 0), make_policy(config, 0), make_policy(config, 1)
    assert torch.equal(torch.get_rng_state(), before)
    for name, weight in one.named_parameters():
        assert torch.equal(weight, dict(same.named_parameters())[name])
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "npm"}, r"unknown policy 'npm'; choose one of: .*Did you mean 'npmp'"),
        ({"features": "tols"}, r"unknown features 'tols'"),
        ({"order": "role"}, r"unknown order of the objects 'role'.*Did you mean 'roles'"),
        ({"kind": "clone", "skills": 2}, "policy.skills is 2; clone has one component: set it to 1"),
        ({"autoregression": 0.5}, "only npmp has such a prior"),
        ({"input_dropout": 1.0}, "input_dropout is 1.0; allowed is 0 to below 1"),
        ({"sticky_prob": 0.0}, "sticky_prob must lie between 0 and 1"),
        ({"skills": 256}, "skills must be 1 to 255"),
    ],
)
def test_impossible_policies_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        PolicyConfig(**values)
