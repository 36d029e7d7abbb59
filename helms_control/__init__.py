"""Robot-side code: the contract, policy levels, ROS nodes and the Sawyer driver."""

import os

# ONNX Runtime would keep an identifier of the device, send its usage to Microsoft from a thread of its own, and leave
# files in the temporary and the home directory. It reads this once, when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
