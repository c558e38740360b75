"""Event lists: FITS tables of photons, read in blocks so that memory does not grow with their length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstlc.errors import UnreadableError
from hstlc.files.fitsfile import open_fits
from hstlc.files.keywords import remove_damage
from hstlc.model import Floats, Timeline

BLOCK_ROWS = 32768  # temporaries of a block stay in the processor's cache
MAX_ROWS = 2_000_000_000


@dataclass(frozen=True)
class EventTable:
    """One EVENTS extension: where its rows lie in the file, and what its header says."""

    path: Path  # the file
    header: fits.Header  # of the extension
    offset: int  # of its first row, bytes from the start of the file
    n_rows: int  # events
    dtype: np.dtype[Any]  # of a row, as the file has it
    scales: dict[str, tuple[float, float]]  # column -> TSCAL, TZERO where they are not 1 and 0

    def blocks(self, columns: tuple[str, ...], size: int = BLOCK_ROWS) -> Iterator[dict[str, NDArray[Any]]]:
        """Yield the named columns block by block, in native byte order, scaled to their unit."""
        for rows in self.rows(size):
            yield {name: self.column(rows, name) for name in columns}

    def rows(self, size: int = BLOCK_ROWS) -> Iterator[NDArray[Any]]:
        """Yield the rows as the file has them, block by block; each block takes the place of the one before."""
        buffer = np.empty(min(size, self.n_rows), self.dtype)
        with self.path.open('rb') as file:
            file.seek(self.offset)
            for start in range(0, self.n_rows, size):
                rows = buffer[: self.n_rows - start]
                if file.readinto(rows.view(np.uint8).data) < rows.nbytes:
                    raise UnreadableError(f'{self.path} ends before its last event; fetch the file again')
                yield rows

    def column(self, rows: NDArray[Any], name: str) -> NDArray[Any]:
        """Return a column of a block of rows as an array of its own, in native byte order, scaled to its unit."""
        values = rows[name]
        values = values.astype(values.dtype.newbyteorder('='))
        if name in self.scales:
            scale, zero = self.scales[name]
            return np.asarray(values * scale + zero, np.float64)
        return values


@dataclass(frozen=True)
class EventFile:
    """An event file: primary header, EVENTS tables, good time intervals and the 1 Hz timeline."""

    path: Path  # the file
    primary: fits.Header  # header of the file
    events: tuple[EventTable, ...]  # usually one
    gti_s: Floats  # (n, 2) as the file has them; no row where there is no GTI extension
    timeline: Timeline | None  # None where there is none that can be believed
    damaged: tuple[str, ...] = ()  # keywords that were left out, because their values cannot be

    @cached_property
    def is_cos(self) -> bool:
        """Whether it is of COS."""
        return str(self.keyword('INSTRUME')).upper() == 'COS'

    @cached_property
    def is_imaging(self) -> bool:
        """Whether no grating dispersed the light."""
        return str(self.keyword('OBSTYPE')).upper() == 'IMAGING'

    def keyword(self, name: str, default: Any = None) -> Any:
        """Return a keyword of the primary or else the first EVENTS header; text without blanks; None or `default` where empty."""
        for header in (self.primary, self.events[0].header):
            value = header.get(name)
            if isinstance(value, str):
                value = value.strip()
            if value is not None and value != '' and not isinstance(value, fits.card.Undefined):
                return value
        return default


def open_events(path: Path) -> EventFile:
    """Read headers, good time intervals and timeline of an event file; its events stay on disk.

    Raises
    ------
    UnreadableError
        Not FITS, truncated, or without an EVENTS table.
    """
    with open_fits(path, 'an event list', 'fetch the file again') as hdus:
        return _read(path, hdus)


def _read(path: Path, hdus: fits.HDUList) -> EventFile:
    size = path.stat().st_size
    events, gtis, timeline = [], [], None
    for hdu in hdus:
        if hdu.name == 'EVENTS':
            events.append(_event_table(path, hdu, size))
        elif hdu.name == 'GTI':
            gtis.append((int(hdu.ver), _intervals(hdu)))
        elif hdu.name == 'TIMELINE':
            timeline = _timeline(hdu)
    if not events:
        raise UnreadableError(f'{path} has no EVENTS table; is it a TIME-TAG event list?')
    gti = max(gtis, key=lambda item: item[0])[1] if gtis else np.zeros((0, 2))
    damaged = [name for header in (hdus[0].header, *(table.header for table in events)) for name in remove_damage(header)]
    return EventFile(path, hdus[0].header, tuple(events), gti, timeline, tuple(dict.fromkeys(damaged)))


def _event_table(path: Path, hdu: fits.BinTableHDU, size: int) -> EventTable:
    header = hdu.header
    offset, n_rows, width = hdu.fileinfo()['datLoc'], int(header['NAXIS2']), int(header['NAXIS1'])
    dtype = hdu.columns.dtype.newbyteorder('>')
    if not 0 <= n_rows <= MAX_ROWS or offset + n_rows * width > size:
        raise UnreadableError(
            f'{path} is truncated: its EVENTS table should end at byte {offset + n_rows * width}, the file at {size}'
        )
    if dtype.itemsize != width:
        raise UnreadableError(f'{path} is damaged: rows of EVENTS have {width} bytes, its columns {dtype.itemsize}')
    scales = {}
    for column in hdu.columns:
        scale, zero = column.bscale or 1.0, column.bzero or 0.0
        if (scale, zero) != (1.0, 0.0):
            scales[column.name] = (float(scale), float(zero))
    return EventTable(path, header, offset, n_rows, dtype, scales)


def _intervals(hdu: fits.BinTableHDU) -> Floats:
    table = hdu.data
    if table is None or len(table) == 0:
        return np.zeros((0, 2))
    pairs = np.column_stack([table['START'], table['STOP']]).astype(np.float64)
    return np.asarray(pairs[np.isfinite(pairs).all(axis=1)], np.float64)


def _timeline(hdu: fits.BinTableHDU) -> Timeline | None:
    names = ('TIME', 'LONGITUDE', 'LATITUDE', 'SUN_ALT')
    if hdu.data is None or len(hdu.data) < 2 or not set(names) <= set(hdu.columns.names):
        return None
    time, longitude, latitude, sun_alt = (np.asarray(hdu.data[name], np.float64) for name in names)
    limits = ((longitude, 360.0), (latitude, 90.0), (sun_alt, 180.0))
    believable = bool(np.all(np.diff(time) >= 0)) and all(np.all(np.abs(values) <= most) for values, most in limits)
    if not believable or not (np.any(longitude) or np.any(latitude)):
        return None
    return Timeline(time_s=time, longitude_deg=longitude, latitude_deg=latitude, sun_alt_deg=sun_alt)


def require_columns(file: EventFile, names: tuple[str, ...]) -> None:
    """Raise UnreadableError where an EVENTS table lacks one of the columns, or has something else than numbers there."""
    for table in file.events:
        kinds: Mapping[str, Any] = table.dtype.fields or {}
        missing = [name for name in names if name not in kinds or kinds[name][0].kind not in 'iuf']
        if missing:
            raise UnreadableError(
                f'{file.path} has no column of numbers {", ".join(missing)} in EVENTS; is it the product that its name says?'
            )
