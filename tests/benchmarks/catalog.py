"""How long the catalog, hstlc.json, takes with many exposures: rows, one bulk write, one opening, one single update.

    python -m tests.benchmarks.catalog [N ...]

Each exposure has a light curve and statistics, every second one a composite. Processor time in seconds, the file in MB, memory of
the process in MB.
"""

import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tinydb import TinyDB

from hstlc import catalog
from hstlc.model import Statistics

sys.path.insert(0, str(Path(__file__).parents[1]))


def rows(count: int) -> dict[str, list[catalog.Row]]:
    """Return the tables of a made-up archive."""
    from archives import accepted, individual, statistics

    known = accepted('aaaaaaaaa')
    about, outcome, values = known.exposure, individual(known), statistics()
    names = [f'l{number:08d}' for number in range(count)]
    records = {name: replace(known, rootname=name, exposure=replace(about, rootname=name)) for name in names}
    outcomes = {f'{name}_curve': replace(outcome, stem=f'{name}_curve', rootnames=(name,)) for name in names}
    members = zip(names[::2], names[1::2], strict=False)
    outcomes |= {
        f'hlsp_{one}': replace(outcome, stem=f'hlsp_{one}', composite=True, rootnames=(one, other)) for one, other in members
    }
    numbers: dict[str, Statistics] = dict.fromkeys(outcomes, values)
    return catalog.tables(
        {name: catalog.about_exposure(record) for name, record in records.items()},
        {stem: catalog.about_curve(outcome) for stem, outcome in outcomes.items()},
        {stem: catalog.about_statistics(values) for stem, values in numbers.items()},
    )


def measure(count: int, folder: Path) -> None:
    """Print one line of the table."""
    spent, start = [], time.process_time()
    path = folder / f'{count}.json'

    def lap() -> None:
        nonlocal start
        spent.append(time.process_time() - start)
        start = time.process_time()

    content = rows(count)
    lap()
    catalog.write(path, content)
    lap()
    with TinyDB(path, encoding='utf-8') as database:
        found = sum(len(database.table(name).all()) for name in content)
        lap()
        database.table('metadata').update({'warnings': ''}, doc_ids=[catalog.rootname_id('l00000000')])
        lap()
    assert found == sum(map(len, content.values()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f'{count:>8} ' + ' '.join(f'{value:>9.2f}' for value in spent) + f' {path.stat().st_size / 1e6:>8.1f} {memory:>8.0f}',
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    print(f'{"N":>8} {"rows":>9} {"write":>9} {"open":>9} {"update":>9} {"MB":>8} {"memory":>8}')
    with tempfile.TemporaryDirectory() as folder:
        for count in map(int, sys.argv[1:] or ('10000', '50000', '200000')):
            measure(count, Path(folder))


if __name__ == '__main__':
    main()
