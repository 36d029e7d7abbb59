"""helms eval: success of a policy or the demonstrator."""

from dataclasses import asdict
from pathlib import Path

import click
from tqdm import tqdm

from helms_control.output import echo_json
from helms_sim.commands.options import cell_options, object_set_of
from helms_sim.rollout.evaluation import Evaluation, evaluate
from helms_sim.rollout.summary import summarise, write_table

EPILOG = """\b
Examples:
  helms eval --policy expert --object-set 4 --episodes 200 --seed 1000
  helms eval --policy policies/red_on_blue --object-set 4 --episodes 200 --seed 2000 --json
  helms eval --policy random --task green_on_red --episodes 50 --json
  helms eval --object-set train --randomisation training --episodes 200
"""


@click.command("eval", epilog=EPILOG)
@cell_options
@click.option("--episodes", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--ros", is_flag=True, help="Through the ROS graph, composed and in lockstep: the same episodes, slower.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; by default one for each core.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write one line for each episode here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    policy: str,
    object_set: str,
    task: str,
    seed: int,
    reward: str,
    randomisation: str,
    noise: float,
    episodes: int,
    ros: bool,
    workers: int | None,
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Measure the success of a policy: the demonstrator, random actions, or a bundle.

    Success is judged at the last control step: the top object lies on the bottom one and the robot does not touch
    it. Episode i has seed SEED + i; the result does not depend on the number of workers.
    """
    evaluation = Evaluation(policy, object_set_of(object_set), task, episodes, seed, reward, randomisation, noise)
    if ros:
        _through_ros(evaluation, csv_file, as_json)
        return
    records, successes = [], 0
    with tqdm(total=episodes, unit="episode") as bar:
        for record in evaluate(evaluation, workers):
            records.append(record)
            successes += record.success
            bar.set_postfix_str(f"success {successes / len(records):.1%}")
            bar.update()
    if csv_file is not None:
        write_table([asdict(record) for record in records], csv_file)
    summary = summarise(evaluation, records)
    if as_json:
        echo_json(summary)
        return
    click.echo(
        f"{policy} on {task}, object set {object_set}: success {summary['success']:.1%} "
        f"({summary['success_low']:.1%} to {summary['success_high']:.1%}), "
        f"mean return {summary['return_mean']:.1f}, {episodes} episodes from seed {seed}"
    )


def _through_ros(evaluation: Evaluation, csv_file: Path | None, as_json: bool) -> None:
    from helms_control.graph import GraphSettings
    from helms_control.nodes.series import run_series

    settings = GraphSettings(
        policy=evaluation.policy,
        object_set=str(evaluation.object_set),
        task=evaluation.task,
        randomisation=evaluation.randomisation,
        episodes=evaluation.episodes,
        seed=evaluation.seed,
        noise=evaluation.noise,
        lockstep=True,
    )
    rows: list[dict[str, object]] = []
    summary = run_series(settings, alone=True, on_end=lambda outcomes: rows.extend(map(asdict, outcomes)))
    if csv_file is not None:
        write_table([{"seed": evaluation.seed + i, **row} for i, row in enumerate(rows)], csv_file)
    if as_json:
        echo_json(summary)
        return
    click.echo(
        f"{evaluation.policy} on {evaluation.task} through ROS: success {summary['success']:.1%} "
        f"({summary['success_low']:.1%} to {summary['success_high']:.1%}), {evaluation.episodes} episodes"
    )
