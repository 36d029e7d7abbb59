"""The MuJoCo stacking cell: scene, objects, controller, tasks, environments and the demonstrator."""
