"""Self-contained HTML page."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.spec import CONTROL_HZ
from helms_control.statistics import wilson_interval
from helms_learning.report.findings import success_rates
from helms_learning.report.markup import Html, code, details, facts, numbers, paragraph
from helms_learning.report.report import Report
from helms_learning.report.sections import curves, failed, latents, skills, success, timeline
from helms_learning.report.statistics import mutual_information, segment_lengths

_CSS = Path(__file__).with_name("page.css")
_ARTICLES = {"run": "Training run", "bundle": "Bundle", "bag": "Recording"}
_LINKS = {
    "success": "Success",
    "timeline": "One episode",
    "skills": "Skills",
    "latents": "Latent space",
    "curves": "Training",
    "failures": "Failures",
}


def page(report: Report) -> str:
    """Return the page of a report as HTML."""
    name = escape(report.subject.name)
    links = "".join(f'<a href="#{anchor}">{title}</a>' for anchor, title in _LINKS.items())
    sections = (success, timeline, skills, latents, curves, failed)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}: policy report</title>\n<style>\n{_CSS.read_text()}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{name}</h1>\n{_lead(report)}</header>\n{_numbers(report)}<nav>{links}</nav>\n"
        f"{_provenance(report)}"
        f"{''.join(build(report) for build in sections)}"
        "<footer>Made by helms report. Skills have the same colour in every figure.</footer>\n"
        "</main>\n</body>\n</html>\n"
    )


def _lead(report: Report) -> Html:
    subject = report.subject
    steps = " → ".join(subject.stages[1:])
    return paragraph(f"{_ARTICLES[subject.kind]} {subject.target}, task {subject.task}: {steps}.", "lead")


def _numbers(report: Report) -> Html:
    subject = report.subject
    successes, total = sum(episode.success for episode in subject.episodes), len(subject.episodes)
    low, high = (100.0 * end for end in wilson_interval(successes, total))
    sets = len(success_rates(subject.episodes))
    entries = [
        ("Success", f"{100.0 * successes / total:.0f} %", f"{successes} of {total}; 95 %: {low:.0f} to {high:.0f} %"),
        ("Episodes", str(total), f"on {sets} object set{'s' if sets > 1 else ''}"),
        ("Skills", str(subject.skills), f"{np.count_nonzero(report.usage)} of them used"),
    ]
    if subject.skills > 1:
        kept = segment_lengths(report.skills) / CONTROL_HZ
        told = mutual_information(report.skills, report.stages)
        entries += [
            ("Skill duration", f"{kept.mean():.2g} s", f"mean; median {np.median(kept):.2g} s"),
            ("Skill and stage", f"{told:.2f}", "normalised mutual information"),
        ]
    return numbers(entries)


def _provenance(report: Report) -> Html:
    subject = report.subject
    rows = [("Command", report.command), ("Folder", str(subject.target.resolve())), *subject.facts.items()]
    if subject.manifest is None:
        return facts(rows)
    manifest, training = subject.manifest, subject.manifest.training
    data = training.get("data")
    known = {
        "Trained with": training.get("command"),
        "Trained on": _told(data) if isinstance(data, Mapping) else data,
        "Step": training.get("step"),
        "Git": f"{training.get('git', '')}{', with local changes' if training.get('git_changed') is True else ''}",
        "Features": f"{manifest.features.name} {manifest.features.version}, objects by {manifest.features.order}",
        "Streams": ", ".join(f"{name} {each['version']}" for name, each in manifest.streams.items()),
    }
    rows += [(name, str(said)) for name, said in known.items() if said not in (None, "")]
    files = {graph.file: graph.sha256 for graph in manifest.graphs.values()}
    everything = "\n".join(f"{key}: {value}" for key, value in _flat({"training": training, "files": files}))
    return Html(facts(rows) + details("Training and files in the manifest", code(everything)))


def _told(data: Mapping[str, Any]) -> str:
    parts = [str(data["dataset"])] if data.get("dataset") else []
    parts += [f"{data[key]} {key}" for key in ("episodes", "steps") if key in data]
    return ", ".join(parts)


def _flat(values: Mapping[str, Any], above: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in values.items():
        found += _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else [(f"{above}{key}", value)]
    return found
