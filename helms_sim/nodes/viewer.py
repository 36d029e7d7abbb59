"""Viewer node: the cell in the browser, from the running simulation or a played bag."""

from dataclasses import dataclass

from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_msgs.msg import CellState
from helms_sim.episode import EpisodeConfig
from helms_sim.mirror import Mirror
from helms_sim.render.viewer import LiveView

PERIOD_S = 0.05


@dataclass(frozen=True)
class ViewerSettings:
    """Parameters of the viewer."""

    port: int = setting(8080, "Port of the page on this machine; the next free one is taken.", 1024, 65535)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class ViewerNode(ManagedNode):
    """Serves a page with the newest state, at 20 Hz at most.

    Attributes:
        url: of the page; empty before the first state.
    """

    SETTINGS = ViewerSettings

    def prepare(self) -> None:
        """Subscribe to the cell's state."""
        self._mirror = Mirror()
        self._view: LiveView | None = None
        self._newest: CellState | None = None
        self._shown: tuple[int, int] | None = None
        self.url = ""
        self.listen(CellState, "cell_state", self._on_state)
        self.every(PERIOD_S, self._show)

    def release(self) -> None:
        """Stop serving."""
        if self._view is not None:
            self._view.close()

    def report(self) -> tuple[str, dict[str, object]]:
        """Return the page's address."""
        return "", {"url": self.url}

    def _on_state(self, state: CellState) -> None:
        self._newest = state

    def _show(self) -> None:
        state, self._newest = self._newest, None
        if state is None:
            return
        if self._shown != (state.episode, state.seed):
            self._mirror.begin(EpisodeConfig(state.task, state.object_set, state.randomisation), state.seed)
            self._shown = (state.episode, state.seed)
            self._open()
        self._mirror.show(state.qpos, state.qvel, state.act, state.ctrl)
        if self._view is not None:
            self._view.update(self._mirror.cell.data)

    def _open(self) -> None:
        objects = self._mirror.episode.triplet
        if self._view is not None:
            self._view.use(objects)
            return
        self._view = LiveView(objects, self.settings.port)
        self.url = self._view.url
        self.get_logger().info(f"live view: {self.url}")
