import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.teleop import HOLD_S, KEYS, Gamepad, Keyboard, axes_of


@pytest.mark.parametrize("key", KEYS)
def test_each_key_moves_its_own_component(key: str) -> None:
    keyboard, (component, sign) = Keyboard(speed=0.5), KEYS[key]
    keyboard.press(key, 10.0)
    action = keyboard.action(10.1)
    assert action[component] == 0.5 * sign
    assert np.count_nonzero(action) == 1


def test_a_key_that_is_let_go_stops_the_arm() -> None:
    keyboard = Keyboard()
    keyboard.press("w", 10.0)
    assert not keyboard.action(10.0 + HOLD_S + 0.01).any()


def test_space_stops_at_once_and_other_keys_do_nothing() -> None:
    keyboard = Keyboard()
    keyboard.press("w", 10.0)
    keyboard.press(" ", 10.0)
    keyboard.press("z", 10.0)
    assert not keyboard.action(10.0).any()


def test_opposite_keys_cancel_and_capitals_count() -> None:
    keyboard = Keyboard()
    for key in "wSa":
        keyboard.press(key, 1.0)
    assert keyboard.action(1.0).tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_axes_are_mapped_turned_and_clipped() -> None:
    gamepad = Gamepad((2, -1, 4, 3), close=0, opening=1, deadman=-1)
    gamepad.hear([0.5, 2.0, -0.25, 0.0], [0, 1], 5.0)
    assert gamepad.action(5.1).tolist() == [1.0, -0.5, 0.0, -0.25, -1.0]


def test_a_silent_gamepad_stops_the_arm() -> None:
    gamepad = Gamepad((1, 2, 3, 4), 0, 1, -1)
    assert not gamepad.action(0.0).any()
    gamepad.hear([1.0] * 4, [1, 0], 5.0)
    assert gamepad.action(5.0).any()
    assert not gamepad.action(5.0 + HOLD_S + 0.01).any()


def test_without_its_deadman_button_nothing_moves() -> None:
    gamepad = Gamepad((1, 2, 3, 4), 0, 1, deadman=2)
    gamepad.hear([1.0] * 4, [1, 0, 0], 5.0)
    assert not gamepad.action(5.0).any()
    gamepad.hear([1.0] * 4, [1, 0, 1], 5.0)
    assert gamepad.action(5.0).all()


def test_missing_axes_and_nan_count_as_released() -> None:
    gamepad = Gamepad((1, 2, 3, 4), 0, 1, -1)
    gamepad.hear([float("nan"), 0.5], [], 5.0)
    assert gamepad.action(5.0).tolist() == [0.0, 0.5, 0.0, 0.0, 0.0]


def test_bad_axes_are_refused() -> None:
    with pytest.raises(HelmsError, match="joystick axes 'a b' are not whole numbers"):
        axes_of("a b")
    with pytest.raises(HelmsError, match=r"got joystick axes \[1, 2\]; give four"):
        Gamepad(axes_of("1 2"), 0, 1, -1)
