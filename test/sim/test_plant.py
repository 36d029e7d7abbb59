from collections.abc import Iterator

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.spec import SPEC
from helms_sim.env import StackEnv
from helms_sim.plant import Plant


@pytest.fixture(scope="module")
def shared() -> Iterator[Plant]:
    plant = Plant(StackEnv())
    yield plant
    plant.env.close()


@pytest.fixture
def plant(shared: Plant) -> Plant:
    """A plant in the first step of a fresh episode."""
    shared.begin(3, {})
    return shared


def offer(plant: Plant, action: object = (0.1, 0.0, 0.0, 0.0, 0.0), ahead: int = 0, spec: str = SPEC.hash) -> None:
    assert plant.now is not None
    plant.offer(plant.now.episode, plant.now.step + ahead, spec, action)  # type: ignore[arg-type]


def test_it_gives_what_the_environment_gives(plant: Plant) -> None:
    env = StackEnv()
    expected, _ = env.reset(seed=3)
    rng = np.random.default_rng(0)
    for _ in range(20):
        action = rng.uniform(-1, 1, 5)
        offer(plant, action)
        _, instant = plant.advance()
        expected, reward, *_ = env.step(action)
        assert all((instant.observation[key] == expected[key]).all() for key in expected)
        assert instant.reward == reward


def test_without_an_action_the_arm_is_told_to_stand_still(plant: Plant) -> None:
    command, instant = plant.advance()
    assert (command.held, command.velocity.tolist(), plant.missed) == ("no action in time", [0.0] * 5, 1)
    assert instant.step == 1


def test_held_means_held_whatever_was_offered(plant: Plant) -> None:
    offer(plant)
    command, _ = plant.advance("emergency stop")
    assert command.held == "emergency stop"
    assert not command.velocity.any()
    assert not plant.ready


def test_a_command_is_in_physical_units_and_clipped(plant: Plant) -> None:
    offer(plant, (1.0, -2.0, 0.0, 0.5, 1.0))
    command, _ = plant.advance()
    np.testing.assert_allclose(command.velocity, [0.07, -0.07, 0.0, 0.5, 255.0])
    assert (command.held, plant.clipped) == ("", 1)


@pytest.mark.parametrize(
    ("action", "ahead", "spec", "message"),
    [
        ((0.0,) * 5, -1, SPEC.hash, "the cell waits for step 2 of episode"),
        ((0.0,) * 5, 1, SPEC.hash, "action for step 3 of episode"),
        ((0.0,) * 5, 0, "0" * 64, r"action of spec 000000000000, but this cell speaks spec 1\.0\.0"),
        ((0.0,) * 5, 0, "", r"action of spec \(none\)"),
        ((0.0,) * 4, 0, SPEC.hash, "an action must have shape"),
        ((0.0, 0.0, float("nan"), 0.0, 0.0), 0, SPEC.hash, "velocity_z is nan"),
        ((0.0, float("inf"), 0.0, 0.0, 0.0), 0, SPEC.hash, "velocity_y is inf"),
    ],
)
def test_what_breaks_the_contract_is_refused_and_counted(
    plant: Plant, action: object, ahead: int, spec: str, message: str
) -> None:
    for _ in range(2):
        plant.advance()
    with pytest.raises(HelmsError, match=message):
        offer(plant, action, ahead, spec)
    assert (plant.refused, plant.ready) == (1, False)
    assert plant.advance()[0].held == "no action in time"


def test_episodes_are_numbered_upwards(plant: Plant) -> None:
    assert plant.now is not None
    before = plant.now.episode
    assert plant.begin(0, {}).episode == before + 1
    assert plant.begin(0, {}, least=before + 50).episode == before + 50


def test_an_ended_episode_takes_nothing_more(plant: Plant) -> None:
    last = plant.end("ended on request")
    assert last is not None
    assert (last.last, last.reason, plant.running) == (True, "ended on request", False)
    with pytest.raises(HelmsError, match="no episode is running"):
        offer(plant)
    with pytest.raises(HelmsError, match="reset first"):
        plant.advance()
    assert plant.end("again") is None


def test_a_refused_reset_leaves_the_episode_running(plant: Plant) -> None:
    with pytest.raises(HelmsError, match="unknown task 'fly'"):
        plant.begin(0, {"task": "fly"})
    assert plant.running
