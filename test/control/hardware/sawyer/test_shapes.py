"""The object hulls of the driver are those of the simulated objects."""

import numpy as np
import pytest

from helms_control.hardware.sawyer.shapes import SMALLEST, TRIPLETS, Hull, hulls_of
from helms_sim import objects
from helms_sim.objects.geometry import faces


def first(object_set: str) -> Hull:
    """Return the red object's hull."""
    hulls = hulls_of(object_set)
    assert hulls is not None
    return hulls[0]


def test_object_sets_are_those_of_the_simulation() -> None:
    assert dict(TRIPLETS) == {str(number): names for number, names in objects.TRIPLETS.items()}


@pytest.mark.parametrize("object_set", [*TRIPLETS, "x3,y67,r6"])
def test_hulls_have_the_vertices_and_faces_of_the_simulated_objects(object_set: str) -> None:
    hulls = hulls_of(object_set)
    assert hulls is not None
    for hull, item in zip(hulls, objects.object_set(object_set, np.random.default_rng(0)), strict=True):
        assert hull.name == item.name
        expected, found = (points[np.lexsort(points.round(5).T)] for points in (item.vertices, hull.vertices))
        np.testing.assert_allclose(found, expected, atol=1e-6)
        for face in faces(item.vertices):
            nearest = int((hull.normals @ face.normal).argmax())
            np.testing.assert_allclose(hull.normals[nearest], face.normal, atol=1e-4)
            assert hull.offsets[nearest] == pytest.approx(face.offset, abs=2e-6)


def test_smallest_is_the_smallest_inradius() -> None:
    inradii = {n: min(face.offset for face in faces(objects.rgb_object(n).vertices)) for n in objects.ALL_NAMES}
    assert min(inradii.values()) == pytest.approx(SMALLEST, abs=1e-6)
    assert first("r6,s0,r6").inradius == pytest.approx(SMALLEST, abs=1e-6)


def test_the_lowest_point_follows_the_orientation() -> None:
    cube = first("s0,s0,s0")
    assert cube.lowest(np.array([1.0, 0.0, 0.0, 0.0])) == pytest.approx(-0.025, abs=1e-6)
    eighth = np.pi / 8
    on_edge = np.array([np.cos(eighth), np.sin(eighth), 0.0, 0.0])
    assert cube.lowest(on_edge) == pytest.approx(-0.025 * np.sqrt(2.0), abs=1e-6)


@pytest.mark.parametrize("text", ["", "own", "train", "6", "r3,s0", "r3,s0,zz"])
def test_other_sets_have_unknown_shapes(text: str) -> None:
    assert hulls_of(text) is None
