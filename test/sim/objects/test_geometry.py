"""Geometry of prisms against hand-worked numbers, SciPy's convex hulls and MuJoCo's meshes."""

import mujoco
import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial import ConvexHull

from helms_control.errors import HelmsError
from helms_sim.objects import ALL_NAMES, rgb_object
from helms_sim.objects.geometry import faces, inertia, volume_and_com, width

Array = npt.NDArray[np.float64]
CUBE = rgb_object("s0").vertices


def merged_hull(points: Array) -> dict[tuple[float, ...], float]:
    """Return the area of each face of the convex hull, its triangles merged, by rounded plane."""
    hull = ConvexHull(points)
    areas: dict[tuple[float, ...], float] = {}
    for plane, triangle in zip(hull.equations, points[hull.simplices], strict=True):
        key = tuple(np.round(plane * [1, 1, 1, -1], 6) + 0.0)
        area = 0.5 * float(np.linalg.norm(np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])))
        areas[key] = areas.get(key, 0.0) + area
    return areas


def test_a_cube_has_six_square_faces() -> None:
    found = faces(CUBE)
    assert [face.area for face in found] == pytest.approx([0.0025] * 6)
    assert [face.offset for face in found] == pytest.approx([0.025] * 6)
    normals = sorted(tuple(int(x) for x in np.round(face.normal)) for face in found)
    assert normals == [(-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, 0, 1), (0, 1, 0), (1, 0, 0)]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_faces_are_those_of_the_convex_hull(name: str) -> None:
    found = faces(rgb_object(name).vertices)
    expected = merged_hull(rgb_object(name).vertices)
    areas = {tuple(np.round([*face.normal, face.offset], 6) + 0.0): face.area for face in found}
    assert areas.keys() == expected.keys()
    assert areas == pytest.approx(expected)


@pytest.mark.parametrize("name", ["r2", "r3", "r5", "r23"])
def test_polygons_lie_in_their_planes_and_turn_outwards(name: str) -> None:
    for face in faces(rgb_object(name).vertices):
        first, second, third = face.polygon[:3]
        np.testing.assert_allclose(face.polygon @ face.normal, face.offset, atol=1e-15)
        assert np.cross(second - first, third - second) @ face.normal > 0.0


def test_volume_and_centre_of_a_cube() -> None:
    volume, com = volume_and_com(CUBE + np.array([1.0, 2.0, 3.0]))
    assert volume == pytest.approx(1.25e-4)
    np.testing.assert_allclose(com, [1.0, 2.0, 3.0])


def test_volumes_in_the_rgb_stacking_environment() -> None:
    expected = {"s0": 125, "r2": 101.25, "b2": 101.25, "g2": 105.8, "r3": 126.0, "b3": 134.5, "g3": 153.7}
    expected |= {"r5": 125, "b5": 125, "g5": 125, "r6": 126.15, "b6": 147.5, "g6": 179.2}
    volumes = {name: volume_and_com(rgb_object(name).vertices)[0] * 1e6 for name in expected}
    assert volumes == pytest.approx(expected, abs=0.05)


def test_the_trapezoid_r3_is_heavier_on_its_wide_side() -> None:
    np.testing.assert_allclose(volume_and_com(rgb_object("r3").vertices)[1], [-3.41e-3, 0.0, 0.0], atol=5e-6)


def test_inertia_of_a_cube() -> None:
    # m a^2 / 6, wherever the origin is.
    moved = CUBE + np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(inertia(moved, 0.2), np.eye(3) * 0.2 * 0.05**2 / 6, atol=1e-15)


def test_inertia_of_a_box() -> None:
    # r6 is 29 x 29 x 150 mm: m (b^2 + c^2) / 12.
    expected = 0.2 / 12 * np.diag([0.029**2 + 0.15**2, 0.029**2 + 0.15**2, 2 * 0.029**2])
    np.testing.assert_allclose(inertia(rgb_object("r6").vertices, 0.2), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["r3", "r5", "b2", "r23", "r35"])
def test_mass_properties_are_those_of_mujoco(name: str) -> None:
    points = rgb_object(name).vertices
    spec = mujoco.MjSpec()
    spec.add_mesh(name="m", uservert=points.ravel())
    spec.worldbody.add_body().add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname="m", mass=0.2)
    model = spec.compile()
    np.testing.assert_allclose(volume_and_com(points)[1], model.body_ipos[1], atol=1e-8)
    rotation = np.zeros(9)
    mujoco.mju_quat2Mat(rotation, model.body_iquat[1])
    axes = rotation.reshape(3, 3)
    np.testing.assert_allclose(inertia(points, 0.2), axes @ np.diag(model.body_inertia[1]) @ axes.T, atol=1e-10)


@pytest.mark.parametrize(("direction", "expected"), [((1, 0, 0), 0.05), ((0, -9, 0), 0.05), ((2, 2, 0), 0.05 * 2**0.5)])
def test_width_of_a_cube(direction: tuple[float, ...], expected: float) -> None:
    assert width(CUBE, direction) == pytest.approx(expected)


@pytest.mark.parametrize("direction", [(0, 0, 0), (1, 0), (np.nan, 0, 0)])
def test_a_width_needs_a_direction(direction: tuple[float, ...]) -> None:
    with pytest.raises(HelmsError, match="a direction is three finite numbers, not all zero; got"):
        width(CUBE, direction)


@pytest.mark.parametrize("mass", [0.0, -1.0, np.nan])
def test_a_mass_is_positive(mass: float) -> None:
    with pytest.raises(HelmsError, match="a mass must be a finite number > 0, kg; got"):
        inertia(CUBE, mass)


@pytest.mark.parametrize("points", [CUBE[:7], CUBE[:4], CUBE[:, :2], CUBE.ravel()])
def test_a_prism_has_two_rings(points: Array) -> None:
    with pytest.raises(HelmsError, match=r"a prism has \(2 N, 3\) vertices with N >= 3; got"):
        faces(points)


@pytest.mark.parametrize("order", [[4, 5, 6, 7, 0, 1, 2, 3], [0, 1, 2, 3, 5, 4, 6, 7]])
def test_rings_in_another_order_are_refused(order: list[int]) -> None:
    with pytest.raises(HelmsError, match="no prism: give the bottom ring, then the top ring in the same order"):
        faces(CUBE[order])
