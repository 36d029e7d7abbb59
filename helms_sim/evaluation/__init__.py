"""Evaluation of drivers over episodes."""

from helms_sim.evaluation.drivers import DRIVERS, Driver, make_driver
from helms_sim.evaluation.episodes import Record, run_episode
from helms_sim.evaluation.parallel import Evaluation, evaluate
from helms_sim.evaluation.summary import summarise

__all__ = ["DRIVERS", "Driver", "Evaluation", "Record", "evaluate", "make_driver", "run_episode", "summarise"]
