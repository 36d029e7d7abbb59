"""What all features have in common: numpy and torch, leading dimensions, orders of the objects, recorded numbers."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from helms_control.errors import HelmsError
from helms_control.features import push, room, spot, tool
from helms_control.features.features import FEATURES, Tool, features_named, fingerprint, stack
from helms_control.features.geometry import pack
from helms_control.features.roles import BY_COLOUR, ordered, reordered
from helms_control.spec import OBJECTS
from test.control.features.recorded import load
from test.control.features.states import COUNT, SETS, Array, States, alike, joined, states_of

NAMES = list(FEATURES)
CHOICES = {"raw": 1.0, "tool": 0.996, "affordances": 0.997}
"""Least share of the numbers that are the same however they are rounded.

A prism of five sides that lies on one has two upper faces alike; grasps, pushes and spots are chosen, too.
"""
LEVEL = slice(0, 5 * COUNT)
"""Observations with the object sets 1 to 5, which have one upper face."""


@pytest.fixture(scope="module")
def states() -> States:
    """Observations with every object set."""
    return joined([states_of(object_set, 5) for object_set in SETS])


@pytest.mark.parametrize("name", NAMES)
def test_numpy_and_torch_give_the_same_numbers(states: States, name: str) -> None:
    given = [part.astype(np.float32) for part in (states.proprioception, states.objects, states.shapes)]
    found = stack(FEATURES[name], *given)
    tensors = stack(FEATURES[name], *map(torch.from_numpy, given))
    for one, other, size in zip(found, tensors, FEATURES[name].sizes, strict=True):
        assert one.shape == (len(given[0]), size) and one.dtype == np.float32 and other.dtype == torch.float32
        assert alike(one, other.numpy(), 1e-4) >= CHOICES[name]
        if name == "tool":
            assert alike(one[LEVEL], other.numpy()[LEVEL], 1e-4) == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_leading_dimensions_are_those_of_single_observations(states: States, name: str) -> None:
    given = [part.astype(np.float64) for part in (states.proprioception, states.objects, states.shapes)]
    whole = stack(FEATURES[name], *given)
    folded = stack(FEATURES[name], *(part.reshape(2, len(part) // 2, *part.shape[1:]) for part in given))
    single = [stack(FEATURES[name], *(part[i] for part in given)) for i in range(len(given[0]))]
    for part in (0, 1):
        assert folded[part].shape == (2, len(given[0]) // 2, FEATURES[name].sizes[part])
        assert alike(folded[part].reshape(whole[part].shape), whole[part], 1e-9) >= CHOICES[name]
        assert alike(np.array([each[part] for each in single]), whole[part], 1e-9) >= CHOICES[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_stack_is_the_frames_joined(states: States, name: str) -> None:
    """As the cell computes it of three frames at once, and training of frames that were computed one by one."""
    features, kept = FEATURES[name], FEATURES[name].scene_frames
    own, objects, shapes = states.proprioception[:20], states.objects[:20], states.shapes[:20]
    frames = [features.robot(own[:, age]) for age in range(3)]
    seen = [features.scene(objects[:, age], frames[age], shapes) for age in range(3)]
    robot, scene = stack(features, own, objects, shapes)
    np.testing.assert_allclose(features.join_robot(frames), robot, atol=1e-5)
    assert alike(features.join_scene(seen[:kept]), scene, 1e-4) >= CHOICES[name]


def swapped(objects: Array, places: tuple[int, ...]) -> Array:
    """Put the object of index `places[k]` where that of index k was, by the names of the stream's fields."""
    found, colours = np.empty_like(objects), ("red", "green", "blue")
    for colour, source in zip(colours, places, strict=True):
        for kind in ("pose", "to_pinch"):
            found[..., OBJECTS.slices[f"{colour}_{kind}"]] = objects[..., OBJECTS.slices[f"{colours[source]}_{kind}"]]
    return found


@pytest.mark.parametrize("places", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_reordered_objects_are_those_of_a_scene_whose_objects_are_swapped(
    states: States, places: tuple[int, ...]
) -> None:
    np.testing.assert_array_equal(reordered(states.objects, places), swapped(states.objects, places))
    tensor = reordered(torch.from_numpy(states.objects), places)
    np.testing.assert_array_equal(tensor.numpy(), swapped(states.objects, places))


@pytest.mark.parametrize("places", [(2, 0, 1), (1, 0, 2)])
def test_features_of_each_object_move_with_it(states: States, places: tuple[int, ...]) -> None:
    own, shapes = states.proprioception.astype(np.float64), states.shapes.astype(np.float64)
    features = FEATURES["affordances"]
    objects = states.objects.astype(np.float64)
    _, before = stack(features, own, objects, shapes)
    _, after = stack(features, own, reordered(objects, places), shapes[:, list(places)])
    begin = tool.SIZE
    parts = {
        "centre of mass": (81, 3),
        "place": (90, 3),
        "orientation": (99, 9),
        "outline": (126, 26),
        "spot": (begin, spot.SIZE // 3),
        "push": (begin + spot.SIZE, push.SIZE // 3),
        "grasp": (begin + spot.SIZE + push.SIZE, 10),
        "fan": (begin + spot.SIZE + push.SIZE + 30, 12),
        "landing": (begin + spot.SIZE + push.SIZE + room.SIZE - 3, 1),
    }
    for name, (start, size) in parts.items():
        one, other = (each[:, start : start + 3 * size].reshape(-1, 3, size) for each in (before, after))
        assert alike(other, one[:, list(places)], 1e-6) >= 0.998, name
    assert alike(after, before, 1e-6) < 0.5


def test_orders_are_those_of_colours_or_of_roles() -> None:
    assert ordered("colours", (2, 0, 1)) == BY_COLOUR == (0, 1, 2)
    assert ordered("roles", [2, 0, 1]) == (2, 0, 1)


def test_the_origin_of_an_objects_frame_is_no_matter(states: States) -> None:
    """Vertices a centimetre higher in the object's frame, and its origin as much lower: the same solid."""
    shift = np.array([0.002, -0.004, 0.01])
    objects = states.objects.astype(np.float64)
    poses, offsets = objects[..., :21].reshape(-1, 3, 3, 7), objects[..., 21:].reshape(-1, 3, 3, 7)
    w, vector = poses[..., 3:4], poses[..., 4:]
    twice = 2.0 * np.cross(vector, np.broadcast_to(shift, vector.shape))
    moved = shift + w * twice + np.cross(vector, twice)
    poses, offsets = poses.copy(), offsets.copy()
    poses[..., :3] -= moved
    offsets[..., :3] -= moved
    other = np.concatenate([poses.reshape(*objects.shape[:2], 21), offsets.reshape(*objects.shape[:2], 21)], -1)
    raised = np.array([pack([hull + shift for hull in three]) for three in states.vertices])
    own, features = states.proprioception.astype(np.float64), FEATURES["affordances"]
    _, before = stack(features, own, objects, states.shapes.astype(np.float64))
    _, after = stack(features, own, other, raised.astype(np.float64))
    # Offsets, and all that comes from the demonstrator's side; the rest tells of the origin.
    for part in (slice(0, 81), slice(tool.SIZE, None)):
        assert alike(after[:, part], before[:, part], 1e-4) >= 0.998
    assert alike(after[:, 90:99], before[:, 90:99], 1e-3) < 0.1


def test_affordances_begin_with_the_features_of_the_tool(states: States) -> None:
    robot, scene = states.features(FEATURES["affordances"])
    own, seen = states.features(FEATURES["tool"])
    np.testing.assert_array_equal(robot, own)
    np.testing.assert_allclose(scene[:, : seen.shape[1]], seen, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_features_are_those_that_were_recorded(name: str) -> None:
    states, recorded = load()
    advice = "raise the version of the features when these numbers change on purpose"
    assert recorded[f"{name}.version"] == FEATURES[name].version, "record: python -m test.control.features.recorded"
    for part, found in zip(("robot", "scene"), states.features(FEATURES[name]), strict=True):
        np.testing.assert_allclose(found, recorded[f"{name}.{part}"], atol=2e-4, err_msg=advice)


def test_raw_features_are_the_streams(states: States) -> None:
    robot, scene = states.features(FEATURES["raw"])
    np.testing.assert_array_equal(robot.reshape(-1, 3, 43), states.proprioception)
    np.testing.assert_array_equal(scene.reshape(-1, 3, 42), states.objects)


def test_names_and_fingerprints_tell_features_apart() -> None:
    assert [features_named(name) for name in NAMES] == list(FEATURES.values())
    with pytest.raises(HelmsError, match=r"unknown features 'tol'; choose one of: .*Did you mean 'tool'"):
        features_named("tol")

    @dataclass
    class Later(Tool):
        version = FEATURES["tool"].version + 1

    found = [fingerprint(features) for features in (*FEATURES.values(), Later())]
    assert len(set(found)) == 4 and {len(each) for each in found} == {64}
