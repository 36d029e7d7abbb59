"""One XML-RPC call with a timeout and a size limit, which `xmlrpc.client` lacks."""

import http.client
import xmlrpc.client
from typing import Any

from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.names import host_port
from helms_control.hardware.ros1.sockets import dial

SUCCESS = 1


class _Connection(http.client.HTTPConnection):
    """HTTP directly to the peer: no proxy from the environment, no IPv6."""

    def connect(self) -> None:
        self.sock = dial(self.host, self.port, float(self.timeout or 0.0))


def call(uri: str, method: str, *arguments: Any, seconds: float, limit: int) -> Any:  # noqa: ANN401 - any value
    """Call a method of the master or of a node and return its value.

    Args:
        uri: of the peer, http://host:port/.
        method: name.
        arguments: of XML-RPC types; the first is the caller's name.
        seconds: timeout, s.
        limit: longest accepted answer, bytes.

    Raises:
        UnreachableError: no answer in time.
        ProtocolError: the answer is not ROS's [code, text, value].
        RefusedError: the peer reports an error.
    """
    host, port = host_port(uri, "http")
    connection = _Connection(host, port, timeout=seconds)
    try:
        body = xmlrpc.client.dumps(arguments, method)
        connection.request("POST", "/", body.encode(), {"Content-Type": "text/xml"})
        response = connection.getresponse()
        data = response.read(limit + 1)
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(f"{uri} does not answer {method}: {error or type(error).__name__}") from error
    finally:
        connection.close()
    if response.status != http.client.OK or len(data) > limit:
        raise ProtocolError(f"{uri} answers {method} with HTTP status {response.status} and {len(data)} bytes or more")
    return _value(uri, method, data)


def check_xml(data: bytes) -> None:
    """Refuse documents with entity definitions, which expand without bound, and UTF-16, which could hide them.

    Raises:
        ProtocolError: such a document.
    """
    if b"<!DOCTYPE" in data or b"\0" in data:
        raise ProtocolError("XML-RPC with a document type, or in UTF-16, is not accepted")


def _value(uri: str, method: str, data: bytes) -> Any:  # noqa: ANN401 - any value
    check_xml(data)
    try:
        answer: Any = xmlrpc.client.loads(data)[0]
        ((code, text, value),) = answer
    except xmlrpc.client.Fault as error:
        raise RefusedError(f"{uri} refuses {method}: {error.faultString[:300]}") from error
    except Exception as error:
        # The parser raises unrelated classes.
        raise ProtocolError(f"{uri} answers {method} with what is not [code, text, value]: {error}") from error
    if code != SUCCESS:
        raise RefusedError(f"{uri} refuses {method}: {str(text)[:300]}")
    return value
