"""Registration of a frame from corresponding points, against known transforms."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from helms_control.commands.calibrate import frame_command
from helms_control.control.kinematics import Link
from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.objects import Calibration
from helms_control.hardware.sawyer.registration import register

CORNERS = np.array([[-0.125, 0.125, 0.0], [0.125, 0.125, 0.0], [0.125, -0.125, 0.0], [-0.125, -0.125, 0.0]])


@pytest.mark.parametrize("seed", range(5))
def test_a_known_motion_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    place = Link(tuple(rng.normal(size=3)), tuple(rng.uniform(-1.5, 1.5, 3)))
    base = CORNERS @ place.rotation().T + place.xyz
    found, errors = register(CORNERS, base)
    np.testing.assert_allclose(found.xyz, place.xyz, atol=1e-12)
    np.testing.assert_allclose(found.rotation(), place.rotation(), atol=1e-12)
    assert errors.max() < 1e-12


@pytest.mark.parametrize("pitch", [0.3, np.pi / 2, -np.pi / 2])
def test_a_frame_that_stands_upright_is_found(pitch: float) -> None:
    """At a pitch of a right angle, roll and yaw share their axis."""
    turn = Link((0.0, 0.0, 0.0), (0.4, pitch, -1.0)).rotation()
    found, _ = register(CORNERS, CORNERS @ turn.T)
    np.testing.assert_allclose(found.rotation(), turn, atol=1e-9)


def test_a_point_that_was_touched_badly_shows() -> None:
    base = CORNERS + np.array([0.6, 0.0, 0.05])
    base[2, 2] += 0.01
    _, errors = register(CORNERS, base)
    assert 0.002 < errors.max() < 0.01


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (CORNERS[:2], "three points or more"),
        (np.linspace(0.0, 1.0, 4)[:, None] * np.ones(3), "of a line"),
        (np.where(np.eye(4, 3) > 0, np.nan, CORNERS), "not finite"),
    ],
)
def test_what_does_not_tell_the_place_is_refused(there: "np.typing.NDArray[np.float64]", words: str) -> None:
    with pytest.raises(HelmsError, match=words):
        register(there, there)


def test_the_command_prints_what_the_driver_reads(tmp_path: Path) -> None:
    place = Link((0.6, 0.01, 0.05), (0.0, 0.02, 3.0))
    rows = np.hstack([CORNERS, CORNERS @ place.rotation().T + place.xyz])
    points = tmp_path / "points.txt"
    points.write_text("# frame, base\n" + "\n".join(", ".join(map(str, row)) for row in rows))
    done = CliRunner().invoke(frame_command, [str(points), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    read = Calibration.of("basket", told["basket_frame"]).place
    np.testing.assert_allclose(read.xyz, place.xyz, atol=1e-5)
    np.testing.assert_allclose(read.rotation(), place.rotation(), atol=1e-5)
    assert max(told["error_mm"]) < 1e-6


def test_a_line_without_six_numbers_is_refused(tmp_path: Path) -> None:
    points = tmp_path / "points.txt"
    points.write_text("1 2 3 4 5")
    done = CliRunner().invoke(frame_command, [str(points)])
    assert "six numbers" in str(done.exception)
