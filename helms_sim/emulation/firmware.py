"""Generations of Sawyer's software, as far as they differ on the wire."""

from dataclasses import dataclass

from helms_control.errors import unknown


@dataclass(frozen=True, slots=True)
class Firmware:
    """One generation.

    Attributes:
        version: as the robot gives it in a parameter.
        state: type of /robot/state.
        torques: type of gravity_compensation_torques.
    """

    version: str
    state: str
    torques: str


_TORQUES = "intera_core_msgs/SEAJointState"
FIRMWARES = {
    "5.2": Firmware("5.2.0.0", "intera_core_msgs/AssemblyState", _TORQUES),
    "5.3": Firmware("5.3.0.0", "intera_core_msgs/RobotAssemblyState", _TORQUES),
    "5.5": Firmware("5.5.2.0", "intera_core_msgs/RobotAssemblyState", f"{_TORQUES}_5_5"),
    "other": Firmware("6.0.0.0", "intera_core_msgs/HeadState", _TORQUES),
}
"""By name; "other" is none that exists: its /robot/state has a type that no driver can expect."""


def firmware_of(name: str) -> Firmware:
    """Return the generation of that name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in FIRMWARES:
        raise unknown("firmware", name, FIRMWARES)
    return FIRMWARES[name]
