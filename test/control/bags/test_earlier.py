"""Bags of release 0.1.0 are read, checked and repaired with the message types that they were recorded with."""

import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from helms_control.bags import BagWriter, check_bag, mcap_file, open_bag, repair
from helms_control.bags.types import _messages, type_store
from helms_control.spec import SPEC
from test.control.bags.messages import episode, header

RECORDING = Path(__file__).parents[2] / "data" / "recording_0.1.0.tar.xz"

START = "std_msgs/Header header\nuint32 episode\nuint32 step\nstring spec_hash\n"
EARLIER = {
    "SkillSelection": f"{START}uint8 skill\nfloat32[] probabilities\n",
    "Latent": f"{START}uint8 skill\nfloat32[] latent\n",
    "Action": f"{START}float64[] action\nfloat64[] intended\n",
}
"""Messages of release 0.1.0 that have changed since."""


def earlier_types() -> Any:  # noqa: ANN401 - a store of types
    store = get_typestore(Stores.ROS2_KILTED)
    for path in sorted(_messages().glob("*.msg")):
        name = f"helms_msgs/msg/{path.stem}"
        store.register(get_types_from_msg(EARLIER.get(path.stem, path.read_text()), name))
    return store


def write_policy(writer: BagWriter, store: Any) -> None:  # noqa: ANN401 - a store of types
    """Write an episode, and what a policy of release 0.1.0 said of its first step."""
    episode(writer, 1, end=False)
    said: dict[str, dict[str, Any]] = {
        "SkillSelection": {"skill": 3, "probabilities": np.full(5, 0.2, np.float32)},
        "Latent": {"skill": 3, "latent": np.arange(8, dtype=np.float32)},
        "Action": {"action": np.full(5, 0.5), "intended": np.full(5, 0.25)},
    }
    for (name, fields), topic in zip(said.items(), ("/skill", "/latent", "/action"), strict=True):
        kind = f"helms_msgs/msg/{name}"
        place = {"header": header(10**10), "episode": 1, "step": 0, "spec_hash": SPEC.hash}
        writer.write(topic, kind, 10**10 + 1, bytes(store.serialize_cdr(store.types[kind](**place, **fields), kind)))


def assert_read(bag: Path) -> None:
    with open_bag(bag) as opened:
        skill, latent, action = (message.decoded() for message in opened.messages("/skill", "/latent", "/action"))
    assert (skill.skill, skill.probabilities.tolist()) == (3, [np.float32(0.2)] * 5)
    assert (latent.skill, latent.latent.tolist()) == (3, [*range(8)])
    assert (action.action.tolist(), action.intended.tolist()) == ([0.5] * 5, [0.25] * 5)
    assert not hasattr(skill, "features_hash") and not hasattr(action, "expert_action")


def test_messages_have_the_fields_that_they_were_recorded_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = earlier_types()
    monkeypatch.setattr(mcap_file, "type_store", lambda: store)
    writer = BagWriter(tmp_path / "bag")
    write_policy(writer, store)
    bag = writer.close()
    monkeypatch.undo()
    assert "features_hash" in [name for name, _ in type_store().fielddefs["helms_msgs/msg/SkillSelection"][1]]
    assert_read(bag)


def test_repair_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = earlier_types()
    monkeypatch.setattr(mcap_file, "type_store", lambda: store)
    writer = BagWriter(tmp_path / "bag")
    write_policy(writer, store)
    writer.flush()
    (file,) = (tmp_path / "bag.partial").rglob("*.mcap")
    torn = tmp_path / "torn.partial"
    torn.mkdir()
    # As after a power failure: without an end, and its last chunk without its last bytes.
    (torn / "torn_0.mcap").write_bytes(file.read_bytes()[:-8])
    writer.close()
    monkeypatch.undo()
    assert_read(repair(torn).path)


def test_a_recorded_demonstration_is_whole(tmp_path: Path) -> None:
    with tarfile.open(RECORDING) as archive:
        archive.extractall(tmp_path, filter="data")
    assert check_bag(tmp_path / "bag") == []
    with open_bag(tmp_path / "bag") as opened:
        message = next(iter(opened.messages("/action"))).decoded()
    assert message.action.shape == message.intended.shape == (5,)
