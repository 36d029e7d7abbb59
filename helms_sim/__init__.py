"""The MuJoCo stacking cell: scene, objects, controller, tasks, environments and the demonstrator."""

from helms_sim.registration import register

register()
