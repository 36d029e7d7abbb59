"""A trainer with a progress bar and TensorBoard events."""

from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from helms_learning.offline.trainer import Trainer

SHOWN = ("elbo", "reconstruction", "latent_kl", "skill_kl", "error")


def run_with_progress(trainer: Trainer) -> dict[str, float]:
    """Train to the end; return the last validation's terms."""
    with (
        SummaryWriter(str(trainer.folder / "tensorboard")) as board,
        tqdm(total=trainer.config.steps, initial=trainer.step, unit="step", desc=trainer.folder.name) as bar,
    ):

        def report(step: int, terms: dict[str, float]) -> None:
            for name, value in terms.items():
                board.add_scalar(name, value, step)
            if "elbo" in terms or "reconstruction" in terms:
                bar.set_postfix_str(" ".join(f"{name} {terms[name]:.3g}" for name in SHOWN if name in terms))
            bar.update(trainer.step - bar.n)

        return trainer.run(report)
