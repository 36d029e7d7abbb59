"""Names of nodes, topics, services and parameters."""

import re
from urllib.parse import urlsplit

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.errors import ProtocolError

_NAME = re.compile(r"(/[A-Za-z][A-Za-z0-9_]*)+")


def global_name(kind: str, name: str) -> str:
    """Return a name with its leading slash.

    Args:
        kind: what the name stands for, for the error.
        name: with the leading slash, or without, relative to the root.

    Raises:
        HelmsError: not a name.
    """
    full = name if name.startswith("/") else f"/{name}"
    if not _NAME.fullmatch(full):
        raise HelmsError(
            f"{kind} {name!r} is not a ROS name: letters, digits and underscores in parts that begin with a letter, "
            "for instance /robot/joint_states"
        )
    return full


def host_port(uri: object, scheme: str) -> tuple[str, int]:
    """Parse host and port of a peer's URI.

    Raises:
        ProtocolError: not a URI of this scheme.
    """
    try:
        parts = urlsplit(uri) if isinstance(uri, str) and len(uri) < 1024 else None
        if parts and parts.scheme == scheme and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise ProtocolError(f"{str(uri)[:100]!r} is no address of the form {scheme}://host:port")
