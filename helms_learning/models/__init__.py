"""Networks of the three levels and of the posterior over skills."""

from helms_learning.models.behaviour import BehaviourClone
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.skills import SkillModel

__all__ = ["BehaviourClone", "ModelConfig", "SkillModel"]
