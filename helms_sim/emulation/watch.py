"""Mirror of an emulated robot's cell, for demonstrator and live view."""

from helms_sim.emulation.sawyer import EmulatedSawyer
from helms_sim.mirror import Mirror
from helms_sim.scene.names import GRIPPER


class Watch(Mirror):
    """Mirror that follows the episodes of an emulated robot."""

    def __init__(self, robot: EmulatedSawyer) -> None:
        """Show the current state."""
        super().__init__()
        self._robot = robot
        self._shown: tuple[object, int] | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Show the current state; return whether the episode has changed."""
        state = self._robot.state()
        new = self._shown != (state.config, state.seed)
        if new:
            self.begin(state.config, state.seed)
            self._shown = state.config, state.seed
        if state.holds:
            # The demonstrator lifts once the fingers' target is beyond their position, as in the cell.
            state.act[GRIPPER], state.ctrl[GRIPPER] = 255.0, 0.0
        self.show(state.qpos, state.qvel, state.act, state.ctrl)
        return new
