"""Export of a trained run as a bundle: ONNX graphs and their manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnxruntime as ort

from helms_control.errors import HelmsError
from helms_control.features.features import fingerprint
from helms_control.policy import FeaturesUsed, Graph, Manifest, load_bundle, write_manifest
from helms_control.policy.contract import FEATURES, FILES, STREAMS
from helms_control.policy.folder import check_replaceable, new_bundle
from helms_control.spec.streams import stamps
from helms_learning.offline.config import TrainConfig, to_mapping
from helms_learning.offline.run import UNKNOWN, load_policy, read_provenance
from helms_learning.policies.base import Policy
from helms_learning.policies.export import graphs_of


def export_run(run: Path, out: Path, success: Sequence[Mapping[str, Any]] = (), replace: bool = False) -> Path:
    """Write the newest checkpoint of a run as a bundle.

    Args:
        run: folder of the run.
        out: folder of the bundle; its last part is the policy's name.
        success: measured: object_set, episodes, seed, success, success_low, success_high each.
        replace: replace a bundle that is there; anything else is never replaced.

    Returns:
        The folder, after a check that it loads.

    Raises:
        HelmsError: no run, no checkpoint, the name is taken, `out` is no bundle, or the disk refuses; nothing
            half-written is left.
    """
    policy, config, step = load_policy(run)
    check_replaceable(out)
    if out.exists() and not replace:
        raise HelmsError(f"{out} exists already; choose another name, or give --replace")
    return write_bundle(policy, out, _manifest_values(run, config, step), success)


def write_bundle(
    policy: Policy, out: Path, values: Mapping[str, Any], success: Sequence[Mapping[str, Any]] = ()
) -> Path:
    """Write a policy as a bundle; see `export_run`.

    Args:
        policy: trained.
        out: folder.
        values: tasks, object_sets and training of the manifest.
        success: as for `export_run`.
    """
    config, features = policy.config, policy.features
    try:
        with new_bundle(out) as draft:
            graphs = {}
            for name, content in graphs_of(policy):
                (draft / FILES[name]).write_bytes(content)
                graphs[name] = _described(FILES[name], content)
            streams = [name for name in STREAMS if name in graphs[FEATURES].inputs]
            streams += ["action", "task"] if config.order == "roles" else ["action"]
            manifest = Manifest(
                name=out.name,
                kind=policy.KIND,
                streams=stamps(streams),
                features=FeaturesUsed(features.name, features.version, fingerprint(features), config.order),
                skills=config.skills,
                latent=config.latent if "low" in graphs else 0,
                graphs=graphs,
                success=tuple(success),
                **values,
            )
            write_manifest(manifest, draft)
            load_bundle(draft)
    except OSError as error:
        raise HelmsError(f"{out} cannot be written: {error}") from error
    return out


def _described(file: str, content: bytes) -> Graph:
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    inputs, outputs = (
        {item.name: list(item.shape) for item in side} for side in (session.get_inputs(), session.get_outputs())
    )
    return Graph(file, hashlib.sha256(content).hexdigest(), inputs, outputs)


def _manifest_values(run: Path, config: TrainConfig, step: int) -> dict[str, Any]:
    """Return the manifest's values from the run's provenance; runs of earlier releases did not record their data."""
    provenance, plain = read_provenance(run), to_mapping(config)
    data = provenance.pop("data", {"dataset": Path(config.dataset).name})
    groups = data.pop("groups", [])
    tasks = tuple(sorted({group["task"] for group in groups})) or (UNKNOWN,)
    sets = tuple(sorted({group["object_set"] for group in groups})) or (UNKNOWN,)
    plain["dataset"] = data["dataset"]
    return {
        "tasks": tasks,
        "object_sets": sets,
        "training": {**provenance, "step": step, "data": data, "config": plain},
    }
