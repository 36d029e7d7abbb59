"""Features of the placement on the floor: the spot furthest from the other objects."""

from helms_control.features.arrays import Array, flat, like, scaled
from helms_control.features.plan import SPOTS
from helms_control.features.scene import Scene

SIZE = 3 * 6
"""Number of features."""
_FAR = 9.0
"""Distance of an object to itself, m, which excludes it from the minimum."""
_EYE = [[[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]]]


def spot(scene: Scene) -> Array:
    """Return the offsets from each object's centre of mass to its spot, tool axes, three scales, (..., SIZE)."""
    xp, plane = scene.xp, scene.turned[..., :2, :2]
    middles = scene.places[..., :2] + scene.com[..., :2] @ plane
    spots = like(xp, SPOTS, middles)
    # (..., 9, 3): distance of each spot from each object.
    between = spots[..., :, None, :] - middles[..., None, :, :]
    apart = xp.sqrt(xp.sum(between * between, axis=-1) + 1e-6)
    others = apart[..., None, :, :] + _FAR * like(xp, _EYE, apart)
    best = xp.argmax(xp.min(others, axis=-1), axis=-1)[..., None]
    # One row of a table with a product: a gather would need indices of the same number of dimensions.
    chosen = xp.astype(best == xp.arange(len(SPOTS), device=best.device), spots.dtype) @ spots
    return flat(xp.concat(scaled(xp, (chosen - middles) @ plane.swapaxes(-1, -2)), axis=-1))
