"""The MuJoCo stacking cell: scene, objects, controller, tasks, environments and the demonstrator."""

from helms_sim.gl import set_backend
from helms_sim.registration import register

set_backend()
register()
