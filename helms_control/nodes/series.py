"""Series of episodes in one process, with a progress bar (`helms demo`, `helms record`)."""

from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from helms_control.episodes import Outcome
from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, describe
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode


def run_series(
    settings: GraphSettings,
    alone: bool,
    on_start: Callable[[ComposedGraph], None] = lambda graph: None,
    on_end: Callable[[Sequence[Outcome]], None] = lambda outcomes: None,
) -> dict[str, Any]:
    """Compose a graph, run its episodes and close it.

    Args:
        settings: of the graph.
        alone: switch off discovery of other processes, so that no other graph interferes.
        on_start: called with the running graph.
        on_end: called with the outcomes.

    Returns:
        The episode manager's summary.

    Raises:
        HelmsError: a node failed to start, or the recorder failed.
    """
    with ComposedGraph(describe(settings), alone=alone) as graph:
        on_start(graph)
        manager = graph.nodes["episode_manager"]
        assert isinstance(manager, EpisodeManagerNode)  # for the type checker
        with tqdm(total=settings.episodes, unit="episode") as bar:

            def done() -> bool:
                outcomes = manager.ledger.outcomes
                if len(outcomes) > bar.n:
                    successes = sum(outcome.success for outcome in outcomes)
                    bar.set_postfix_str(f"success {successes / len(outcomes):.1%}")
                    bar.update(len(outcomes) - bar.n)
                return manager.done or bool(_trouble(graph))

            graph.spin_until(done)
        if trouble := _trouble(graph):
            raise HelmsError(trouble)
        summary = manager.summary()
        on_end(manager.ledger.outcomes)
    return summary


def _trouble(graph: ComposedGraph) -> str:
    recorder = graph.nodes.get("recorder")
    return recorder.report()[0] if recorder is not None else ""
