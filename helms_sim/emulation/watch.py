"""An emulated robot's cell as demonstrator and live view look into it."""

from helms_sim.emulation.sawyer import EmulatedSawyer
from helms_sim.mirror import Mirror
from helms_sim.scene.names import GRIPPER


class Watch(Mirror):
    """Shows the cell behind an emulated robot, whatever episode it is in."""

    def __init__(self, robot: EmulatedSawyer) -> None:
        """Show the present instant."""
        super().__init__()
        self._robot = robot
        self._shown: tuple[object, int] | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Show the present instant; return whether the episode is another one than before."""
        state = self._robot.state()
        new = self._shown != (state.config, state.seed)
        if new:
            self.begin(state.config, state.seed)
            self._shown = state.config, state.seed
        if state.holds:
            # The cell's own target would run on to closed, and the demonstrator waits for that before it lifts.
            state.act[GRIPPER], state.ctrl[GRIPPER] = 255.0, 0.0
        self.show(state.qpos, state.qvel, state.act, state.ctrl)
        return new
