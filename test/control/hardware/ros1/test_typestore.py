"""Message types: published md5 sums, hand-worked bytes, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_control.errors import HelmsError, UnknownNameError
from helms_control.hardware.ros1.errors import ProtocolError
from helms_control.hardware.ros1.typestore import message_type, service_type, stamp

# As Rethink's and ROS's own generated code has them.
PUBLISHED = {
    "intera_core_msgs/JointCommand": "c8c85922d297da6209a089a906207e5d",
    "intera_core_msgs/JointLimits": "c4c445eb2c9324525a704c84ca1e7598",
    "intera_core_msgs/SEAJointState": "5df7bfe6612daccc934b34dad7800762",
    "intera_core_msgs/SEAJointState_5_5": "a473404cd707e34325ad3da7b206381f",
    "intera_core_msgs/EndpointState": "ec04f0f9bc02b3e335181c07d68c2c98",
    "intera_core_msgs/EndpointStates": "d7b5ea85d8388c002e6c6d800ba697bc",
    "intera_core_msgs/RobotAssemblyState": "df79ce5f75a6b23626e9fcdf1cc4d298",
    "intera_core_msgs/AssemblyState": "1dd1da5d897074cd1eece6cc0449a2eb",
    "intera_core_msgs/CollisionDetectionState": "7bde38c182b4d08fdc0635b116f65d04",
    "intera_core_msgs/CollisionAvoidanceState": "30f5cb8ae019f1ffe8b599e6d2e589c7",
    "intera_core_msgs/HeadPanCommand": "5cb68e8755646564cf47813f91cee216",
    "intera_core_msgs/HeadState": "51024ade10ffefe117049c9ba6fd743c",
    "intera_core_msgs/IOStatus": "a8daeb84c9abffc88ad8ca636f5fd8a0",
    "intera_core_msgs/IOComponentStatus": "7daed407477edd76573df598b0375a48",
    "intera_core_msgs/IODataStatus": "bb31283c6afc4ddea2f5f157264e5909",
    "intera_core_msgs/IODeviceStatus": "0d0c97a2d700848e7ad46e09a77cf896",
    "intera_core_msgs/IOComponentCommand": "ede95ba2953dc221dc82cac20f697530",
    "intera_core_msgs/HomingCommand": "ff29c86109f0f4cada5bbde945dd55c4",
    "intera_core_msgs/HomingState": "eacb82bc7d74638daa749d9caab52b99",
    "intera_core_msgs/URDFConfiguration": "0c7028d878027820eed2aa0cbf1f5e4a",
    "robotiq_2f_gripper_control/Robotiq2FGripper_robot_output": "481503a99d995d0e403b7ee708c6862c",
    "robotiq_2f_gripper_control/Robotiq2FGripper_robot_input": "17d49e32c00f4f2fb4fe664060553362",
    "std_msgs/Empty": "d41d8cd98f00b204e9800998ecf8427e",
    "std_msgs/Bool": "8b94c1b53db61fb6aed406028ad6332a",
    "std_msgs/String": "992ce8a1687cec8c8bd883ec73ca41d1",
    "std_msgs/Float64": "fdb28210bfa9d7c91146260178d9a584",
    "sensor_msgs/JointState": "3066dcd76a6cfaef579bd0f34173e9fd",
    "sensor_msgs/Image": "060021388200f6f0f447d0fcd9c64743",
    "geometry_msgs/Pose": "e45d45a5a1ce597b249e23fb30fc871f",
    "geometry_msgs/WrenchStamped": "d78d3cb249ce23087ade7e7d0c40cfa7",
}
SERVICES = {
    "std_srvs/Empty": "d41d8cd98f00b204e9800998ecf8427e",
    "std_srvs/SetBool": "09fb03525b03e7ea1fd3992bafd87e16",
    "std_srvs/Trigger": "937c9679a518e3a18d831e57125ea522",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_md5_sum_is_the_published_one(name: str) -> None:
    assert message_type(name).md5sum == PUBLISHED[name]


@pytest.mark.parametrize("name", SERVICES)
def test_the_md5_sum_of_a_service_is_the_published_one(name: str) -> None:
    assert service_type(name).md5sum == SERVICES[name]


def test_the_newer_version_goes_by_the_name_of_the_old_one() -> None:
    newer = message_type("intera_core_msgs/SEAJointState_5_5")
    assert newer.name == "intera_core_msgs/SEAJointState"
    assert newer.identity.name == message_type("intera_core_msgs/SEAJointState").identity.name


def test_a_command_is_written_as_worked_by_hand() -> None:
    kind = message_type("intera_core_msgs/JointCommand")
    message = kind.new(mode=2, names=["right_j0"], velocity=[1.0])
    message.header.stamp = stamp(3_000_000_005)
    expected = (
        "00000000 03000000 05000000 00000000"  # seq, 3 s, 5 ns, empty frame_id
        "02000000 01000000 08000000 72696768745f6a30"  # mode 2, one name of 8 letters
        "00000000 01000000 000000000000f03f 00000000 00000000"  # no position, one velocity 1.0, nothing more
    )
    assert bytes(kind.encode(message)) == bytes.fromhex(expected)


def test_what_is_left_out_is_zero() -> None:
    state = message_type("intera_core_msgs/EndpointState").new(valid=True)
    assert state.valid is True
    assert (state.header.seq, state.header.frame_id, state.wrench.force.x) == (0, "", 0.0)
    pose = message_type("geometry_msgs/PoseWithCovariance").new()
    assert pose.covariance.tolist() == [0.0] * 36


@pytest.mark.parametrize("name", sorted({*PUBLISHED} - {"std_msgs/Empty"}))
def test_an_empty_message_comes_back_and_a_truncated_or_longer_one_is_refused(name: str) -> None:
    kind = message_type(name)
    data = bytes(kind.encode(kind.new()))
    assert bytes(kind.encode(kind.decode(data))) == data
    for wrong in (data[:-1], data + b"\0"):
        with pytest.raises(ProtocolError, match=f"{len(wrong)} bytes are not a message of type"):
            kind.decode(wrong)


@given(st.binary(max_size=120))
def test_any_bytes_are_a_command_or_refused(data: bytes) -> None:
    kind = message_type("intera_core_msgs/JointCommand")
    try:
        message = kind.decode(data)
    except ProtocolError:
        return
    assert bytes(kind.encode(message)) == data


@given(st.lists(st.floats(allow_nan=False), max_size=9), st.lists(st.text(st.characters(codec="utf-8")), max_size=9))
def test_numbers_and_names_come_back(numbers: list[float], names: list[str]) -> None:
    kind = message_type("sensor_msgs/JointState")
    back = kind.decode(bytes(kind.encode(kind.new(position=numbers, name=names))))
    assert (back.position.tolist(), back.name) == (numbers, names)


def test_a_huge_list_is_refused_without_being_made() -> None:
    kind = message_type("intera_core_msgs/JointCommand")
    data = bytearray(kind.encode(kind.new()))
    data[-4:] = b"\xff\xff\xff\xff"
    with pytest.raises(ProtocolError, match="Invalid sequence length 4294967295"):
        kind.decode(bytes(data))


def test_numbers_of_another_type_are_refused_though_they_have_the_same_size() -> None:
    kind = message_type("intera_core_msgs/JointCommand")
    message = kind.new(velocity=[1, 2])
    assert message.velocity.tolist() == [1.0, 2.0]
    message.velocity = np.array([1, 2])
    with pytest.raises(HelmsError, match="cannot be sent as intera_core_msgs/JointCommand: an array of int64"):
        kind.encode(message)


def test_every_second_number_of_an_array_can_be_sent() -> None:
    kind = message_type("intera_core_msgs/JointCommand")
    message = kind.new(velocity=np.arange(6.0)[::2])
    assert kind.decode(bytes(kind.encode(message))).velocity.tolist() == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"speed": 1}, "unknown field of intera_core_msgs/JointCommand 'speed'"),
        ({"velocity": ["fast"]}, "velocity of intera_core_msgs/msg/JointCommand must be numbers of type float64"),
        ({"velocity": 1.0}, r"an array of shape \(\) is no list"),
        ({"velocity": np.zeros((2, 2))}, r"an array of shape \(2, 2\) is no list"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, object], complaint: str) -> None:
    with pytest.raises(HelmsError, match=complaint):
        message_type("intera_core_msgs/JointCommand").new(**fields)


def test_a_message_of_another_type_is_refused() -> None:
    kind = message_type("std_msgs/Float64")
    with pytest.raises(HelmsError, match="cannot be sent as std_msgs/Float64"):
        kind.encode(message_type("std_msgs/Empty").new())


def test_unknown_types_name_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sensor_msgs/JointState'"):
        message_type("sensor_msgs/JoinState")
    with pytest.raises(UnknownNameError, match="Did you mean 'std_srvs/Trigger'"):
        service_type("std_srvs/Triger")


def test_a_service_has_a_request_and_a_response() -> None:
    kind = service_type("std_srvs/SetBool")
    assert bytes(kind.request.encode(kind.request.new(data=True))) == b"\x01"
    assert bytes(kind.response.encode(kind.response.new(success=True, message="ok"))) == b"\x01\x02\0\0\0ok"
