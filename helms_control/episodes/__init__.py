"""Scheduling and bookkeeping of episodes."""

from helms_control.episodes.ledger import Ledger
from helms_control.episodes.schedule import Request, Schedule, object_sets_of
from helms_control.episodes.tally import Outcome, Tally

__all__ = ["Ledger", "Outcome", "Request", "Schedule", "Tally", "object_sets_of"]
