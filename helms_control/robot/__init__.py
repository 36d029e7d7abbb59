"""Constants of robot and basket, for contract, controller, simulation and driver alike."""
