"""Sections of the page, a function for each."""

import numpy as np
from matplotlib.figure import Figure

from helms_control.spec import CONTROL_HZ
from helms_learning.report.figures.curves import draw_curves, height_of, terms_of
from helms_learning.report.figures.latent import POINTS, draw_latents
from helms_learning.report.figures.skills import draw_lengths, draw_transitions, draw_usage
from helms_learning.report.figures.style import Theme
from helms_learning.report.figures.success import draw_success
from helms_learning.report.findings import Rate, failures, measured_rates, success_rates
from helms_learning.report.markup import Cell, Html, code, figure, paragraph, section, table
from helms_learning.report.report import Report
from helms_learning.report.statistics import mutual_information, principal, segment_lengths

_SEEDS = 6
"""Largest number of seeds listed in a table cell."""
ONE_SKILL = "This policy has one skill"


def success(report: Report) -> Html:
    """Success on each object set."""
    rates = success_rates(report.subject.episodes)
    manifest = report.subject.manifest
    noted = {rate.object_set: rate for rate in measured_rates(manifest.success if manifest else ())}
    heads, rows = ["Object set", "Succeeded", "Success", "95 % interval"], []
    for rate in rates:
        rows.append([rate.object_set, f"{round(rate.success * rate.episodes)} of {rate.episodes}", *_rate(rate)])
    if noted:
        heads += ["In the manifest", "95 % interval", "Episodes"]
        for row in rows:
            said = noted.get(row[0])
            row += [*_rate(said), str(said.episodes)] if said else ["", "", ""]
    beside = " Dots: the rates in the manifest." if noted else ""

    def draw(drawn: Figure, theme: Theme) -> None:
        draw_success(drawn, theme, rates, list(noted.values()))

    told = ", ".join(f"set {rate.object_set} {100.0 * rate.success:.0f} %" for rate in rates)
    return section(
        "success",
        "Success on each object set",
        figure(draw, 2.3, f"Success: {told}", f"Share of episodes, with Wilson 95 % intervals.{beside}"),
        table(heads, rows, range(1, len(heads))),
    )


def timeline(report: Report) -> Html:
    """One episode, step by step."""
    chosen, subject = report.chosen, report.subject
    if chosen.success:
        why = "successful, with the most skills in use" if subject.skills > 1 else "the first success"
    else:
        why = "no episode was successful; this one reached the furthest stage"
    told = f"Seed {chosen.seed} on object set {chosen.object_set}: {why}."
    shown = chosen.eventful
    if shown < chosen.steps:
        told += (
            f" Cut at {shown / CONTROL_HZ:.0f} s: "
            f"the task stays solved until the end at {chosen.steps / CONTROL_HZ:.0f} s."
        )
    parts = [paragraph(told)]
    if report.frameless:
        parts.append(paragraph(f"No pictures: {report.frameless}", "note"))
    drawn = report.timeline
    alternative = f"Skills, stages and reward of the episode with seed {chosen.seed} over time"
    caption = "The marks below the pictures are their times. Stage: current stage of the task's reward, 0 for none."
    return section("timeline", "One episode", *parts, figure(drawn, drawn.height, alternative, caption))


def skills(report: Report) -> Html:
    """Usage of the skills."""
    if report.subject.skills == 1:
        said = f"{ONE_SKILL}: no usage, transitions or durations to show."
        return section("skills", "Skills", paragraph(said))
    shares, follows, lengths = report.usage, report.transitions, segment_lengths(report.skills)
    tall = max(2.2, 0.3 * len(shares) + 0.9) if len(shares) <= 16 else 5.0

    def draw_both(drawn: Figure, theme: Theme) -> None:
        low, part = 0.5 / tall, (tall - 0.85) / tall
        draw_usage(drawn.add_axes((0.04, low, 0.4, part)), shares, theme)
        draw_transitions(drawn.add_axes((0.55, low, 0.44, part)), follows, theme)

    def draw_kept(drawn: Figure, theme: Theme) -> None:
        draw_lengths(drawn.add_axes((0.04, 0.25, 0.95, 0.58)), lengths, theme)

    told = mutual_information(report.skills, report.stages)
    used = ", ".join(f"skill {index} {100.0 * share:.0f} %" for index, share in enumerate(shares))
    return section(
        "skills",
        "Skills",
        figure(draw_both, tall, f"Skill usage: {used}; and the transition matrix"),
        figure(draw_kept, 1.9, f"Skill durations; the median is {np.median(lengths) / CONTROL_HZ:.2g} s"),
        paragraph(
            f"Normalised mutual information of skill and stage of the task: {told:.2f} (0: independent, 1: each "
            "determines the other)."
        ),
    )


def latents(report: Report) -> Html:
    """Latent space along its two principal components."""
    episodes, names = report.subject.episodes, report.subject.stages
    points, shares = principal(np.concatenate([episode.latents for episode in episodes]))
    chosen, reached = np.concatenate(report.skills), np.concatenate(report.stages)

    def draw(drawn: Figure, theme: Theme) -> None:
        draw_latents(drawn, theme, points, shares, chosen, reached, names)

    size = episodes[0].latents.shape[1]
    said = f"Each point is the latent of one control step, {size} dimensions, along the first two principal components."
    if len(points) > POINTS:
        said += f" {POINTS} of {len(points)} points are shown."
    parts = [paragraph(said)]
    if report.subject.skills == 1:
        parts.append(paragraph(f"{ONE_SKILL}; points are coloured by stage only.{_of_clone(report)}"))
    return section("latents", "Latent space", *parts, figure(draw, 4.4, "Latents, coloured by skill and by stage"))


def curves(report: Report) -> Html:
    """ELBO and its terms during training."""
    title = "Training"
    if report.subject.kind != "run":
        kind = report.subject.kind
        said = f"A {kind} contains no training curves; they are in the report of the run's folder."
        return section("curves", title, paragraph(said))
    metrics = report.subject.metrics
    if not terms_of(metrics):
        return section("curves", title, paragraph("The run has no metrics."))

    def draw(drawn: Figure, theme: Theme) -> None:
        draw_curves(drawn, theme, metrics)

    return section(
        "curves",
        title,
        paragraph("Metrics over gradient steps: thin on training batches, thick on validation windows."),
        figure(draw, height_of(metrics), f"Curves of {', '.join(terms_of(metrics))}"),
    )


def failed(report: Report) -> Html:
    """Furthest stages of failed episodes, with commands that show them."""
    subject, found = report.subject, failures(report.subject.episodes)
    title = "Failures"
    if not found:
        return section("failures", title, paragraph("No episode failed."))
    sets = [rate.object_set for rate in success_rates(subject.episodes)]
    rows: list[list[str | Cell]] = []
    for stage, by_set in found.items():
        total = sum(map(len, by_set.values()))
        cells = [_seeds([episode.seed for episode in by_set.get(name, ())]) for name in sets]
        rows.append([subject.stages[stage], str(total), *cells])
    examples: dict[str, list[str]] = {}
    for stage, by_set in found.items():
        first = next(iter(by_set.values()))[0]
        examples.setdefault(subject.watch(first), []).append(subject.stages[stage])
    parts = [
        paragraph("Failed episodes by furthest stage reached, with seeds in small type."),
        table(["Furthest stage", "Failed", *(f"set {name}" for name in sets)], rows, (1,)),
        paragraph("Commands that show one episode of each:"),
    ]
    lines = [f"# {', '.join(stages)}\n{command}" for command, stages in examples.items()]
    if subject.before:
        lines.insert(0, f"# once, to make the bundle\n{subject.before}")
    return section("failures", title, *parts, code("\n".join(lines)))


def _rate(rate: Rate) -> tuple[str, str]:
    return f"{100.0 * rate.success:.1f} %", f"{100.0 * rate.low:.1f} to {100.0 * rate.high:.1f} %"


def _seeds(seeds: list[int]) -> Cell:
    if not seeds:
        return "", ""
    more = f" and {len(seeds) - _SEEDS} more" if len(seeds) > _SEEDS else ""
    return str(len(seeds)), ", ".join(map(str, seeds[:_SEEDS])) + more


def _of_clone(report: Report) -> str:
    manifest = report.subject.manifest
    try:
        cloned = manifest is not None and manifest.training["config"]["model"]["kind"] == "bc"
    except (KeyError, TypeError):
        return ""
    return " It is a behaviour clone: its latent is the action." if cloned else ""
