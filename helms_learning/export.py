"""Export of a trained run as a bundle: three ONNX graphs and their manifest."""

import hashlib
import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch

from helms_control.errors import HelmsError
from helms_control.policy import Manifest, load_bundle, write_manifest
from helms_control.policy.contract import GRAPHS
from helms_control.policy.folder import check_replaceable, new_bundle
from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION, SPEC
from helms_learning.models.behaviour import BehaviourClone
from helms_learning.models.graphs import graphs
from helms_learning.offline.config import TrainConfig, to_mapping
from helms_learning.offline.losses import Model
from helms_learning.offline.run import UNKNOWN, load_model, read_provenance

OPSET = 18


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
    model, config, step = load_model(run)
    check_replaceable(out)
    if out.exists() and not replace:
        raise HelmsError(f"{out} exists already; choose another name, or give --replace")
    return write_bundle(model, out, _manifest_values(run, config, step), success)


def write_bundle(model: Model, out: Path, values: Mapping[str, Any], success: Sequence[Mapping[str, Any]] = ()) -> Path:
    """Write a model as a bundle; see `export_run`.

    Args:
        model: trained.
        out: folder.
        values: tasks, object_sets and training of the manifest.
        success: as for `export_run`.
    """
    try:
        with new_bundle(out) as draft:
            for level, module in graphs(model.cpu().eval()).items():
                (draft / GRAPHS[level].file).write_bytes(_onnx(level, module, _latent(model)))
            files = [item.file for item in GRAPHS.values()]
            manifest = Manifest(
                name=out.name,
                spec_version=SPEC.version,
                spec_hash=SPEC.hash,
                skills=model.config.skills,
                latent=_latent(model),
                files={name: hashlib.sha256((draft / name).read_bytes()).hexdigest() for name in files},
                success=tuple(success),
                **values,
            )
            write_manifest(manifest, draft)
            load_bundle(draft)
    except OSError as error:
        raise HelmsError(f"{out} cannot be written: {error}") from error
    return out


def _latent(model: Model) -> int:
    return ACTION.size if isinstance(model, BehaviourClone) else model.config.latent


def _onnx(level: str, module: torch.nn.Module, latent: int) -> bytes:
    examples = {
        "proprioception": torch.zeros(1, FRAMES, PROPRIOCEPTION.size),
        "objects": torch.zeros(1, FRAMES, OBJECTS.size),
        "skill": torch.zeros(1, dtype=torch.int64),
        "latent": torch.zeros(1, latent),
    }
    names = [tensor.name for tensor in GRAPHS[level].inputs]
    # The exporter prints to standard output, which is for results.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            module,
            tuple(examples[name] for name in names),
            input_names=names,
            output_names=[GRAPHS[level].output.name],
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    written: bytes = program.model_proto.SerializeToString()
    return written


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
