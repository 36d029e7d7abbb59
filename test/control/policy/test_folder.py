"""Replacing a bundle: only bundles are replaced, and one is present at every instant."""

from pathlib import Path

import pytest
import yaml

from helms_control.errors import HelmsError
from helms_control.policy import load_bundle, read_manifest
from helms_control.policy.contract import CHAINS
from helms_control.policy.folder import new_bundle, recover
from test.control.policy.make_bundle import HIERARCHICAL, make_bundle, sign
from test.support.crash import run_until


def bundle(folder: Path, name: str, levels: tuple[str, ...] = HIERARCHICAL) -> Path:
    make_bundle(folder, levels=levels)
    (folder / "weights.npz").unlink()
    sign(folder, name=name)
    return folder


def write(out: Path, source: Path) -> None:
    with new_bundle(out) as draft:
        for path in source.iterdir():
            (draft / path.name).write_bytes(path.read_bytes())


def name_of(folder: Path) -> str:
    load_bundle(folder)
    return read_manifest(folder / "manifest.yaml").name


def test_a_bundle_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    old, new = bundle(tmp_path / "policies" / "p", "old"), bundle(tmp_path / "new", "new")
    write(old, new)
    assert name_of(old) == "new"
    assert [path.name for path in old.parent.iterdir()] == ["p"]


def make_folder(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.tex").touch()


def write_manifest_of(folder: Path, text: str) -> None:
    """A folder with the manifest of another program, or a damaged one."""
    folder.mkdir()
    (folder / "manifest.yaml").write_text(text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_folder, "is no bundle, so it is not replaced"),
        (Path.touch, "is no bundle, so it is not replaced"),
        (lambda out: out.symlink_to(out.parent / "new"), "is no bundle, so it is not replaced"),
        (lambda out: (bundle(out, "old") / "notes.txt").touch(), r"holds more than a bundle \(notes.txt\)"),
        (lambda out: write_manifest_of(out, "kind: Deployment\n"), "is no bundle, so it is not replaced"),
        (lambda out: write_manifest_of(out, "- [torn"), "is no bundle, so it is not replaced"),
        (lambda out: make_folder(out.with_name(".p.partial")), r"\.p\.partial holds more than a bundle \(thesis.tex\)"),
    ],
)
def test_what_is_no_bundle_is_never_replaced(tmp_path: Path, make: object, message: str) -> None:
    out, new = tmp_path / "p", bundle(tmp_path / "new", "new")
    make(out)  # type: ignore[operator]
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(HelmsError, match=message):
        write(out, new)
    assert sorted(tmp_path.rglob("*")) == before


EARLIER = ("high_level.onnx", "mid_level.onnx", "low_level.onnx")
"""Files of a bundle before format 3."""


def test_a_bundle_of_an_earlier_format_is_replaced(tmp_path: Path) -> None:
    old = tmp_path / "p"
    write_manifest_of(old, yaml.safe_dump({"name": "old", "format": 2, "files": dict.fromkeys(EARLIER, "0" * 64)}))
    for name in EARLIER:
        (old / name).write_bytes(b"network")
    write(old, bundle(tmp_path / "new", "new"))
    assert name_of(old) == "new"


@pytest.mark.parametrize("levels", CHAINS, ids=" ".join)
@pytest.mark.parametrize("before", CHAINS, ids=" ".join)
def test_a_bundle_of_any_shape_replaces_one_of_any_other(
    tmp_path: Path, before: tuple[str, ...], levels: tuple[str, ...]
) -> None:
    old, new = bundle(tmp_path / "policies" / "p", "old", before), bundle(tmp_path / "new", "new", levels)
    write(old, new)
    assert name_of(old) == "new"
    assert sorted(path.name for path in old.iterdir()) == sorted(path.name for path in new.iterdir())


def test_loading_what_an_interrupted_replacement_left_tells_where_it_is(tmp_path: Path) -> None:
    old = bundle(tmp_path / "p", "old")
    old.rename(tmp_path / ".p.old")
    with pytest.raises(
        HelmsError, match=r"p is missing: its replacement was interrupted. The old bundle is .*/\.p\.old"
    ):
        load_bundle(old)
    recover(old)
    assert name_of(old) == "old"


def test_an_error_while_writing_leaves_the_old_bundle(tmp_path: Path) -> None:
    old = bundle(tmp_path / "policies" / "p", "old")
    with pytest.raises(ZeroDivisionError), new_bundle(old):
        raise ZeroDivisionError
    assert name_of(old) == "old"
    assert [path.name for path in old.parent.iterdir()] == ["p"]


@pytest.mark.parametrize("power", [False, True])
def test_killed_at_any_file_operation_a_whole_bundle_is_there(tmp_path: Path, power: bool) -> None:
    new = bundle(tmp_path / "new", "new")
    found, at = [], 0
    while True:
        at += 1
        old = bundle(tmp_path / f"policies{at}" / "p", "old")
        ended = run_until(at, lambda old=old: write(old, new), power)  # type: ignore[misc]
        recover(old)
        found.append(name_of(old))
        write(old, new)  # and it can be done again
        assert [path.name for path in old.parent.iterdir()] == ["p"]
        if ended is not None:
            break
    assert found[0] == "old" and found[-1] == "new"
    assert found == sorted(found, reverse=True), "the old one until the new one is there"
    assert at > 15
