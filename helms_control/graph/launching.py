"""Conversion of a graph description to launch actions, one process per node."""

from typing import Any

from launch.actions import DeclareLaunchArgument, EmitEvent, LogInfo, OpaqueFunction, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode

from helms_control.graph.arguments import ARGUMENTS, settings_from
from helms_control.graph.description import PACKAGE, GraphSettings, NodeSpec, describe
from launch import LaunchContext, LaunchDescription  # type: ignore[attr-defined]  # our folder has the same name

RESPAWN_S = 0.2


def launch_graph(defaults: GraphSettings) -> LaunchDescription:
    """Return the launch description of a graph whose arguments have these defaults.

    Every node configures and activates itself, and is respawned when it dies; the graph shuts down when the episode
    manager exits after its last episode.
    """
    arguments = [
        DeclareLaunchArgument(name, default_value=_text(getattr(defaults, name)), description=help_text)
        for name, help_text in ARGUMENTS.items()
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=_nodes, args=[defaults])])


def _nodes(context: LaunchContext, defaults: GraphSettings) -> list[Any]:
    values = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    actions: list[Any] = []
    for spec in describe(settings_from(values, defaults)):
        node = _process(spec)
        actions.append(node)
        if spec.ends_graph:
            done = [LogInfo(msg="the episodes are done"), EmitEvent(event=Shutdown(reason="the episodes are done"))]
            actions.append(RegisterEventHandler(OnProcessExit(target_action=node, on_exit=_if_done(done))))
    return actions


def _process(spec: NodeSpec) -> LifecycleNode:
    return LifecycleNode(
        package=PACKAGE,
        executable=spec.executable,
        name=spec.name,
        namespace="",
        parameters=[{**spec.parameters, "autostart": True}],
        output="screen",
        respawn=True,
        respawn_delay=RESPAWN_S,
    )


def _if_done(actions: list[Any]) -> Any:  # noqa: ANN401 - launch's type for it is private
    def decide(event: Any, context: LaunchContext) -> list[Any]:  # noqa: ANN401
        # A killed node is respawned; only an exit with code 0 shuts the graph down.
        return actions if event.returncode == 0 and not context.is_shutdown else []

    return decide


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
