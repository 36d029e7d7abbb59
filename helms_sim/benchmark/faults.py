"""How long it takes from a fault until the driver no longer asks for motion, the arm moving when it begins."""

import math
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.twofinger import STANDING_S
from helms_control.safety.limits import SafetyLimits
from helms_sim.benchmark.stack import DRIVER, DriverStack
from helms_sim.benchmark.wire import stands_from
from helms_sim.emulation.faults import Fault
from helms_sim.nodes.driver_peer import TRACK_S, Answer

LIMIT_S = 0.2
"""Longest time from a fault to a commanded velocity of zero, s."""
ACTION = (0.3, 0.2, -0.3, 1.0, 0.5)
"""With the wrist at its full speed, from which braking takes longest."""
BACK = 14
"""Step at which the wrist turns back where the arm moves for long, because it may not turn on for ever."""
RUN_UP_S = 0.5
WATCH_S = 1.0
"""Time after a fault in which nothing may move again, s."""
BOOT_S = 3.0

SPEED_S = 0.3
"""Time before the commanded velocity is zero in which the fastest joint is looked for, s."""

Begin = Callable[[DriverStack], float]
Change = Callable[[DriverStack], object]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that goes wrong.

    Attributes:
        name: in words.
        begin: lets it happen; returns when it began, s of time.monotonic().
        end: brings everything back.
        before: happens while the arm moves, and must not stop it.
        allowance_s: what the fault itself lasts before it counts as one, s.
        watch_s: time after it in which nothing may move again, s.
        answer: what the arm moves with.
        fault: of the emulated robot that is in it; None for none.
    """

    name: str
    begin: Begin
    end: Change = lambda _: None
    before: Change | None = None
    allowance_s: float = 0.0
    watch_s: float = WATCH_S
    answer: Answer = lambda _: ACTION
    fault: Fault | None = None

    @property
    def limit_s(self) -> float:
        """Longest time to a commanded velocity of zero, s."""
        return LIMIT_S + self.allowance_s


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a driver did about one fault.

    Attributes:
        zero_s: time from its beginning until the commanded velocity was zero for good, s.
        speed: that the fastest joint was commanded before, rad/s.
        reason: what the driver gave as the reason; empty where it could not.
    """

    zero_s: float
    speed: float
    reason: str


def measure(stack: DriverStack, scenario: Scenario) -> Reaction:
    """Let a fault happen to a moving arm, and bring everything back.

    Raises:
        HelmsError: the arm cannot be moved, or stands before the fault.
    """
    stack.move(scenario.answer)
    time.sleep(RUN_UP_S)
    if scenario.before is not None:
        scenario.before(stack)
        time.sleep(RUN_UP_S)
    if not stack.moving():
        raise HelmsError(f"{scenario.name}: the arm stands before it began: {stack.peer.ended or stack.reason()}")
    told = len(stack.peer.commanded)
    began = scenario.begin(stack)
    time.sleep(max(began + scenario.allowance_s + scenario.watch_s - time.monotonic(), 0.0))
    sent = list(stack.wire.sent)
    zero = stands_from(sent, stack.wire.timeout_s) or math.nan
    speed = max(abs(each) for one in sent if zero - SPEED_S <= one.time <= zero for each in one.velocity)
    reason = next((each.held for each in stack.peer.commanded[told:] if each.held), "")
    scenario.end(stack)
    return Reaction(zero - began, speed, reason)


def _there_and_back(step: int) -> tuple[float, ...]:
    return (*ACTION[:3], ACTION[3] if step >= BACK else -ACTION[3], ACTION[4])


def _robot(name: str, fault: Fault) -> Scenario:
    # Links that were cut come back by themselves.
    cut = fault is Fault.LINKS
    end: Change = (lambda _: None) if cut else (lambda stack: stack.clear(fault))
    return Scenario(name, lambda stack: stack.inject(fault), end, watch_s=BOOT_S if cut else WATCH_S, fault=fault)


def _call(name: str, **fields: object) -> Begin:
    def begin(stack: DriverStack) -> float:
        began = time.monotonic()
        stack.peer.call(name, **fields)
        return began

    return begin


def _answer(answer: Answer) -> Begin:
    def begin(stack: DriverStack) -> float:
        peer = stack.peer
        sent, left = len(peer.sent), len(peer.unanswered)
        peer.answer = answer
        while len(peer.sent) == sent and len(peer.unanswered) == left:
            time.sleep(0.001)
        # The first answer that is missing, or the first bad one.
        return peer.unanswered[left] if len(peer.unanswered) > left else peer.sent[sent][0]

    return begin


def _lose_objects(stack: DriverStack) -> float:
    stack.peer.tracked = ()
    return stack.peer.posed + TRACK_S


def _lose_heartbeat(stack: DriverStack) -> float:
    stack.peer.beating = False
    return time.monotonic()


def _signal(number: int) -> Begin:
    def begin(stack: DriverStack) -> float:
        began = time.monotonic()
        stack.graph.kill(DRIVER, number)
        return began

    return begin


def _restart(stack: DriverStack) -> None:
    if stack.graph.processes[DRIVER].poll() is None:
        stack.graph.kill(DRIVER)
    stack.graph.start(DRIVER)


def _switch_off(stack: DriverStack) -> float:
    began = time.monotonic()
    stack.kill_robot()
    return began


def _come_back_as_another(stack: DriverStack) -> float:
    began = _switch_off(stack)
    stack.start_robot("other")
    return began


def _hold_fingers(step: int) -> tuple[float, ...]:
    return (*_there_and_back(step)[:4], 0.0)


def _jam(stack: DriverStack) -> float:
    stack.inject(Fault.JAM)
    # It shows once the fingers are to move.
    return _answer(_there_and_back)(stack)


STALE_OBJECTS_S = SafetyLimits().object_age_s or 0.0

SCENARIOS = (
    _robot("emergency stop button", Fault.BUTTON),
    _robot("a joint fails", Fault.ERROR),
    _robot("motors switched off", Fault.DISABLED),
    _robot("joints not homed", Fault.UNHOMED),
    _robot("collision reported", Fault.COLLISION),
    _robot("robot stalled: says and reads nothing", Fault.STALL),
    _robot("joint states at 5 Hz only", Fault.RATE),
    _robot("robot's own state no longer published", Fault.MUTE),
    _robot("a joint angle is NaN", Fault.NAN),
    _robot("all links to the robot dropped", Fault.LINKS),
    _robot("gripper reports overcurrent", Fault.GRIPPER),
    _robot("gripper's supply fails for an instant", Fault.SUPPLY),
    _robot("gripper's serial line silent", Fault.SERIAL),
    _robot("gripper's adapter unplugged", Fault.UNPLUGGED),
    Scenario(
        "gripper's fingers jammed",
        _jam,
        lambda stack: stack.clear(Fault.JAM),
        allowance_s=STANDING_S,
        answer=_hold_fingers,
        fault=Fault.JAM,
    ),
    Scenario("robot switched off", _switch_off, DriverStack.start_robot),
    Scenario("robot back with unknown firmware", _come_back_as_another, DriverStack.renew, watch_s=BOOT_S),
    Scenario(
        "stop, the robot's clock 5 s wrong",
        _call("stop"),
        lambda stack: stack.clear(Fault.CLOCK),
        lambda stack: stack.inject(Fault.CLOCK),
        answer=_there_and_back,
        fault=Fault.CLOCK,
    ),
    Scenario(
        "emergency stop by service, the ROS 1 master gone",
        _call("emergency_stop", data=True),
        DriverStack.renew,
        lambda stack: stack.master.stop(),
        answer=_there_and_back,
    ),
    Scenario("stop by service", _call("stop")),
    Scenario("emergency stop by service", _call("emergency_stop", data=True)),
    Scenario("no action any more", _answer(lambda _: None)),
    Scenario("action not finite", _answer(lambda _: (math.nan, *ACTION[1:]))),
    Scenario("action of a wrong length", _answer(lambda _: ACTION[1:])),
    Scenario("objects no longer tracked", _lose_objects, allowance_s=STALE_OBJECTS_S, answer=_there_and_back),
    Scenario("a needed node silent", _lose_heartbeat),
    Scenario("driver's process killed", _signal(signal.SIGKILL), _restart),
    Scenario("driver's process hangs", _signal(signal.SIGSTOP), _restart),
)
"""Everything that is measured; an allowance is the safety layer's own limit on the age of what is missing."""
