"""Nodes of this package against rospy as the reference: topics both ways, services, parameters, restarts."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helms_control.hardware.ros1.errors import RefusedError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.ros1.typestore import message_type, service_type
from helms_sim.emulation.debian_ros1 import Rosmaster
from test.control.hardware.ros1.conftest import COMMAND, Nodes, wait_for
from test.support.rospy_node import RospyPeer

pytestmark = pytest.mark.needs_ros1
KINDS = [
    "std_msgs/Empty",
    "std_msgs/Bool",
    "std_msgs/String",
    "std_msgs/Float64",
    "std_msgs/Int64",
    "std_msgs/Time",
    "std_msgs/UInt16",
    "std_msgs/Float64MultiArray",
    "std_msgs/ByteMultiArray",
    "sensor_msgs/JointState",
    "sensor_msgs/Image",
    "sensor_msgs/CameraInfo",
    "sensor_msgs/Joy",
    "geometry_msgs/PoseStamped",
    "geometry_msgs/PoseArray",
    "geometry_msgs/PoseWithCovariance",
    "geometry_msgs/WrenchStamped",
    "intera_core_msgs/AssemblyState",
    "intera_core_msgs/CollisionAvoidanceState",
    "intera_core_msgs/CollisionDetectionState",
    "intera_core_msgs/EndpointState",
    "intera_core_msgs/EndpointStates",
    "intera_core_msgs/HeadPanCommand",
    "intera_core_msgs/HeadState",
    "intera_core_msgs/HomingCommand",
    "intera_core_msgs/HomingState",
    "intera_core_msgs/IOComponentCommand",
    "intera_core_msgs/IODeviceStatus",
    "intera_core_msgs/JointCommand",
    "intera_core_msgs/JointLimits",
    "intera_core_msgs/RobotAssemblyState",
    "intera_core_msgs/SEAJointState",
    "intera_core_msgs/SEAJointState_5_5",
    "intera_core_msgs/URDFConfiguration",
    "robotiq_2f_gripper_control/Robotiq2FGripper_robot_input",
    "robotiq_2f_gripper_control/Robotiq2FGripper_robot_output",
]
SEEDS = range(4)
TRIGGER, SET_BOOL = service_type("std_srvs/Trigger"), service_type("std_srvs/SetBool")


def ends_with(messages: list[Any], value: float) -> bool:
    return [message.data for message in messages][-1:] == [value]


def plain(value: Any) -> Any:  # noqa: ANN401
    """Return a message of this package as rospy's side writes its own."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if hasattr(value, "nanosec"):
        return {"secs": value.sec, "nsecs": value.nanosec}
    if hasattr(value, "__dataclass_fields__"):
        # rosbags puts a field into empty messages; it is not sent.
        left_out = "structure_needs_at_least_one_member"
        fields = value.__dataclass_fields__.items()
        names = [name for name, field in fields if "ClassVar" not in str(field.type) and name != left_out]
        return {name: plain(getattr(value, name)) for name in names}
    return value


def hear(peer: RospyPeer, topic: str, count: int = 1) -> list[Any]:
    """Wait until so many messages came to rospy, and return them."""
    messages: list[Any] = []

    def came() -> bool:
        messages.extend(peer.tell("received", topic=topic))
        return len(messages) >= count

    wait_for(came)
    return messages


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_means_the_same_on_both_sides(kind: str, live: Nodes, rospy: RospyPeer) -> None:
    ours, got = message_type(kind), list[Any]()
    assert rospy.tell("md5", kind=kind) == ours.md5sum
    node = live.make("/node")
    node.subscribe("/there", kind, got.append, queue=len(SEEDS))
    publisher = node.publish("/back", kind, queue=len(SEEDS))
    rospy.tell("publish", topic="/there", kind=kind)
    rospy.tell("subscribe", topic="/back", kind=kind)
    wait_for(lambda: rospy.tell("connections", topic="/there") and publisher.connections)
    drawn = [rospy.tell("random", kind=kind, seed=seed) for seed in SEEDS]
    sent = [rospy.tell("send", topic="/there", message=message) for message in drawn]
    wait_for(lambda: len(got) == len(SEEDS))
    assert [plain(message) for message in got] == [each["message"] for each in sent]
    assert [bytes(ours.encode(message)).hex() for message in got] == [each["bytes"] for each in sent]
    for message in got:
        publisher.send(message)
    back = hear(rospy, "/back", len(SEEDS))
    assert back == [each["message"] for each in sent]
    assert set(node.problems.counts) <= {Problem.MASTER}


def test_a_message_made_here_is_read_there(live: Nodes, rospy: RospyPeer) -> None:
    publisher = live.make("/node").publish("/x", COMMAND, latch=True)
    publisher.send(publisher.type.new(mode=2, names=["right_j0", "right_j1"], velocity=[0.5, -0.25]))
    rospy.tell("subscribe", topic="/x", kind=COMMAND)
    got = hear(rospy, "/x")
    assert (got[0]["mode"], got[0]["names"], got[0]["velocity"]) == (2, ["right_j0", "right_j1"], [0.5, -0.25])
    assert (got[0]["position"], got[0]["header"]["frame_id"]) == ([], "")


def test_a_latched_message_of_rospy_comes(live: Nodes, rospy: RospyPeer) -> None:
    rospy.tell("publish", topic="/x", kind="std_msgs/String", latch=True)
    rospy.tell("send", topic="/x", message={"data": "kept"})
    got: list[Any] = []
    live.make("/node").subscribe("/x", "std_msgs/String", got.append)
    wait_for(lambda: got)
    assert got[0].data == "kept"


def test_a_thousand_messages_come_in_order_both_ways(live: Nodes, rospy: RospyPeer) -> None:
    node, got = live.make("/node", Limits()), list[Any]()
    node.subscribe("/there", COMMAND, got.append, queue=1000)
    publisher = node.publish("/back", COMMAND, queue=1000)
    rospy.tell("publish", topic="/there", kind=COMMAND, queue=1000)
    rospy.tell("subscribe", topic="/back", kind=COMMAND)
    wait_for(lambda: rospy.tell("connections", topic="/there") and publisher.connections)
    rospy.tell("send", topic="/there", message={"velocity": [1.0] * 7}, count=1000)
    wait_for(lambda: len(got) == 1000)
    for index in range(1000):
        publisher.send(publisher.type.new(velocity=[float(index)] * 7))
    back = hear(rospy, "/back", 1000)
    assert [message["velocity"][6] for message in back] == list(range(1000))


def test_a_publisher_of_another_type_is_refused(live: Nodes, rospy: RospyPeer) -> None:
    node, got = live.make("/node"), list[Any]()
    node.subscribe("/x", COMMAND, got.append)
    rospy.tell("publish", topic="/x", kind="std_msgs/Float64", latch=True)
    rospy.tell("send", topic="/x", message={"data": 1.0})
    wait_for(lambda: node.problems.counts[Problem.REFUSED] >= 2)
    # rospy speaks first: it refuses a subscriber of another type, and says both.
    text = node.problems.last[Problem.REFUSED]
    assert "topic types do not match: [intera_core_msgs/JointCommand] vs. [std_msgs/Float64]" in text
    assert got == []


def test_a_subscriber_of_another_type_is_refused(live: Nodes, rospy: RospyPeer) -> None:
    node = live.make("/node")
    publisher = node.publish("/x", COMMAND)
    rospy.tell("subscribe", topic="/x", kind="std_msgs/Float64")
    wait_for(lambda: node.problems.counts[Problem.REFUSED])
    text = node.problems.last[Problem.REFUSED]
    assert f"ours is {COMMAND} (md5 c8c85922d297da6209a089a906207e5d)" in text
    assert "theirs is std_msgs/Float64 (md5 fdb28210bfa9d7c91146260178d9a584), at /rospy_peer" in text
    assert publisher.connections == 0


@pytest.mark.parametrize("firmware", ["intera_core_msgs/SEAJointState", "intera_core_msgs/SEAJointState_5_5"])
def test_the_version_of_the_firmware_is_recognised(live: Nodes, master: Rosmaster, firmware: str) -> None:
    node, got = live.make("/node"), list[Any]()
    both = ["intera_core_msgs/SEAJointState", "intera_core_msgs/SEAJointState_5_5"]
    node.subscribe("/x", both, got.append)
    publisher = live.make("/robot").publish("/x", firmware, latch=True)
    publisher.send(publisher.type.new(name=["right_j0"]))
    wait_for(lambda: got)
    assert hasattr(got[0], "actual_current") is (firmware == both[1])
    assert dict(master.ask("getTopicTypes"))["/x"] == "intera_core_msgs/SEAJointState"


def test_a_service_of_rospy_is_called(live: Nodes, rospy: RospyPeer) -> None:
    node = live.make("/node")
    rospy.tell("serve", name="/s")
    for _ in range(3):
        answer = node.call("/s", "std_srvs/Trigger", TRIGGER.request.new(), seconds=20.0)
        assert (answer.success, answer.message) == (True, "from rospy")
    with pytest.raises(RefusedError, match=r"refuses std_srvs/SetBool .*md5sums do not match"):
        node.call("/s", "std_srvs/SetBool", SET_BOOL.request.new(), seconds=20.0)
    rospy.tell("withdraw", name="/s")
    with pytest.raises(RefusedError, match="refuses lookupService"):
        node.call("/s", "std_srvs/Trigger", TRIGGER.request.new())


def test_what_a_service_of_rospy_raises_comes_back(live: Nodes, rospy: RospyPeer) -> None:
    rospy.tell("serve", name="/s", fail="motor too hot")
    with pytest.raises(RefusedError, match=r"/s at 127\.0\.0\.1:\d+ failed: .*motor too hot"):
        live.make("/node").call("/s", "std_srvs/Trigger", TRIGGER.request.new(), seconds=20.0)


@pytest.mark.parametrize("persistent", [False, True])
def test_rospy_calls_a_service_of_ours(live: Nodes, rospy: RospyPeer, persistent: bool) -> None:
    node, got = live.make("/node", Limits()), list[bool]()

    def handler(request: Any) -> object:  # noqa: ANN401
        got.append(request.data)
        return SET_BOOL.response.new(success=request.data, message="hear")

    node.serve("/s", "std_srvs/SetBool", handler)
    answer = rospy.tell("call", name="/s", kind="std_srvs/SetBool", persistent=persistent, count=3, data=True)
    assert (answer, got) == ({"success": True, "message": "hear"}, [True] * 3)
    assert set(node.problems.counts) <= {Problem.MASTER, Problem.UNREACHABLE}


def test_rospy_hears_what_a_handler_of_ours_raises(live: Nodes, rospy: RospyPeer) -> None:
    def handler(_: object) -> object:
        raise ValueError("no power")

    live.make("/node").serve("/s", "std_srvs/Trigger", handler)
    with pytest.raises(Exception, match=r"ServiceException: .*responded with an error: .*ValueError: no power"):
        rospy.tell("call", name="/s", kind="std_srvs/Trigger")


def test_parameters_are_the_same_on_both_sides(live: Nodes, rospy: RospyPeer) -> None:
    value = {"limits": {"right_j0": 1.74}, "joints": ["a", "b"], "on": True, "count": -7, "text": "<é&>"}
    parameters = live.make("/node").parameters
    parameters.set("/ours", value)
    assert rospy.tell("get_parameter", name="/ours") == value
    rospy.tell("set_parameter", name="/theirs", value=value)
    assert parameters.get("/theirs") == value


def test_a_rospy_publisher_that_crashed_and_comes_back_is_heard(live: Nodes, master: Rosmaster, tmp_path: Path) -> None:
    node, got = live.make("/node"), list[Any]()
    subscriber = node.subscribe("/x", "std_msgs/Float64", got.append)
    for value in (1.0, 2.0):
        with RospyPeer("/robot", master.uri, tmp_path) as robot:
            robot.tell("publish", topic="/x", kind="std_msgs/Float64", latch=True)
            robot.tell("send", topic="/x", message={"data": value})
            wait_for(partial(ends_with, got, value))
        # It was killed without a word.
        wait_for(lambda: not subscriber.connections)


def test_a_rospy_subscriber_that_crashed_and_comes_back_is_served(
    live: Nodes, master: Rosmaster, tmp_path: Path
) -> None:
    publisher = live.make("/node").publish("/x", "std_msgs/Float64", latch=True)
    for value in (1.0, 2.0):
        publisher.send(publisher.type.new(data=value))
        with RospyPeer("/robot", master.uri, tmp_path) as robot:
            robot.tell("subscribe", topic="/x", kind="std_msgs/Float64")
            assert hear(robot, "/x") == [{"data": value}]
        wait_for(lambda: not publisher.connections)


def test_rospy_notices_that_our_node_ended_and_came_back(live: Nodes, rospy: RospyPeer) -> None:
    rospy.tell("publish", topic="/there", kind="std_msgs/Float64", latch=True)
    rospy.tell("subscribe", topic="/back", kind="std_msgs/Float64")
    rospy.tell("send", topic="/there", message={"data": 5.0})
    for value in (1.0, 2.0):
        node, got = live.make("/node"), list[Any]()
        publisher = node.publish("/back", "std_msgs/Float64", latch=True)
        publisher.send(publisher.type.new(data=value))
        node.subscribe("/there", "std_msgs/Float64", got.append)
        wait_for(partial(bool, got))
        assert (got[0].data, hear(rospy, "/back")) == (5.0, [{"data": value}])
        node.close()
        wait_for(lambda: rospy.tell("connections", topic="/back") == 0)


def test_a_rospy_node_that_leaves_in_good_order_is_let_go(live: Nodes, rospy: RospyPeer) -> None:
    node, got = live.make("/node"), list[Any]()
    subscriber = node.subscribe("/x", "std_msgs/Float64", got.append)
    rospy.tell("publish", topic="/x", kind="std_msgs/Float64")
    wait_for(lambda: subscriber.connections)
    rospy.tell("unregister", topic="/x")
    wait_for(lambda: not subscriber.connections and not subscriber._feeds)
    rospy.leave()


def test_links_with_rospy_outlive_the_master_and_new_ones_form_after_it(
    live: Nodes, rospy: RospyPeer, master: Rosmaster, tmp_path: Path
) -> None:
    node, got = live.make("/node"), list[Any]()
    subscriber = node.subscribe("/x", "std_msgs/Float64", got.append)
    publisher = node.publish("/y", "std_msgs/Float64", latch=True)
    publisher.send(publisher.type.new(data=7.0))
    rospy.tell("publish", topic="/x", kind="std_msgs/Float64")
    wait_for(lambda: subscriber.connections and rospy.tell("connections", topic="/x"))
    master.stop()
    wait_for(lambda: node.problems.counts[Problem.MASTER])
    master.start()
    # rospy does not register again, this package does; the connection between them stands.
    with RospyPeer("/late", master.uri, tmp_path) as late:
        late.tell("subscribe", topic="/y", kind="std_msgs/Float64")
        assert hear(late, "/y") == [{"data": 7.0}]
        late.tell("publish", topic="/x", kind="std_msgs/Float64")
        wait_for(lambda: subscriber.connections == 2)
        rospy.tell("send", topic="/x", message={"data": 1.0})
        wait_for(lambda: got)
