"""Nodes of a graph and their parameters, for launch files and composed graph alike."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from helms_control.episodes import object_sets_of
from helms_control.errors import HelmsError

PACKAGE = "helms"
DEMONSTRATORS = ("expert", "random")
PEOPLE = ("keyboard", "joy")
SIMULATION, ROBOT = "simulation", "sawyer_driver"
"""Names of the nodes that execute actions: the simulated cell and the robot driver."""
LEVELS = MappingProxyType(
    {"high": "skill_selector", "mid": "latent_policy", "low": "action_decoder", "flat": "flat_policy"}
)
"""Node of each level of a policy."""
DRIVERS = (*DEMONSTRATORS, *PEOPLE)
"""Values of `policy` other than a bundle's folder."""

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node of a graph.

    Attributes:
        name: node name.
        executable: executable of the package `helms`, an entry point of the group `helms.nodes`.
        parameters: parameter values by name.
        ends_graph: whether the graph shuts down when this node exits with code 0.
    """

    name: str
    executable: str
    parameters: dict[str, Value] = field(default_factory=dict)
    ends_graph: bool = False


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """Settings of a graph; each field is also an argument of the launch files.

    Raises:
        HelmsError: a policy that is neither a driver nor the folder of a bundle, or a negative number.
    """

    policy: str = "expert"
    """Source of actions: expert, random, keyboard, joy, or the folder of a policy bundle."""
    object_set: str = "4"
    """Object set: 1 to 5, train, heldout, test, a triplet such as r3,s0,b2, or several in rotation such as 1..5."""
    task: str = "red_on_blue"
    """Task of the episodes, such as red_on_blue or pyramid."""
    randomisation: str = "off"
    """Domain randomisation: off, training or hard."""
    episodes: int = 1
    """Number of episodes; 0 waits for goals of the action run_episode."""
    seed: int = 0
    """Seed of the first episode; it increases by 1 for each further one."""
    noise: float = 0.0
    """Noise on the expert's motion: standard deviation as a fraction of the velocity limits; 0 for none."""
    lockstep: bool = False
    """Wait for every action instead of running at 20 Hz."""
    record: str = ""
    """Folder of the bag to record; empty for none."""
    results: str = ""
    """JSON Lines file of episode outcomes, from which an interrupted series resumes; empty for none."""
    view: bool = False
    """Show the cell in the browser."""
    exit_when_done: bool = True
    """Shut the graph down after the last episode."""
    robot: str = ""
    """URI of a Sawyer's ROS 1 master, such as http://sawyer:11311; empty for the simulated cell."""
    gripper: str = "none"
    """Gripper of the robot: serial port of the 2F-85, topics for Robotiq's ROS 1 node, or none."""
    speed_scale: float = 0.25
    """Factor on the robot's commanded joint velocities, in (0, 1]."""
    dry_run: bool = False
    """Compute all commands to the robot, but send none."""
    driver_parameters: str = ""
    """Other parameters of the robot driver: name=value, separated by semicolons."""

    def __post_init__(self) -> None:
        """Validate before any process is started."""
        if self.policy not in DRIVERS and not (Path(self.policy) / "manifest.yaml").is_file():
            raise HelmsError(
                f"policy {self.policy!r} is neither one of {', '.join(DRIVERS)} nor a folder with a manifest.yaml; "
                "name a bundle such as policies/red_on_blue"
            )
        object_sets_of(self.object_set)
        parameters_of(self.driver_parameters)
        if self.robot and (self.policy in DEMONSTRATORS or self.lockstep or self.view):
            raise HelmsError(
                f"policy {self.policy!r}, lockstep {self.lockstep}, view {self.view}: on a robot the policy must be a "
                f"bundle or one of {', '.join(PEOPLE)}, time is real, and there is no cell to view"
            )
        if self.episodes < 0 or self.seed < 0 or not 0.0 <= self.noise <= 1.0:
            raise HelmsError(
                f"got {self.episodes} episodes, seed {self.seed}, noise {self.noise}; allowed are episodes >= 0, "
                "seed >= 0 and noise from 0 to 1"
            )


def describe(settings: GraphSettings) -> tuple[NodeSpec, ...]:
    """Return the nodes of a graph around the simulated cell, or around a robot."""
    drivers = _drivers(settings)
    recorder: tuple[NodeSpec, ...] = ()
    if settings.record:
        recorder = (NodeSpec("recorder", "recorder", {"bag": settings.record}),)
    view = (NodeSpec("viewer", "viewer"),) if settings.view else ()
    # Nodes whose heartbeat the arm requires: without them, episodes are neither counted nor recorded.
    guards = ["episode_manager", *(spec.name for spec in recorder)]
    arm = _robot(settings, guards) if settings.robot else _simulation(settings, guards)
    manager = NodeSpec(
        "episode_manager",
        "episode_manager",
        {
            "episodes": settings.episodes,
            "seed": settings.seed,
            "task": settings.task,
            "object_sets": settings.object_set,
            "randomisation": settings.randomisation,
            "driver": settings.policy if settings.policy in DRIVERS else Path(settings.policy).name,
            "arm": arm.name,
            "needs": ",".join(spec.name for spec in (*drivers, *recorder)),
            "results": settings.results,
            "exit_when_done": settings.exit_when_done and settings.episodes > 0,
        },
        ends_graph=True,
    )
    followers = (*drivers, *recorder, manager, *view)
    if settings.robot:
        return arm, *followers
    return (arm, *(replace(spec, parameters={**spec.parameters, "use_sim_time": True}) for spec in followers))


def parameters_of(text: str) -> dict[str, Value]:
    """Parse parameters such as "tracker=ros1; basket_frame=0.6 0 0 0 0 0.1".

    Raises:
        HelmsError: a part without a name or an equals sign.
    """
    found: dict[str, Value] = {}
    for part in filter(str.strip, text.split(";")):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not (name and equals):
            raise HelmsError(f"parameters of the driver are given as name=value; name=value, got {part.strip()!r}")
        found[name] = _literal(value)
    return found


def _literal(text: str) -> Value:
    """Return a bool, int or float, or else the text itself."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _simulation(settings: GraphSettings, guards: list[str]) -> NodeSpec:
    return NodeSpec(
        SIMULATION,
        "simulation",
        {
            "task": settings.task,
            "object_set": object_sets_of(settings.object_set)[0],
            "randomisation": settings.randomisation,
            "lockstep": settings.lockstep,
            "needs": ",".join(guards),
        },
    )


def _robot(settings: GraphSettings, guards: list[str]) -> NodeSpec:
    parameters: dict[str, Value] = {
        "robot": settings.robot,
        "gripper": settings.gripper,
        "speed_scale": settings.speed_scale,
        "dry_run": settings.dry_run,
        "task": settings.task,
        "object_set": object_sets_of(settings.object_set)[0],
        "needs": ",".join(guards),
    }
    return NodeSpec(ROBOT, "sawyer_driver", parameters | parameters_of(settings.driver_parameters))


def _drivers(settings: GraphSettings) -> tuple[NodeSpec, ...]:
    if settings.policy in DEMONSTRATORS:
        parameters: dict[str, Value] = {"driver": settings.policy, "noise": settings.noise}
        return (NodeSpec("demonstrator", "demonstrator", parameters),)
    if settings.policy in PEOPLE:
        return (NodeSpec("teleop", "teleop", {"source": settings.policy}),)
    return levels_of(settings.policy)


def levels_of(bundle: str) -> tuple[NodeSpec, ...]:
    """Return a node for each level of the policy of a bundle.

    Raises:
        BundleError: the bundle has no valid manifest.
    """
    # Imported late: the manifest's checks import the features, which no other graph needs.
    from helms_control.policy.manifest import NAME, read_manifest

    levels = read_manifest(Path(bundle) / NAME).levels
    return tuple(NodeSpec(LEVELS[level], LEVELS[level], {"bundle": bundle}) for level in levels)
