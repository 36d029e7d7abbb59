"""Grid of training runs over two settings, and the table that compares them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from helms_control.durable import write_text
from helms_control.errors import HelmsError
from helms_learning.offline.chosen import chosen_skills
from helms_learning.offline.config import TrainConfig, to_mapping
from helms_learning.offline.run import CONFIG, begin, choose_device, read_config, resume
from helms_learning.offline.trainer import Trainer
from helms_learning.report.statistics import mutual_information, segment_lengths, usage

TABLE = "table"
COLUMNS = (
    ("run", "run", "{}"),
    ("beta_z", "beta_z", "{:g}"),
    ("sticky_prob", "sticky_prob", "{:g}"),
    ("error", "error of the action", "{:.4f}"),
    ("elbo", "elbo", "{:.3f}"),
    ("least_used", "least used skill", "{:.1%}"),
    ("segment_steps", "mean segment, steps", "{:.1f}"),
    ("stage_nmi", "NMI with the stage", "{:.3f}"),
)
"""Key, heading and format of each column."""
NOTE = (
    "On the validation episodes. error: root mean square of the normalised action; elbo: with the weights and prior "
    "of its own run, so compare it with care; the last three: of the skills that the high level chooses, step by step; "
    "NMI: normalised mutual information, by the mean of the two entropies.\n"
)

Train = Callable[[Trainer], object]


@dataclass(frozen=True, slots=True)
class Row:
    """Results of one run."""

    run: str
    """Name of its folder."""
    beta_z: float
    """Weight of the KL of the latents."""
    sticky_prob: float
    """Prior probability of keeping the skill."""
    steps: int
    """Gradient steps."""
    error: float
    """Root mean square error of the normalised action, validation."""
    elbo: float
    """Validation ELBO, with the run's own weights and prior."""
    least_used: float
    """Share of the skill that is chosen least."""
    segment_steps: float
    """Mean number of control steps for which a skill is kept."""
    stage_nmi: float
    """Normalised mutual information of skill and stage of the task, 0 to 1."""


def grid(betas: Sequence[float], sticky_probs: Sequence[float]) -> list[tuple[str, list[str]]]:
    """Return a name and the changes of the configuration for each run, one for each pair."""
    return [
        (f"beta_z_{beta:g}_sticky_{prob:g}", [f"weights.beta_z={float(beta)}", f"policy.sticky_prob={float(prob)}"])
        for beta, prob in dict.fromkeys(product(betas, sticky_probs))
    ]


def run_all(
    out: Path, configs: Sequence[tuple[str, TrainConfig]], command: str, train: Train, device: str | None = None
) -> Iterator[Row]:
    """Train unfinished runs, evaluate all, and update the table.

    Args:
        out: folder of the runs and of the table.
        configs: name and configuration of each run.
        command: for the runs' provenance.
        train: called with the trainer of a run that is not finished; brings it to its last step.
        device: such as "cpu"; by default a GPU where there is one.

    Yields:
        A row for each run, in order; the table holds it already.

    Raises:
        HelmsError: a model without skills, a folder with a run of another configuration or dataset, or a table that is
            none of this command, all before anything is trained; or an error of training.
    """
    _check_table(out)
    for name, config in configs:
        _check(out / name, config)
    for name, config in configs:
        if (out / name / CONFIG).exists():
            resume(out / name, command, choose_device(device))
        else:
            begin(out / name, config, command, choose_device(device))
    rows: list[Row] = []
    for name, config in configs:
        trainer = Trainer(out / name, config, device)
        if trainer.step < config.steps:
            train(trainer)
        rows.append(_evaluate(name, trainer))
        write_table(out, rows)
        yield rows[-1]


def markdown(rows: Sequence[Row]) -> str:
    """Return a table with a line for each run, and what its columns mean."""
    lines = [[heading for _, heading, _ in COLUMNS], ["---"] * len(COLUMNS)]
    lines += [[form.format(getattr(row, key)) for key, _, form in COLUMNS] for row in rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n" + NOTE


def write_table(out: Path, rows: Sequence[Row]) -> None:
    """Write table.md and table.json, each whole or not at all.

    Raises:
        HelmsError: the disk refuses.
    """
    plain = json.dumps({"rows": [asdict(row) for row in rows]}, indent=2) + "\n"
    for suffix, text in ((".json", plain), (".md", markdown(rows))):  # in this order, for `_check_table`
        path = out / f"{TABLE}{suffix}"
        try:
            write_text(path, text)
        except OSError as error:
            raise HelmsError(f"{path} cannot be written: {error}; the runs are kept, call the command again") from error


def _check_table(out: Path) -> None:
    written, shown = out / f"{TABLE}.json", out / f"{TABLE}.md"
    try:
        ours = "rows" in json.loads(written.read_text()) if written.exists() else not shown.exists()
    except (OSError, ValueError, TypeError):
        ours = False
    if not ours:
        raise HelmsError(f"{written} or {shown} was not written by helms ablate; choose another --out")


def _check(folder: Path, config: TrainConfig) -> None:
    if config.policy.kind != "hierarchical":
        raise HelmsError(f"policy.kind is {config.policy.kind}, which has no skills to compare; use hierarchical")
    if not (folder / CONFIG).exists():
        return
    found, wanted = to_mapping(read_config(folder)), to_mapping(config)
    other = sorted(key for key in wanted if found[key] != wanted[key])
    if other:
        told = "; ".join(f"{key} is {found[key]!r} there, {wanted[key]!r} here" for key in other)
        raise HelmsError(f"{folder} holds a run of another configuration: {told}. Choose another --out, or delete it")


def _evaluate(name: str, trainer: Trainer) -> Row:
    config = trainer.config
    terms = trainer.validate()
    chosen = list(chosen_skills(trainer.policy, Path(config.dataset)))
    skills, stages = [each.skills for each in chosen], [each.stages for each in chosen]
    return Row(
        name,
        config.weights.beta_z,
        config.policy.sticky_prob,
        trainer.step,
        terms["error"],
        terms["elbo"],
        float(usage(skills, config.policy.skills).min()),
        float(np.mean(segment_lengths(skills))),
        mutual_information(skills, stages),
    )
