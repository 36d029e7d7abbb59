"""Rendering: physics does not depend on it, names are checked, files are complete."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import imageio.v2 as imageio
import mujoco
import numpy as np
import pytest
from PIL import Image

from helms_control.errors import HelmsError
from helms_sim.env import StackEnv
from helms_sim.objects import object_set
from helms_sim.render import CAMERAS, CellRenderer
from helms_sim.render.decor import decorate, decorate_plainly
from helms_sim.render.files import write_picture, write_video
from helms_sim.render.gl import choose_backend
from helms_sim.render.meshes import GRID, MESHES
from helms_sim.render.viewer import LiveView
from helms_sim.scene.model import Decorate, cell_model

TRIPLET = object_set(4, np.random.default_rng(0))


def _extent(model: mujoco.MjModel, name: str) -> np.ndarray:
    """Return least and greatest coordinates (2, 3) in the frame of the file; the compiler moves it to the inertia's."""
    number = model.mesh(name).id
    start, count = model.mesh_vertadr[number], model.mesh_vertnum[number]
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, model.mesh_quat[number])
    vertices = model.mesh_vert[start : start + count] @ rotation.reshape(3, 3).T + model.mesh_pos[number]
    return np.array([vertices.min(axis=0), vertices.max(axis=0)])


@pytest.mark.parametrize("look", [decorate, decorate_plainly])
def test_decoration_changes_no_bit_of_the_physics(look: Decorate) -> None:
    states = []
    for model in (cell_model(TRIPLET), cell_model(TRIPLET, look)):
        data = mujoco.MjData(model)
        data.qpos[11:32].reshape(3, 7)[:, :3] = [[0.6, 0.0, 0.1], [0.55, 0.05, 0.1], [0.65, -0.05, 0.1]]
        data.xfrc_applied[[model.body(name).id for name in ("red", "green", "blue")], 2] = -1.962
        data.ctrl[:] = 0.1
        mujoco.mj_step(model, data, nstep=200)
        states.append((model.body_mass.copy(), model.body_inertia.copy(), data.qpos.copy(), data.qvel.copy()))
    for bare, decorated in zip(*states, strict=True):
        np.testing.assert_array_equal(bare, decorated)


def test_the_plain_robot_stands_in_for_missing_meshes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helms_sim.render.decor.mesh_folder", lambda: None)
    model = cell_model(TRIPLET, decorate)
    assert model.nmesh == 3
    assert (model.geom_group == 1).sum() > 30


@pytest.mark.needs_meshes
def test_meshes_are_used_when_they_are_there() -> None:
    assert cell_model(TRIPLET, decorate).nmesh == 3 + len(MESHES)


@pytest.mark.needs_meshes
def test_fine_meshes_lose_faces_and_keep_their_extent(monkeypatch: pytest.MonkeyPatch) -> None:
    reduced = cell_model(TRIPLET, decorate)
    assert reduced.nmeshface < 100_000
    monkeypatch.setattr("helms_sim.render.decor.coarse", lambda file, scale: None)
    full = cell_model(TRIPLET, decorate)
    assert full.nmeshface > 2.5 * reduced.nmeshface
    for name in (f"decor{number}" for number in range(len(MESHES))):
        np.testing.assert_allclose(_extent(reduced, name), _extent(full, name), rtol=0, atol=GRID)


@pytest.mark.needs_gl
@pytest.mark.parametrize("camera", CAMERAS)
def test_every_camera_sees_the_objects(camera: str) -> None:
    env = StackEnv(camera=camera)
    observation, _ = env.reset(seed=0)
    image = observation["image"].astype(int)
    assert image.shape == (64, 64, 3)
    for channel in range(3):
        rest = [other for other in range(3) if other != channel]
        assert (image[..., channel] > 1.5 * image[..., rest].max(axis=-1)).sum() >= 4
    env.close()


@pytest.mark.needs_gl
def test_a_picture_follows_the_state() -> None:
    env = StackEnv(render_mode="rgb_array")
    env.reset(seed=0)
    first = env.render()
    for _ in range(20):
        env.step([0, 0, -1, 0, 0])
    second = env.render()
    assert first is not None
    assert second is not None
    assert first.shape == (480, 640, 3)
    assert (np.abs(first.astype(int) - second).max(axis=-1) > 30).mean() > 0.01
    env.close()


@pytest.mark.needs_gl
def test_unknown_camera_lists_the_known_ones() -> None:
    env = StackEnv()
    env.reset(seed=0)
    with pytest.raises(
        HelmsError, match="unknown camera 'top'; choose one of: main, front_left, front_right, back_left"
    ):
        CellRenderer(TRIPLET, 64, 64).render(env.cell.data, "top")


@pytest.mark.parametrize(
    ("libraries", "card", "backend"),
    [
        ({"OSMesa", "EGL"}, False, "osmesa"),
        ({"OSMesa", "EGL"}, True, "egl"),
        ({"EGL"}, False, "egl"),
        ({"OSMesa"}, True, "osmesa"),
        (set(), True, None),
    ],
)
def test_the_backend_suits_the_machine(libraries: set[str], card: bool, backend: str | None) -> None:
    assert choose_backend(lambda name: name if name in libraries else None, card) == backend


# imageio's reader leaves its pipe to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_files_are_written_whole(tmp_path: Path) -> None:
    frames = [np.full((48, 64, 3), shade, np.uint8) for shade in (0, 100, 200)]
    write_video(tmp_path / "new" / "a.mp4", frames, fps=20)
    write_picture(tmp_path / "new" / "a.png", frames[1])
    with imageio.get_reader(tmp_path / "new" / "a.mp4") as reader:
        shades = [float(np.asarray(frame).mean()) for frame in reader]
    np.testing.assert_allclose(shades, [0, 100, 200], atol=6)
    with Image.open(tmp_path / "new" / "a.png") as image:
        assert np.asarray(image).mean() == 100
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a.mp4", "a.png"]


def test_a_video_that_breaks_off_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")

    def pictures() -> Iterator[np.ndarray]:
        yield np.zeros((48, 64, 3), np.uint8)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_video(tmp_path / "a.mp4", pictures(), fps=20)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.mp4", b"old")]


def test_the_live_view_serves_a_page_on_loopback_only() -> None:
    env = StackEnv()
    env.reset(seed=0)
    view = LiveView(env.episode.triplet, port=18080)
    try:
        view.update(env.cell.data)
        assert view.url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(view.url, timeout=10) as page:
            assert page.status == 200
            assert b"<html" in page.read().lower()
        port = int(view.url.rsplit(":", 1)[1])
        sockets = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if " 0A " in line]
        # 127.0.0.1 in the kernel's byte order; 0A is a listening socket.
        assert [local for local in sockets if int(local.split(":")[1], 16) == port] == [f"0100007F:{port:04X}"]
    finally:
        view.close()
