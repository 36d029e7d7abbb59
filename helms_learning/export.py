"""From a trained run to a bundle: three ONNX graphs and their manifest."""

import hashlib
import io
import logging
import shutil
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch

from helms_control.errors import HelmsError
from helms_control.policy import Manifest, load_bundle, write_manifest
from helms_control.policy.contract import GRAPHS
from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION, SPEC
from helms_learning.datasets.edit import describe
from helms_learning.models import BehaviourClone
from helms_learning.models.graphs import graphs
from helms_learning.offline.config import TrainConfig, to_mapping
from helms_learning.offline.losses import Model
from helms_learning.offline.run import load_model, read_provenance

OPSET = 18


def export_run(run: Path, out: Path, success: Sequence[Mapping[str, Any]] = (), replace: bool = False) -> Path:
    """Write the newest checkpoint of a run as a bundle.

    Args:
        run: folder of the run.
        out: folder of the bundle; its last part is the policy's name.
        success: measured: object_set, episodes, seed, success, success_low, success_high each.
        replace: overwrite a bundle that is there.

    Returns:
        The folder, after a check that it loads.

    Raises:
        HelmsError: no run, no checkpoint, the name is taken, or the disk refuses; nothing half-written is left.
    """
    model, config, step = load_model(run)
    if out.exists() and not replace:
        raise HelmsError(f"{out} exists already; choose another name, or give --replace")
    return write_bundle(model, out, _manifest_values(run, config, step), success)


def write_bundle(model: Model, out: Path, values: Mapping[str, Any], success: Sequence[Mapping[str, Any]] = ()) -> Path:
    """Write a model as a bundle; see `export_run`.

    Args:
        model: trained.
        out: folder.
        values: task, object_sets and training of the manifest.
        success: as for `export_run`.
    """
    draft = out.with_name(f".{out.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        for level, module in graphs(model.cpu().eval()).items():
            (draft / GRAPHS[level].file).write_bytes(_onnx(level, module, _latent(model)))
        digests = {item.file: hashlib.sha256((draft / item.file).read_bytes()).hexdigest() for item in GRAPHS.values()}
        manifest = Manifest(
            name=out.name,
            spec_version=SPEC.version,
            spec_hash=SPEC.hash,
            skills=model.config.skills,
            latent=_latent(model),
            files=digests,
            success=tuple(success),
            **values,
        )
        write_manifest(manifest, draft)
        load_bundle(draft)
        if out.exists():
            shutil.rmtree(out)
        draft.rename(out)
    except OSError as error:
        raise HelmsError(f"{out} cannot be written: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
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
    # The exporter talks on standard output, which is for results.
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
    provenance, plain = read_provenance(run), to_mapping(config)
    data: dict[str, Any] = {"dataset": Path(config.dataset).name}
    task, sets = "red_on_blue", ("1", "2", "3", "4", "5")
    if Path(config.dataset).is_file():
        found = describe(Path(config.dataset))
        tasks = sorted({group["task"] for group in found["groups"]})
        task = tasks[0] if len(tasks) == 1 else "all_pairs"
        sets = tuple(sorted({group["object_set"] for group in found["groups"]}))
        data |= {key: found[key] for key in ("episodes", "steps", "success", "drivers", "noise")}
    plain["dataset"] = data["dataset"]
    return {"task": task, "object_sets": sets, "training": {**provenance, "step": step, "data": data, "config": plain}}
