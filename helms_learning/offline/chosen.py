"""Skills that a trained high level selects on recorded episodes, with the stages of the task."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from helms_control.errors import HelmsError
from helms_control.spec import FRAMES
from helms_learning.datasets.episode import Episode
from helms_learning.datasets.file import Dataset
from helms_learning.models.skills import SkillModel, stack
from helms_learning.offline.losses import Model

Integers = npt.NDArray[np.int64]


class Chosen(NamedTuple):
    """One episode of T control steps.

    Attributes:
        skills: (T,), 0 to K - 1: the most probable one, as in deployment.
        stages: (T,), stage of the task after each step; 0 for none.
    """

    skills: Integers
    stages: Integers


def chosen_skills(model: Model, dataset: Path, split: str = "valid") -> Iterator[Chosen]:
    """Yield the selected skills for the episodes of a split, in order.

    Args:
        model: trained, of kind helms or npmp.
        dataset: HDF5 file.
        split: "train" or "valid".

    Raises:
        HelmsError: the model has no high level, or the file no such split.
    """
    if not isinstance(model, SkillModel):
        raise HelmsError("a model of kind bc has no skills; train one of kind helms")
    with Dataset(dataset) as opened:
        names = opened.masks().get(split, [])
        if not names:
            raise HelmsError(f"{dataset} has no split {split!r}; make it with helms dataset split {dataset}")
        for name in names:
            episode = opened.read(name)
            yield Chosen(_choose(model, episode), episode.stages.astype(np.int64))


def _choose(model: SkillModel, episode: Episode) -> Integers:
    frames = np.hstack([episode.proprioception, episode.objects])[: len(episode)]
    # The first frame is repeated as in the cell; the high level does not use the frames after the end.
    padded = np.pad(frames, ((FRAMES - 1, model.config.look_ahead), (0, 0)), mode="edge")
    device = next(model.parameters()).device
    with torch.no_grad():
        logits = model.high(stack(torch.from_numpy(padded).to(device), model.normaliser, model.config).all)
    chosen: Integers = logits.argmax(-1).cpu().numpy()
    return chosen
