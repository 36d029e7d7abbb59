"""Names and addresses."""

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.errors import ProtocolError
from helms_control.hardware.ros1.names import global_name, host_port


@pytest.mark.parametrize(("name", "full"), [("/robot/state", "/robot/state"), ("state", "/state"), ("/a1_", "/a1_")])
def test_names_are_made_global(name: str, full: str) -> None:
    assert global_name("topic", name) == full


@pytest.mark.parametrize("name", ["", "/", "//a", "/a/", "/1a", "/a b", "~a", "/a\n", "/é", "/_a"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(HelmsError, match="is not a ROS name: letters, digits and underscores"):
        global_name("topic", name)


def test_an_address_is_taken_apart() -> None:
    assert host_port("http://robot.local:11311/", "http") == ("robot.local", 11311)
    assert host_port("rosrpc://10.0.0.1:5", "rosrpc") == ("10.0.0.1", 5)


@pytest.mark.parametrize(
    "uri", ["http://a:1", "rosrpc://:1", "rosrpc://a", "rosrpc://a:x", None, 7, "rosrpc://" + "a" * 2000]
)
def test_what_is_no_address_is_refused(uri: object) -> None:
    with pytest.raises(ProtocolError, match="is no address of the form rosrpc://host:port") as caught:
        host_port(uri, "rosrpc")
    assert len(str(caught.value)) < 200
