"""The service emergency_stop, on a node and thread of its own: it answers while the driver's node is busy or hangs."""

import threading

from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import SetBool

from helms_control.hardware.sawyer.driver import SawyerDriver
from helms_control.nodes.run import SPIN_S


class StopService:
    """Offers the emergency stop of a driver until it is closed."""

    def __init__(self, node: Node, driver: SawyerDriver) -> None:
        """Offer the service under the name that it has in `node`; the node that serves it is hidden."""
        # A second node, because rclpy gives all callbacks of one node to one executor.
        self._node = Node(
            f"_{node.get_name()}_stop",
            context=node.context,
            namespace=node.get_namespace(),
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._driver, self._quit = driver, threading.Event()
        self._node.create_service(SetBool, node.resolve_service_name("emergency_stop"), self._on_call)
        self._executor = SingleThreadedExecutor(context=node.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._run, name="emergency stop service", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Withdraw the service, and end the repetition of a stop."""
        self._quit.set()
        self._executor.wake()
        self._thread.join()
        self._driver.end_emergency()
        self._executor.shutdown()
        self._node.destroy_node()

    def _run(self) -> None:
        while not self._quit.is_set():
            try:
                self._executor.spin_once(timeout_sec=SPIN_S)
            except Exception as error:
                # Such as an answer that cannot be delivered: the next call must be served all the same.
                self._node.get_logger().error(f"emergency_stop: {type(error).__name__}: {error}")
                self._quit.wait(SPIN_S)

    def _on_call(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        if request.data:
            response.success, response.message = self._driver.emergency_stop()
        else:
            self._driver.end_emergency()
            response.success, response.message = True, "enable the robot, then arm it"
        return response
