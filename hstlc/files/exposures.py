"""From the headers and times of an exposure's event files to `Exposure` and the `Facts` of the quality checks."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstlc.errors import UnreadableError
from hstlc.files.eventlist import EventFile, EventTable, open_events, require_columns
from hstlc.files.exposurenames import is_tag, rootname_of
from hstlc.files.output import sha256
from hstlc.model import DAY_S, Exposure, Facts, Floats, InputFile, Instrument, SegmentFacts

COS_COLUMNS = ('TIME', 'XFULL', 'YFULL', 'WAVELENGTH', 'EPSILON', 'DQ')
STIS_TAG_COLUMNS = ('TIME', 'AXIS1', 'AXIS2')
TICK_S = 0.032
TICKS_PER_S = 31.25
STIS_TICK_S = 1.25e-4  # of TIME columns that are not scaled
SAME_START_S = 0.01  # event tables of a file that start as close together as this start together
SHARED = ('INSTRUME', 'DETECTOR', 'OPT_ELEM')  # by all files of an exposure
DETECTORS = {'COS': ('FUV', 'NUV'), 'STIS': ('FUV-MAMA', 'NUV-MAMA')}
LONGEST_S = 10 * DAY_S  # no exposure of HST lasts a day
REQUIRED_KEYWORDS = ('INSTRUME', 'DETECTOR', 'TARGNAME', 'OPT_ELEM', 'EXPSTART')


def open_all(paths: tuple[Path, ...]) -> tuple[EventFile, ...]:
    """Open an exposure's event files and check that they hold what their names say.

    Raises
    ------
    UnreadableError
        A file cannot be read, lacks a column or a keyword that every event list has.
    """
    if len({path.name.lower() for path in paths}) < len(paths):
        raise UnreadableError(f'{" and ".join(map(str, paths))} differ only in upper and lower case; deliver one of them')
    files = tuple(open_events(path) for path in paths)
    for file in files:
        require_columns(file, STIS_TAG_COLUMNS if is_tag(file.path) else COS_COLUMNS)
        missing = [name for name in REQUIRED_KEYWORDS if file.keyword(name) is None]
        if missing:
            raise UnreadableError(f'{file.path} has no keyword {", ".join(missing)}; fetch the file again')
        instrume, detector = str(file.keyword('INSTRUME')).upper(), str(file.keyword('DETECTOR')).upper()
        if instrume not in tuple(Instrument):
            raise UnreadableError(f'{file.path} is of {instrume}; hstlc knows COS and STIS')
        if detector not in DETECTORS[instrume]:
            raise UnreadableError(f'{file.path} is of the detector {detector}; hstlc knows {" and ".join(DETECTORS[instrume])}')
        if any(file.keyword(name) != files[0].keyword(name) for name in SHARED):
            raise UnreadableError(f'{files[0].path} and {file.path} are of different exposures by {" or ".join(SHARED)}')
    return files


def describe(files: tuple[EventFile, ...], targname: str, others: tuple[Path, ...] = ()) -> Exposure:
    """Return what the headers say of an exposure.

    Parameters
    ----------
    files : tuple of EventFile
        Its event files.
    targname : str
        The target's canonical name.
    others : tuple of Path
        Its x1d, where there is one; listed among the files.
    """
    first = files[0]
    instrume = Instrument(str(first.keyword('INSTRUME')).upper())
    start, stop, exptime = _span(files)
    rootname = str(rootname_of(first.path.name))
    return Exposure(
        rootname=rootname,
        filename=f'{rootname}_corrtag.fits' if is_tag(first.path) else first.path.name,
        files=tuple(InputFile(name=p.name, bytes=p.stat().st_size, sha256=sha256(p)) for p in (*(f.path for f in files), *others)),
        telescop=str(first.keyword('TELESCOP', 'HST')),
        instrume=instrume,
        detector=str(first.keyword('DETECTOR')).upper(),
        header_targname=str(first.keyword('TARGNAME')),
        targname=targname,
        obstype='IMAGING' if first.is_imaging else 'SPECTROSCOPIC',
        obsmode=str(first.keyword('OBSMODE', 'TIME-TAG')),
        opt_elem=str(first.keyword('OPT_ELEM')).upper(),
        cenwave=0 if first.is_imaging else _whole(first.keyword('CENWAVE', 0)),
        aperture=_aperture(first, instrume),
        fppos=_whole(first.keyword('FPPOS', 0)) if instrume is Instrument.COS else 0,
        life_adj=_text(first.keyword('LIFE_ADJ')),
        proposid=_whole_or_none(first.keyword('PROPOSID')),
        pi_name=_text(first.keyword('PR_INV_L')),
        ra_targ_deg=_real(first.keyword('RA_TARG')),
        dec_targ_deg=_real(first.keyword('DEC_TARG')),
        moving_target=str(first.keyword('MTFLAG', '')).upper() == 'T',
        expstart_mjd=start,
        expend_mjd=stop,
        exptime_s=exptime,
        cal_ver=_text(first.keyword('CAL_VER')),
        crds_ctx=_text(first.keyword('CRDS_CTX')),
        asn_id=_text(first.keyword('ASN_ID')),
    )


def _span(files: tuple[EventFile, ...]) -> tuple[float, float, float]:
    starts = [float(file.keyword('EXPSTART')) for file in files]
    stops = [float(file.keyword('EXPEND', start)) for file, start in zip(files, starts, strict=True)]
    return min(starts), max(stops), max(_exptime(file) for file in files)


def _exptime(file: EventFile) -> float:
    total = sum(float(table.header.get('EXPTIME', 0.0) or 0.0) for table in file.events)
    return total or float(file.keyword('TEXPTIME', 0.0))


def _aperture(file: EventFile, instrume: Instrument) -> str:
    """Return the aperture; COS writes RelMvReq where the block was moved by hand, then the proposed one counts."""
    name = str(file.keyword('APERTURE', 'N/A')).upper()
    if instrume is Instrument.COS and name.startswith('RELMV'):
        name = str(file.keyword('PROPAPER', name)).upper()
    return name.removesuffix('-FUV').removesuffix('-NUV')


def _text(value: object) -> str | None:
    return None if value is None or str(value).strip() == '' else str(value).strip()


def _real(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _whole(value: object) -> int:
    return _whole_or_none(value) or 0


def _whole_or_none(value: object) -> int | None:
    number = _real(value)
    return None if number is None else int(number)


def facts(files: tuple[EventFile, ...], exposure: Exposure) -> Facts:
    """Return what the quality checks ask; the times of all events are read once, block by block."""
    first = files[0]
    return Facts(
        instrume=exposure.instrume.value,
        targname=exposure.header_targname,
        proposid=exposure.proposid,
        exptype=_text(first.keyword('EXPTYPE')),
        asn_mtyp=_text(first.keyword('ASN_MTYP')),
        aperture=exposure.aperture,
        shutter=_text(first.keyword('SHUTTER')),
        obsmode=_text(first.keyword('OBSMODE')),
        plantime_s=_real(first.keyword('PLANTIME')),
        exptime_s=exposure.exptime_s,
        fgslock=_text(first.keyword('FGSLOCK')),
        extended=str(first.keyword('EXTENDED', 'NO')).upper().startswith('Y'),
        overflow=sum(_whole(first.keyword(name, 0)) for name in ('OVERFLOW', 'FILLCNT', 'ERRCNT')),
        segments=tuple(_segment(file) for file in files),
    )


def _segment(file: EventFile) -> SegmentFacts:
    time = np.concatenate([event_times(file, table) for table in file.events])
    exptime = _exptime(file)
    gti = good_time(file.gti_s, exptime, time)
    if np.any(np.abs(gti) > LONGEST_S):
        raise UnreadableError(
            f'{file.path} has good time from {gti.min():.6g} to {gti.max():.6g} s, which cannot be; fetch it again'
        )
    steps = np.diff(time)
    tolerance = 1e-4 if is_tag(file.path) else TICK_S / 4
    backward = steps < -tolerance
    slack = TICK_S / 2 if file.is_cos else 1e-6
    return SegmentFacts(
        name=file.path.name,
        expflag=next((str(t.header['EXPFLAG']) for t in file.events if str(t.header.get('EXPFLAG', 'NORMAL')).strip() != 'NORMAL'),
                     _text(file.events[0].header.get('EXPFLAG'))),
        exptime_s=exptime if exptime > 0 else float(np.sum(gti[:, 1] - gti[:, 0])),
        gti_s=gti,
        n_events=len(time),
        n_in_gti=int(sum(np.sum((time >= start - slack) & (time <= stop + slack)) for start, stop in gti)),
        n_distinct_times=0 if len(time) == 0 else 1 if time.min() == time.max() else 2,
        n_backward=int(backward.sum()),
        largest_backward_s=float(-steps[backward].min()) if backward.any() else 0.0,
    )  # fmt: skip


def facts_gti(file: EventFile) -> Floats:
    """Return the good time intervals of a file as the quality checks saw them, seconds since its EXPSTART, (n, 2) float64."""
    if len(file.gti_s) or _exptime(file) > 0:
        return good_time(file.gti_s, _exptime(file), np.zeros(0))
    return good_time(file.gti_s, 0.0, np.concatenate([event_times(file, table) for table in file.events]))


def good_time(gti_s: Floats, exptime_s: float, time_s: Floats) -> Floats:
    """Return the good time intervals, or what stands for them where the file has none.

    Without rows: from 0 to EXPTIME; where EXPTIME is 0 as well, the span of the events.
    """
    if len(gti_s):
        return gti_s
    if exptime_s > 0:
        return np.array([[0.0, exptime_s]])
    return np.array([[time_s.min(), time_s.max()]]) if len(time_s) else np.zeros((0, 2))


def event_times(file: EventFile, table: EventTable) -> Floats:
    """Return the times of all events of a table, seconds since the file's EXPSTART, (n,) float64.

    COS times are put back on their 0.032 s grid, which float32 blurs.
    """
    return _own_times(file, table) + start_shift(file, table)


def _own_times(file: EventFile, table: EventTable) -> Floats:
    parts = [block_times(file, block['TIME']) for block in table.blocks(('TIME',), size=1 << 18)]
    return np.concatenate(parts) if parts else np.zeros(0)


def start_shift(file: EventFile, table: EventTable) -> float:
    """Return what to add to the times of a table for seconds since the file's EXPSTART.

    Times count from the EXPSTART of their table. But where a later table starts later, and its times go on where those of the table
    before end, they count from the start of the file already.
    """
    before = next(k for k, item in enumerate(file.events) if item is table) - 1
    shift = seconds_after(file, table, float(file.keyword('EXPSTART')))
    if before < 0 or abs(shift) <= SAME_START_S:
        return shift
    earlier, own = _own_times(file, file.events[before]), _own_times(file, table)
    goes_on = len(own) > 0 and len(earlier) > 0 and own.min() >= earlier.max()
    return 0.0 if goes_on else shift


def seconds_after(file: EventFile, table: EventTable, start_mjd: float) -> float:
    """Return how long after a time the EXPSTART of a table is, which is that of its file where it has none of its own."""
    return (float(table.header.get('EXPSTART', file.keyword('EXPSTART'))) - start_mjd) * DAY_S


def starts_differ(file: EventFile) -> bool:
    """Whether the event tables of a file name different starts: then what their times count from had to be guessed."""
    start = float(file.keyword('EXPSTART'))
    return any(abs(seconds_after(file, table, start)) > SAME_START_S for table in file.events[1:])


def block_times(file: EventFile, values: NDArray[Any]) -> Floats:
    """Return the TIME column of a block in seconds: clock ticks scaled, COS times back on their 0.032 s grid.

    Raises
    ------
    UnreadableError
        A time is not a number.
    """
    if values.dtype.kind in 'iu':
        return values * STIS_TICK_S
    if not np.isfinite(values).all():
        raise UnreadableError(f'{file.path} holds event times that are not numbers; fetch the file again')
    if not file.is_cos:
        return np.asarray(values, np.float64)
    return np.rint(values * TICKS_PER_S).astype(np.float64) * TICK_S
