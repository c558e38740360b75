"""What a run without work costs, beside doit alone.

    python -m tests.benchmarks.noop [N ...] [--times K]

N small exposures go through the real chain of tasks with the steps of the miniature, which do next to nothing. Beside it stands a
static dodo.py with five tasks for each exposure and doit's own defaults. Both then find nothing to do, in turns, K times:
medians of user processor time, and the memory of the largest process. The targets are those of `tests.benchmarks.scale`.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.scale import BARE, ROOT, Cost, plan, run


def miniature(folder: Path, count: int) -> tuple[list[str], dict[str, str]]:
    """Build an archive; return the command and the environment of its runs."""
    home = folder / 'home'
    (home / 'ingest').mkdir(parents=True)
    for _, rootname, target, start in plan(count):
        facts = {'targname': f'STAR-{target}', 'day': start - 55000.0}
        (home / 'ingest' / f'{rootname}_corrtag.fits').write_text(json.dumps(facts))
    kept = {name: value for name, value in os.environ.items() if not name.startswith('HSTLC_')}
    return [sys.executable, '-m', 'doit', '-f', str(ROOT / 'tests' / 'miniature_dodo.py')], {**kept, 'HSTLC_HOME': str(home)}


def bare(folder: Path, count: int) -> tuple[list[str], dict[str, str]]:
    """Write a static dodo.py and its sources; return the same."""
    (folder / 'bare').mkdir()
    (folder / 'bare' / 'dodo.py').write_text(BARE % count)
    for k in range(count):
        (folder / 'bare' / f'{k}.0').write_text(str(k))
    return [sys.executable, '-m', 'doit', '-f', str(folder / 'bare' / 'dodo.py')], dict(os.environ)


def median(costs: list[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ('clock_s', 'cpu_s', 'memory_mb', 'user_s')))


def measure(count: int, times: int) -> None:
    """Build both, let them find nothing to do, and print a line."""
    with tempfile.TemporaryDirectory() as temporary:
        both = [make(Path(temporary), count) for make in (miniature, bare)]
        for command in both:
            run(*command)
            run(*command)
        costs = [[run(*command) for command in both] for _ in range(times)]
    ours, alone = (median(list(found)) for found in zip(*costs, strict=True))
    ratio = statistics.median(one.user_s / other.user_s for one, other in costs)
    print(
        f'{count:>7} {ours.user_s:>8.2f} {alone.user_s:>8.2f} {ratio:>7.2f} {ours.memory_mb:>7.0f} {alone.memory_mb:>7.0f}',
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('counts', nargs='*', type=int, default=[1000, 3000])
    parser.add_argument('--times', type=int, default=5, help='how often each finds nothing to do')
    given = parser.parse_args()
    print(f'{"N":>7} {"hstlc s":>8} {"bare s":>8} {"ratio":>7} {"MB":>7} {"bare MB":>7}')
    for count in given.counts:
        measure(count, given.times)


if __name__ == '__main__':
    main()
