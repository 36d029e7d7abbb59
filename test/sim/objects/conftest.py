"""The hull vertices of all 152 meshes, as published with the RGB-stacking environment (DeepMind)."""

import gzip
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

VERTICES = Path(__file__).parents[3] / "helms_control/hardware/sawyer/rgb_objects.json.gz"


@pytest.fixture(scope="session")
def published() -> dict[str, npt.NDArray[np.float64]]:
    """Return (V, 3) vertices, m, in no particular order, by the published name of the mesh."""
    return {name: np.array(points) for name, points in json.loads(gzip.decompress(VERTICES.read_bytes())).items()}
