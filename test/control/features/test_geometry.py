"""Convex hulls of all published objects against the formulas for prisms that their physics is made of."""

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.features.geometry import (
    CORNERS,
    FACES,
    PAIRS,
    PARALLEL,
    SIZE,
    Geometry,
    ShapeError,
    geometry_of,
    pack,
)
from helms_sim.objects import ALL_NAMES, rgb_object
from helms_sim.objects.geometry import centroid, faces, volume_and_com, width

Array = npt.NDArray[np.float64]


def apart(some: Array, others: Array) -> float:
    """Return the largest distance of a row of one set to the nearest row of the other, both ways."""
    between = np.linalg.norm(some[:, None] - others[None], axis=-1)
    return float(max(between.min(0).max(), between.min(1).max()))


def distinct(rows: Array) -> int:
    """Return the number of different rows."""
    return len(np.unique(rows.round(7), axis=0))


def pairs_of(found: Geometry) -> tuple[Array, Array]:
    """Return the pairs without their padding: normals, and widths."""
    count = int(np.count_nonzero(found.widths))
    assert not found.pairs[count:].any() and not found.widths[count:].any()
    return found.pairs[:count], found.widths[:count]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_published_object_is_the_prism_that_the_physics_simulates(name: str) -> None:
    vertices = rgb_object(name).vertices
    found, expected = geometry_of(vertices), faces(vertices)
    assert [len(part) for part in found] == [CORNERS, 3, FACES, FACES, PAIRS, PAIRS]
    assert (distinct(found.corners), distinct(found.normals)) == (len(vertices), len(expected))
    assert apart(found.corners, vertices) < 1e-12
    # A face's normal and centroid belong together.
    both = np.array([[*face.normal, *centroid(face.polygon)] for face in expected])
    assert apart(np.hstack([found.normals, found.middles]), both) < 1e-8
    np.testing.assert_allclose(found.com, volume_and_com(vertices)[1], atol=1e-12)
    normals = np.array([face.normal for face in expected])
    cosines = normals @ normals.T
    pairs, widths = pairs_of(found)
    assert len(pairs) == np.count_nonzero(np.triu(cosines < PARALLEL))
    # One of each two parallel faces is there, and none twice.
    opposed = normals[(cosines < PARALLEL).any(1)]
    assert (np.abs(opposed @ pairs.T) > -PARALLEL).any(1).all()
    assert ((pairs @ opposed.T).max(1) > 1.0 - 1e-12).all()
    assert np.count_nonzero(pairs @ pairs.T < PARALLEL) == 0
    assert widths == pytest.approx([width(vertices, pair) for pair in pairs])


@pytest.mark.parametrize("name", ["r3", "g6", "b2", "s0", ALL_NAMES[-1]])
def test_order_and_inner_points_change_nothing(name: str) -> None:
    rng = np.random.default_rng(0)
    vertices = rgb_object(name).vertices
    inner = rng.dirichlet(np.full(len(vertices), 2.0), 40) @ vertices
    before, after = geometry_of(vertices), geometry_of(rng.permutation(np.vstack([vertices, inner])))
    assert apart(after.corners, before.corners) == 0.0
    np.testing.assert_allclose(after.com, before.com, atol=1e-12)
    both = [np.hstack([each.normals, each.middles]) for each in (after, before)]
    assert apart(*both) < 1e-8
    (some, widths), (others, expected) = pairs_of(after), pairs_of(before)
    nearest = np.abs(some @ others.T).argmax(1)
    assert sorted(nearest) == list(range(len(others)))
    np.testing.assert_allclose(widths, expected[nearest], atol=1e-9)


def test_a_hand_worked_brick() -> None:
    """2 cm by 4 cm by 6 cm, its corner at the origin."""
    found = geometry_of([[x, y, z] for x in (0.0, 0.02) for y in (0.0, 0.04) for z in (0.0, 0.06)])
    np.testing.assert_allclose(found.com, [0.01, 0.02, 0.03])
    pairs, widths = pairs_of(found)
    assert {tuple(np.abs(pair).round(9)): round(wide, 9) for pair, wide in zip(pairs, widths, strict=True)} == {
        (1.0, 0.0, 0.0): 0.02,
        (0.0, 1.0, 0.0): 0.04,
        (0.0, 0.0, 1.0): 0.06,
    }
    half = np.diag([0.01, 0.02, 0.03])
    assert apart(found.middles, found.com + np.vstack([half, -half])) < 1e-12


def test_packed_are_all_numbers_in_the_order_of_the_fields() -> None:
    shapes = [rgb_object(name).vertices for name in ("r3", "s0", "b2")]
    packed = pack(shapes)
    assert packed.shape == (3, SIZE) and packed.dtype == np.float32
    for row, shape in zip(packed, shapes, strict=True):
        np.testing.assert_allclose(row, np.concatenate([part.ravel() for part in geometry_of(shape)]), rtol=1e-6)


def icosahedron() -> Array:
    """Twelve corners, twenty faces in ten parallel pairs."""
    golden = 0.5 * (1.0 + np.sqrt(5.0))
    corners = [[0.0, a, b * golden] for a in (-1.0, 1.0) for b in (-1.0, 1.0)]
    return 0.02 * np.array([np.roll(corner, turn) for corner in corners for turn in range(3)])


def sphere(count: int) -> Array:
    """Points on a sphere."""
    points = np.random.default_rng(0).normal(size=(count, 3))
    return np.asarray(0.03 * points / np.linalg.norm(points, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("vertices", "message"),
    [
        (np.eye(3), r"finite vertices, 4 or more, in metres; got an array of \(3, 3\)"),
        (np.zeros((8, 2)), r"got an array of \(8, 2\)"),
        (np.zeros(24), r"got an array of \(24,\)"),
        (np.vstack([np.eye(3), [np.nan, 0.0, 0.0], np.zeros(3)]), "finite vertices"),
        ([[x, y, 0.1] for x in (0.0, 0.1) for y in (0.0, 0.1)], "the 4 vertices span no solid: "),
        (np.ones((8, 3)), "the 8 vertices span no solid: "),
        (sphere(60), "the hull has 60 corners, but features know 24; simplify the shape"),
        (sphere(20), "the hull has 36 faces, but features know 24"),
        (icosahedron(), "the hull has 10 pairs, but features know 8"),
    ],
    ids=["three", "plane coordinates", "one row", "NaN", "flat", "one point", "corners", "faces", "pairs"],
)
def test_what_is_no_shape_is_refused(vertices: npt.ArrayLike, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        geometry_of(vertices)
    with pytest.raises(ShapeError, match=message):
        pack([rgb_object("r3").vertices, vertices])
