"""The success gate: its rule, what it measures, and its exit code."""

from pathlib import Path

import pytest

from benchmarks import gate
from benchmarks.gate import ROOT, Rate, Row, stated, totals


@pytest.mark.parametrize(
    ("measured", "fails"),
    [
        # Wilson 95 % of 182 of 200 begins at 86.2 %; that of 163 ends at 86.3 %, that of 162 at 85.8 %.
        (Rate(163, 200), False),
        (Rate(162, 200), True),
        (Rate(200, 200), False),
    ],
)
def test_a_row_fails_if_the_intervals_miss_each_other(measured: Rate, fails: bool) -> None:
    assert Row("red_on_blue", "1", Rate(182, 200), measured).fails is fails


def test_sets_that_each_lose_a_little_fail_together() -> None:
    rows = [Row("expert", name, Rate(190, 200), Rate(181, 200)) for name in "12345"]
    assert not any(row.fails for row in rows)
    (together,) = totals(rows)
    assert (together.stated, together.measured, together.fails) == (Rate(950, 1000), Rate(905, 1000), True)


def test_demonstrator_and_policies_are_measured_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    found = [(Path(chosen.policy).name, chosen.object_set, chosen.seed, rate) for chosen, rate in stated(ROOT)]
    assert [entry[:3] for entry in found] == [
        (name, number, 2000) for name in ("expert", "red_on_blue") for number in range(1, 6)
    ]
    assert found[0][3] == Rate(194, 200)
    assert found[9][3] == Rate(96, 100)
    assert (
        "all_pairs: loads, its hashes are right; it states 0% success at best: not measured" in capsys.readouterr().out
    )


@pytest.mark.parametrize(("successes", "code"), [(182, 0), (100, 1)])
def test_the_exit_code_tells_and_a_sentence_says_why(
    successes: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Row("red_on_blue", "1", Rate(182, 200), Rate(successes, 200))]
    monkeypatch.setattr(gate, "measure", lambda wanted: rows)
    assert gate.main(["--only", "red_on_blue"]) == code
    sentence = (
        "red_on_blue on object set 1 is worse than stated: 50.0% (43.1% to 56.9%) of 200 episodes succeeded, stated "
        "are 91.0% (86.2% to 94.2%) of 200"
    )
    assert (sentence in capsys.readouterr().out) is bool(code)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "nobody"], "no policy with a stated success has 'nobody' in its name"),
        (["--episodes", "0"], "--episodes must be 1 or more, got 0"),
    ],
)
def test_wrong_arguments_are_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        gate.main(words)
    assert message in capsys.readouterr().err
