"""Manifest and files of a bundle: whatever is wrong is refused, and the message says what."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from onnx import numpy_helper

from helms_control.errors import HelmsError
from helms_control.policy import load_bundle, read_manifest
from helms_control.policy.contract import CHAINS
from test.control.policy.make_bundle import FLAT, HIERARCHICAL, LATENT, NPMP, change, make_bundle, sign


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


@pytest.mark.parametrize("features", ["raw", "tool", "affordances"])
@pytest.mark.parametrize("levels", CHAINS, ids=" ".join)
def test_a_bundle_of_every_shape_loads(tmp_path: Path, levels: tuple[str, ...], features: str) -> None:
    folder = make_bundle(tmp_path / "bundle", levels=levels, features=features)
    bundle = load_bundle(folder)
    assert bundle.manifest.levels == levels
    assert list(bundle.sessions) == ["features", *levels]
    for name, session in bundle.sessions.items():
        graph = bundle.manifest.graphs[name]
        assert graph.sha256 == hashlib.sha256((folder / graph.file).read_bytes()).hexdigest()
        assert {item.name: item.shape for item in session.get_inputs()} == graph.inputs
        assert {item.name: item.shape for item in session.get_outputs()} == graph.outputs
    assert ("shapes" in bundle.manifest.streams) == (features != "raw")


def test_the_manifest_says_what_was_written(folder: Path) -> None:
    manifest = read_manifest(folder / "manifest.yaml")
    assert (manifest.skills, manifest.latent, manifest.features.name) == (5, LATENT, "raw")
    assert manifest.sizes == {"R": 3 * 43, "S": 3 * 42, "K": 5, "Z": LATENT}
    assert load_bundle(folder).fingerprint == hashlib.sha256((folder / "manifest.yaml").read_bytes()).hexdigest()


def entry(folder: Path, key: str) -> Any:  # noqa: ANN401 - whatever the manifest holds
    return yaml.safe_load((folder / "manifest.yaml").read_text())[key]


def change_features(folder: Path, **keys: object) -> None:
    change(folder, features=entry(folder, "features") | keys)


def change_stream(folder: Path, name: str, stamp: object) -> None:
    """Change the entry of a stream; None removes it."""
    streams = entry(folder, "streams") | {name: stamp}
    change(folder, streams={key: value for key, value in streams.items() if value is not None})


def change_graph(folder: Path, name: str, **keys: object) -> None:
    graphs = entry(folder, "graphs")
    graphs[name] |= keys
    change(folder, graphs=graphs)


def order_graphs(folder: Path, *names: str) -> None:
    graphs = entry(folder, "graphs")
    change(folder, graphs={name: graphs[name] for name in names})


OTHER = "0123456789abcdef" * 4
"""Hash of something else."""


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda f: (f / "manifest.yaml").unlink(), "is no bundle: it has no manifest.yaml"),
        (lambda f: (f / "manifest.yaml").write_text("- a"), "holds a list; a manifest is a mapping"),
        (lambda f: (f / "manifest.yaml").write_text("a: ["), "cannot be read"),
        (lambda f: (f / "manifest.yaml").write_bytes(b"\xff\xfe\x00"), "cannot be read"),
        (
            lambda f: change(f, format=2),
            "is of format 2; this release reads format 3: train the policy anew with helms train offline",
        ),
        (lambda f: change(f, format=None), "is of format None; this release reads format 3"),
        (lambda f: change(f, colour="red"), r"unknown keys \['colour'\]"),
        (lambda f: change(f, tasks=None), r"missing keys \['tasks'\]"),
        (lambda f: change(f, skills="5"), "skills is a str; it must be a int"),
        (lambda f: change(f, skills=True), "skills is a bool; it must be a int"),
        (lambda f: change(f, skills=0), "skills is 0, latent 8; allowed are 1 to 255"),
        (lambda f: change(f, skills=256), "skills is 256, latent 8; allowed are 1 to 255"),
        (lambda f: change(f, latent=-1), "skills is 5, latent -1; allowed are 1 to 255 and >= 0"),
    ],
)
def test_a_broken_manifest_is_refused(folder: Path, break_it: Callable[[Path], object], message: str) -> None:
    break_it(folder)
    with pytest.raises(HelmsError, match=message):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"version": 2}, r"made for features raw 2 \([0-9a-f]{12}\), but this release has raw 1 \([0-9a-f]{12}\)"),
        ({"hash": OTHER}, r"made for features raw 1 \(0123456789ab\), but this release has raw 1 \([0-9a-f]{12}\)"),
        ({"name": "smell"}, "unknown features 'smell'.*: raw, tool, affordances"),
        ({"name": "tool"}, r"made for features tool 1 \([0-9a-f]{12}\), but this release has tool 1"),
        ({"order": "size"}, "features.order is 'size'; this release knows colours, roles"),
        ({"hash": 7}, "features or graphs has missing, unknown or wrong entries"),
        ({"colour": "red"}, "features or graphs has missing, unknown or wrong entries: .*'colour'"),
    ],
)
def test_features_of_another_release_are_refused(folder: Path, keys: dict[str, object], message: str) -> None:
    change_features(folder, **keys)
    with pytest.raises(HelmsError, match=message):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("name", "stamp", "message"),
    [
        (
            "objects",
            {"version": "2.0.0", "hash": OTHER},
            r"bundle .* was made for stream objects 2\.0\.0 \(0123456789ab\), but this release has 1\.0\.0 \([0-9a-f]",
        ),
        ("action", {"version": "1.0.0"}, r"stream action 1\.0\.0 \(None\), but this release has 1\.0\.0 \("),
        ("smell", {"version": "1.0.0", "hash": OTHER}, "needs the stream 'smell'; this release has proprioception, "),
        ("objects", None, "streams has no version and hash of objects"),
        ("action", None, "streams has no version and hash of action"),
        ("image", "1.0.0", "streams has no version and hash of image"),
    ],
)
def test_other_streams_are_refused(folder: Path, name: str, stamp: object, message: str) -> None:
    change_stream(folder, name, stamp)
    with pytest.raises(HelmsError, match=message):
        load_bundle(folder)


def test_streams_that_a_bundle_does_not_use_may_be_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a release with another camera would have them."""
    from helms_control.spec import streams

    changed = dict(streams.STREAMS)
    changed["image"] = streams.Stream("image", "9.0.0", {"shape": [1, 1, 3]})
    changed["task"] = streams.Stream("task", "9.0.0", {})
    monkeypatch.setattr(streams, "STREAMS", changed)
    load_bundle(folder)
    by_roles = make_bundle(folder.with_name("roles"), order="roles")
    monkeypatch.undo()
    with pytest.raises(HelmsError, match=r"was made for stream task 9\.0\.0"):
        load_bundle(by_roles)


@pytest.mark.parametrize(
    "names",
    [
        ("high", "mid", "low"),
        ("high", "mid", "low", "features"),
        ("features", "mid", "high", "low"),
        ("features", "low", "mid"),
        ("features", "high", "low"),
        ("features",),
        (),
    ],
)
def test_graphs_that_are_no_chain_are_refused(folder: Path, names: tuple[str, ...]) -> None:
    order_graphs(folder, *names)
    known = "features, high, mid, low; features, mid, low; features, flat"
    with pytest.raises(HelmsError, match=f"graphs lists {', '.join(names) or 'none'}; a bundle has one of: {known}"):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("name", "keys", "message"),
    [
        ("mid", {"file": "low_level.onnx"}, "file of graph mid is 'low_level.onnx'; it must be 'mid_level.onnx'"),
        ("mid", {"sha256": "0"}, "mid_level.onnx has '0'; a SHA-256 has 64 hexadecimal digits"),
        ("mid", {"sha256": OTHER}, "mid_level.onnx is not the file .* the manifest's 0123456789ab"),
        ("mid", {"colour": "red"}, "features or graphs has missing, unknown or wrong entries: .*'colour'"),
        ("mid", {"inputs": None}, "mid_level.onnx lists None; inputs and outputs are shapes by name"),
        ("high", {"inputs": {"robot": [1, 129]}}, "high_level.onnx: the manifest lists other inputs than the graph"),
        ("low", {"inputs": {"robot": [1, 128], "latent": [1, 8]}}, "low_level.onnx: the manifest lists other inputs"),
        ("low", {"outputs": {"action": [1, 6]}}, "low_level.onnx: the manifest lists other outputs than the graph"),
        ("features", {"inputs": {"objects": [1, 3, 42]}}, r"features.onnx has the inputs \['objects', 'proprio"),
    ],
)
def test_graphs_other_than_listed_are_refused(folder: Path, name: str, keys: dict[str, object], message: str) -> None:
    change_graph(folder, name, **keys)
    with pytest.raises(HelmsError, match=message):
        load_bundle(folder)


def flip(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)


def poison(folder: Path) -> None:
    model = onnx.load(str(folder / "low_level.onnx"))
    for weight in model.graph.initializer:
        if weight.name == "b1":
            weight.CopyFrom(numpy_helper.from_array(np.full(5, np.nan, np.float32), "b1"))
    onnx.save(model, str(folder / "low_level.onnx"))
    sign(folder)


def rename_input(folder: Path) -> None:
    content = (folder / "high_level.onnx").read_bytes().replace(b"scene", b"scent")
    (folder / "high_level.onnx").write_bytes(content)
    sign(folder)


def garbage(folder: Path) -> None:
    (folder / "mid_level.onnx").write_bytes(b"no graph")
    sign(folder)


def take(folder: Path, name: str, levels: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Take a file from a bundle of another shape."""
    other = make_bundle(folder.with_name("other"), levels=levels, **options)
    (folder / name).write_bytes((other / name).read_bytes())
    sign(folder)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda f: flip(f, "features.onnx"), "features.onnx is not the file that the manifest describes"),
        (lambda f: flip(f, "high_level.onnx"), "high_level.onnx is not the file that the manifest describes"),
        (lambda f: flip(f, "mid_level.onnx"), "mid_level.onnx is not the file"),
        (lambda f: flip(f, "low_level.onnx"), "low_level.onnx is not the file"),
        (lambda f: (f / "mid_level.onnx").unlink(), "mid_level.onnx is missing: No such file"),
        (lambda f: change(f, skills=4), r"probabilities is tensor\(float\) \[1, 5\]; contract and manifest want"),
        (lambda f: change(f, latent=7), r"latent is tensor\(float\) \[1, 8\]; .* want tensor\(float\) \[1, 7\]"),
        (poison, "answers zeros with shape"),
        (rename_input, r"has the inputs \['robot', 'scent'\]; the contract wants \['robot', 'scene'\]"),
        (garbage, "mid_level.onnx is no graph that ONNX Runtime can load"),
        (
            lambda f: take(f, "mid_level.onnx", NPMP),
            r"mid_level.onnx has the inputs \['robot', 'scene'\]; the contract wants \['robot', 'scene', 'skill'\]",
        ),
        (
            lambda f: take(f, "low_level.onnx", HIERARCHICAL, features="tool"),
            r"low_level.onnx: robot is tensor\(float\) \[1, 22\]; .* want tensor\(float\) \[1, 129\]",
        ),
    ],
)
def test_broken_files_are_refused(folder: Path, break_it: Callable[[Path], object], message: str) -> None:
    break_it(folder)
    with pytest.raises(HelmsError, match=message):
        load_bundle(folder)


def test_files_of_other_levels_are_checked_too(folder: Path) -> None:
    flip(folder, "low_level.onnx")
    with pytest.raises(HelmsError, match=r"low_level.onnx is not the file"):
        load_bundle(folder, ("high",))


def test_only_the_requested_graphs_are_loaded(folder: Path) -> None:
    assert set(load_bundle(folder, ("features", "mid")).sessions) == {"features", "mid"}


def test_a_level_that_a_policy_does_not_have_is_refused(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "bundle", levels=FLAT)
    with pytest.raises(HelmsError, match="has no graph 'high'; it has features, flat"):
        load_bundle(folder, ("features", "high"))


def test_a_file_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match="is no folder; a bundle is a folder with"):
        load_bundle(tmp_path / "none")
