"""Skills that a trained high level selects on recorded episodes, with the stages of the task."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from helms_control.errors import HelmsError
from helms_control.features import geometry
from helms_control.features.roles import ordered
from helms_control.spec import FRAMES
from helms_control.spec.task import roles_of
from helms_learning.datasets.episode import Episode
from helms_learning.datasets.file import Dataset
from helms_learning.datasets.windows import packed_shapes
from helms_learning.offline.seen import frame_features
from helms_learning.policies.base import Policy
from helms_learning.policies.hierarchical import Hierarchical
from helms_learning.policies.inputs import inputs_of

Integers = npt.NDArray[np.int64]


class Chosen(NamedTuple):
    """One episode of T control steps.

    Attributes:
        skills: (T,), 0 to K - 1: the most probable one, as in deployment.
        stages: (T,), stage of the task after each step; 0 for none.
    """

    skills: Integers
    stages: Integers


def chosen_skills(policy: Policy, dataset: Path, split: str = "valid") -> Iterator[Chosen]:
    """Yield the selected skills for the episodes of a split, in order.

    Args:
        policy: trained, hierarchical.
        dataset: HDF5 file.
        split: "train" or "valid".

    Raises:
        HelmsError: the policy has no high level, or the file no such split.
    """
    if not isinstance(policy, Hierarchical):
        raise HelmsError(f"a policy of kind {policy.KIND} has no skills; train a hierarchical one")
    with Dataset(dataset) as opened:
        names = opened.masks().get(split, [])
        if not names:
            raise HelmsError(f"{dataset} has no split {split!r}; make it with helms dataset split {dataset}")
        for name in names:
            episode = opened.read(name)
            yield Chosen(_choose(policy, episode), episode.stages.astype(np.int64))


def _choose(policy: Hierarchical, episode: Episode) -> Integers:
    features, config = policy.features, policy.config
    steps, places = len(episode), ordered(config.order, roles_of(episode.meta.task))
    shapes = np.broadcast_to(packed_shapes(episode), (steps, 3, geometry.SIZE))
    frames = frame_features(features, episode.proprioception[:steps], episode.objects[:steps], shapes, places)
    frames = frames.to(next(policy.parameters()).device)
    with torch.no_grad():
        # The first frame is repeated as in the cell; the high level does not use the frames after the end.
        padded = torch.cat([frames[:1]] * (FRAMES - 1) + [frames])
        logits = policy.high(inputs_of(padded, features, policy.normaliser, 0).all)
    chosen: Integers = logits.argmax(-1).cpu().numpy()
    return chosen
