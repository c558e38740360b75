"""A small imaginary archive: files to ingest, and the truth about them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hstlc.errors import InputError
from hstlc.files.records import save
from hstlc.simulate import cos, faults, stis
from hstlc.simulate.demo import FAULTY, GOOD, TINY, Item
from hstlc.simulate.exposure import Truth

INGEST, TRUTH = 'ingest', 'truth'
Writer = Callable[..., Truth]
WRITERS: dict[str, Writer] = {
    'fuv': cos.write_fuv,
    'nuv': cos.write_nuv,
    'first_order': stis.write_first_order,
    'echelle': stis.write_echelle,
}
PLANS: dict[str, tuple[Item, ...]] = {'demo': (*GOOD, *FAULTY), 'tiny': TINY}


def write_archive(folder: Path, *, seed: int = 1, size: str = 'demo') -> tuple[Truth, ...]:
    """Write an imaginary archive into `folder/ingest` and what is true of it into `folder/truth`.

    Parameters
    ----------
    folder : Path
        Made where it is missing; files of the same names are replaced.
    seed : int
        The same seed gives the same bytes.
    size : str
        'demo': 41 exposures, 31 good ones of nine targets and one for each reason of a rejection, 130 MB in about 10 s;
        'tiny': six exposures of few events, one of each mode.

    Returns
    -------
    tuple of Truth
        One for each exposure, in the order of writing.

    Raises
    ------
    InputError
        There is no such size.
    """
    if size not in PLANS:
        raise InputError(f'there is no simulated archive of size {size!r}; choose {" or ".join(PLANS)}')
    return tuple(_write(folder, item, seed) for item in PLANS[size])


def _write(folder: Path, item: Item, seed: int) -> Truth:
    options: dict[str, Any] = dict(item.options)
    truth = WRITERS[item.mode](folder / INGEST, item.rootname, item.source, exptime_s=item.exptime_s, seed=seed, **options)
    if item.truncated:
        for name in truth.files:
            faults.truncate(folder / INGEST / name)
    save(folder / TRUTH / f'{truth.rootname}_truth.json', truth)
    return truth
