"""Numbers of the stacking and pyramid rewards; metres in the base frame unless a name says otherwise.

Source: the public RGB-stacking environment (DeepMind), as read and measured, where no other is named. HeLMS
(appendix F) names the pyramid's primitives without their numbers; those are this project's choice, reasons beside them.
"""

from helms_control.robot import basket
from helms_control.spec import COLOURS
from helms_sim.tasks.shaping import DistanceShape

OBJECT_NAMES = COLOURS
RED, GREEN, BLUE = range(3)

BASKET_FLOOR_Z = basket.FLOOR
WORKSPACE_CENTRE = (0.6, 0.0, 0.1698)
WORKSPACE_HALF_SIZE = (0.125, 0.125, 0.1)

GRIPPER_CLOSED = 255.0  # tics

REACH = DistanceShape(horizontal=0.02, vertical=0.02, margin=0.15)
REACHED = 0.9  # value of reach above which the grasp starts to count

LIFT_Z_MIN = BASKET_FLOOR_Z + 0.055
LIFT_Z_MAX = BASKET_FLOOR_Z + 0.1

STACK_HEIGHT = 0.04  # nominal distance between centres for every object, although the boxes are about 0.05 high
HOVER = DistanceShape(horizontal=0.01, vertical=0.01, margin=0.2)
HOVER_Z_MIN = 0.1

STACK_HORIZONTAL = 0.03
STACK_VERTICAL = 0.01

ABOVE_HEIGHT = 0.1
ABOVE = DistanceShape(horizontal=1.0, vertical=0.03, margin=0.05)

SUCCESS_HORIZONTAL = 0.05
SUCCESS_HEIGHT = 0.02

# Two boxes 0.05 wide whose centres are 0.08 apart leave a gap of 0.03: room for a finger between them, while a third
# box still rests on 0.01 of each.
NEAR_HORIZONTAL = 0.08
# Centres of objects that rest on one floor differ by at most 0.0155 in height (any faces, object sets 1 to 5; not so
# for the two longest ones on end); one on top of another starts at 0.03, where the stack's tolerance begins.
NEAR_VERTICAL = 0.02
# Lowering the object from anywhere in this zone lands it near its neighbour.
HOVER_NEAR = DistanceShape(horizontal=NEAR_HORIZONTAL, vertical=HOVER.vertical, margin=HOVER.margin)
# Half a box: the top's centre stays between the centres of two bases that touch.
PYRAMID_HORIZONTAL = 0.025
# Twice the stack's: a box of 0.05 on two of 0.05 then lies inside the tolerance around 0.04, not on its edge.
PYRAMID_VERTICAL = 0.02

DENSE_THRESHOLD = 0.01
SPARSE_THRESHOLD = 0.95  # HeLMS, appendix F
