"""The robot's power state: causes of a stop, and recovery."""

from collections.abc import Callable

import pytest

from helms_sim.emulation.assembly import Assembly, Button, Source


def test_it_starts_enabled_and_ready() -> None:
    assembly = Assembly()
    assert assembly.ready and assembly.enabled and assembly.homed
    assert not (assembly.stopped or assembly.error)
    assert (assembly.button, assembly.source) == (Button.UNPRESSED, Source.NONE)


@pytest.mark.parametrize(
    ("halt", "button", "source", "error"),
    [
        (Assembly.stop, Button.UNKNOWN, Source.UNKNOWN, False),
        (Assembly.press, Button.PRESSED, Source.USER, False),
        (Assembly.fault, Button.UNKNOWN, Source.FAULT, True),
    ],
)
def test_a_stop_says_what_stopped_it(
    halt: Callable[[Assembly], None], button: Button, source: Source, error: bool
) -> None:
    assembly = Assembly()
    halt(assembly)
    assert assembly.stopped and not assembly.enabled
    assert (assembly.button, assembly.source, assembly.error) == (button, source, error)


def test_a_stopped_robot_is_not_enabled_before_a_reset() -> None:
    assembly = Assembly(enable_s=0.3)
    assembly.stop()
    assembly.enable(0.0, True)
    assembly.step(10.0)
    assert not assembly.enabled
    assembly.reset()
    assert not assembly.stopped
    assert not assembly.enabled
    assembly.enable(10.0, True)
    assembly.step(10.5)
    assert assembly.enabled


def test_a_reset_is_refused_while_the_button_is_pressed() -> None:
    assembly = Assembly()
    assembly.press()
    assembly.reset()
    assert assembly.stopped
    assembly.release()
    assert assembly.stopped
    assert assembly.button is Button.RELEASED
    assembly.reset()
    assert not assembly.stopped
    assert (assembly.button, assembly.source) == (Button.UNPRESSED, Source.NONE)


def test_pressing_the_button_of_a_stopped_robot_is_seen() -> None:
    assembly = Assembly()
    assembly.stop()
    assembly.press()
    assert (assembly.button, assembly.source) == (Button.PRESSED, Source.USER)
    assembly.stop()
    assert assembly.button is Button.PRESSED


def test_a_reset_switches_a_running_robot_off() -> None:
    assembly = Assembly()
    assembly.reset()
    assert not assembly.enabled
    assert not assembly.stopped


def test_switching_on_takes_its_time_however_often_it_is_asked_for() -> None:
    assembly = Assembly(enable_s=0.25)
    assembly.enable(0.0, False)
    for tick in range(25):
        assembly.enable(0.01 * tick, True)
        assembly.step(0.01 * tick)
        assert not assembly.enabled
    assembly.step(0.25)
    assert assembly.enabled


def test_switching_off_undoes_a_wish_to_switch_on() -> None:
    assembly = Assembly(enable_s=0.2)
    assembly.enable(0.0, False)
    assembly.enable(0.0, True)
    assembly.enable(0.1, False)
    assembly.step(1.0)
    assert not assembly.enabled


def test_a_fault_outlasts_resets_until_it_is_repaired() -> None:
    assembly = Assembly()
    assembly.fault()
    assembly.reset()
    assert assembly.error
    assert not assembly.stopped
    assembly.repair()
    assert assembly.error
    assembly.reset()
    assert not assembly.error


def test_an_unhomed_robot_is_not_ready() -> None:
    assembly = Assembly()
    assembly.homed = False
    assert assembly.enabled
    assert not assembly.ready
