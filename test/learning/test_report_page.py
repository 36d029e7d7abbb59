"""HTML page and overview picture of synthetic report subjects."""

import base64
import io
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helms_control.errors import HelmsError
from helms_learning.report.figures.style import OKABE_ITO, on, skill_colours
from helms_learning.report.figures.timeline import frame_steps
from helms_learning.report.findings import failures, measured_rates, success_rates, summary, telling_episode
from helms_learning.report.page import page
from helms_learning.report.report import Report, make_report, write_whole
from helms_learning.report.sections import curves, failed, latents, skills, success, timeline
from helms_learning.report.subject import Subject
from test.learning.report_subjects import make_manifest, make_played, make_subject

VOID = {"meta", "source", "img", "br", "link"}


class Reader(HTMLParser):
    """Collects tags, links and section texts; fails on wrongly nested elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.sections: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key in ("src", "srcset", "href")]
        if tag == "section":
            self.sections[found["id"] or ""] = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "section" in self.open:
            self.sections[list(self.sections)[-1]] += data


def read(build: Callable[[Report], str], subject: Subject) -> Reader:
    found = Reader(build(make_report(subject, "helms report tiny")))
    assert found.open == []
    return found


def told(build: Callable[[Report], str], subject: Subject) -> str:
    """Return the text of one section."""
    (words,) = read(build, subject).sections.values()
    return words


def picture(link: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(link.removeprefix("data:image/png;base64,"))))


def test_a_page_stands_alone() -> None:
    found = read(page, make_subject())
    assert "script" not in found.tags
    assert "link" not in found.tags
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in found.links)
    assert [link for link in found.links if link[0] == "#"] == [f"#{name}" for name in found.sections]
    pictures = [picture(link) for link in found.links if link[0] != "#"]
    # Success, timeline, skills, lengths and latents, each for light and dark.
    assert [image.size[0] for image in pictures] == 10 * [1800]


def test_text_is_escaped_and_the_provenance_told() -> None:
    text = page(make_report(make_subject(name="<b>"), "helms report 'a&b'"))
    assert "<h1>&lt;b&gt;</h1>" in text
    assert "helms report &#x27;a&amp;b&#x27;" in text
    assert "helms train offline &lt;x&gt;" in text
    assert "demos.h5, 12 episodes" in text


def test_success_stands_beside_that_of_the_manifest() -> None:
    noted = {"object_set": "2", "episodes": 200, "success": 0.75, "success_low": 0.686, "success_high": 0.805}
    episodes = [make_played(object_set="1"), make_played(object_set="2", success=True)]
    words = told(success, make_subject(*episodes, manifest=make_manifest(success=(noted,))))
    for part in ("In the manifest", "75.0 %", "68.6 to 80.5 %", "1 of 1", "20.7 to 100.0 %"):
        assert part in words
    assert "In the manifest" not in told(success, make_subject())


def test_a_manifest_without_a_number_is_refused() -> None:
    with pytest.raises(HelmsError, match="success in the manifest lacks 'success_low'"):
        measured_rates([{"object_set": "1", "episodes": 3, "success": 0.5}])


def test_one_skill_is_told_and_not_compared() -> None:
    manifest = make_manifest(skills=1, training={"config": {"model": {"kind": "bc"}}})
    episode = make_played(skills=np.zeros(100, np.int64))
    single = make_subject(episode, skills=1, manifest=manifest)
    shown = read(skills, single)
    assert "This policy has one skill" in shown.sections["skills"]
    assert "img" not in shown.tags
    assert "its latent is the action." in told(latents, single)
    low, tall = (Image.open(io.BytesIO(make_report(each, "").overview())).size[1] for each in (single, make_subject()))
    assert low < tall


def test_curves_are_those_of_a_run() -> None:
    notes = [{"step": n, "split": s, "elbo": -1.0 / n, "odd": 2.0} for n in (1, 2) for s in ("train", "valid")]
    drawn = read(curves, make_subject(kind="run", metrics=tuple(notes)))
    assert drawn.tags.count("img") == 1
    assert "The run has no metrics." in told(curves, make_subject(kind="run"))
    assert "A bundle contains no training curves" in told(curves, make_subject())


def test_without_pictures_the_page_says_why() -> None:
    def photograph(*_: object) -> None:
        raise HelmsError("no GL library; install libosmesa6")

    shown = read(timeline, make_subject(photograph=photograph))
    assert "No pictures: no GL library; install libosmesa6" in shown.sections["timeline"]
    assert shown.tags.count("img") == 1


def test_failures_are_counted_by_stage_and_set() -> None:
    episodes = [make_played(object_set=name, seed=seed) for name in ("1", "2") for seed in range(8)]
    episodes += [make_played(object_set="1", seed=9, stages=np.zeros(100, np.int64))]
    episodes += [make_played(object_set="2", seed=10, success=True)]
    found = failures(episodes)
    assert {stage: {name: len(each) for name, each in sets.items()} for stage, sets in found.items()} == {
        0: {"1": 1},
        4: {"1": 8, "2": 8},
    }
    words = told(failed, make_subject(*episodes))
    for part in ("stack red on blue", "0, 1, 2, 3, 4, 5 and 2 more", "watch --seed 0", "# none\nwatch --seed 9"):
        assert part in words


def test_without_failures_there_is_nothing_to_watch() -> None:
    words = told(failed, make_subject(make_played(success=True)))
    assert "No episode failed." in words
    assert "watch" not in words


def test_rates_have_wilson_intervals() -> None:
    episodes = [make_played(object_set="3", success=index == 0) for index in range(4)] + [make_played()]
    first, second = success_rates(episodes)
    assert (first.object_set, first.episodes, first.success) == ("3", 4, 0.25)
    # Wilson (1927) for 1 of 4.
    assert (first.low, first.high) == pytest.approx((0.0456, 0.6994), abs=1e-4)
    assert (second.object_set, second.success, second.low) == ("1", 0.0, 0.0)


def test_the_telling_episode_is_a_success_with_most_skills() -> None:
    busy = make_played(skills=np.arange(100) % 5)
    done = make_played(success=True, skills=np.zeros(100, np.int64))
    both = make_played(success=True, seed=8)
    assert telling_episode([busy, done, both]) is both
    idle = np.where(np.arange(400) < 100, 0, np.arange(400) % 5)
    after = make_played(steps=400, success=True, skills=idle, successes=np.arange(400) > 20)
    assert telling_episode([after, both]) is both
    far = make_played(stages=np.full(100, 5))
    assert telling_episode([busy, far]) is far


def test_the_timeline_ends_three_seconds_after_a_success_that_lasts() -> None:
    held = np.zeros(400, bool)
    held[50:60] = held[85:] = True
    won = make_played(steps=400, success=True, successes=held)
    assert won.success_from == 85
    # 85 + 60 steps, to the next whole second.
    assert won.eventful == 160
    assert frame_steps(won) == [10, 30, 50, 70, 90, 110, 130, 150]
    lost = make_played(steps=400, successes=held)
    assert lost.success_from is None
    assert lost.eventful == 400


def test_the_summary_can_be_written_as_json() -> None:
    found = summary(make_subject(make_played(), make_played(success=True, seed=8)))
    assert found["success"] == [
        {"object_set": "1", "episodes": 2, "success": 0.5, "success_low": pytest.approx(0.0945, abs=1e-4)}
        | {"success_high": pytest.approx(0.9055, abs=1e-4)}
    ]
    assert found["usage"].tolist() == [0.5, 0.5]
    assert found["segment_length_mean"] == found["segment_length_median"] == 10.0
    assert found["failures"] == {"stack red on blue": {"1": [7]}}


def test_skills_keep_their_colours_and_no_two_share_one() -> None:
    assert [colour.upper() for colour in skill_colours(8)] == list(OKABE_ITO)
    assert skill_colours(20)[:8] == skill_colours(8)
    assert len(set(skill_colours(24))) == 24
    assert (on("#F0E442"), on("#0072B2")) == ("#000000", "#ffffff")


def test_the_same_numbers_make_the_same_picture() -> None:
    report = make_report(make_subject(), "")
    assert report.overview() == report.overview()


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(HelmsError, match=r"page\.html cannot be written"):
        write_whole(tmp_path / "page.html", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
