"""Simulated COS exposures: corrtag and x1d files with the formats of the real ones."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc.simulate import cos_headers, cos_nuv, x1d_cos
from hstlc.simulate.arrival import GoodTime
from hstlc.simulate.cos_events import FIELDS as EVENT_FIELDS
from hstlc.simulate.cos_events import TICK_S, SegmentEvents, fuv_events, timeline_sky
from hstlc.simulate.cos_geometry import ACTIVE_X, ACTIVE_Y, FUV_NELEM, NUV_NELEM, Segment, fuv_segment, nuv_stripe
from hstlc.simulate.exposure import Exposure, Table, Truth, make_truth
from hstlc.simulate.orbit import Orbit
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import airglow_free
from hstlc.simulate.tables import Field, gti_table, table, write

FUV_DARK = 1.5e-6  # count/s/pixel
NUV_DARK = 2.5e-4
AIRGLOW_WINDOWS = ((1198.0, 1202.0), (1209.0, 1222.0), (1300.0, 1308.0), (1354.0, 1360.0))
TIMELINE_FIELDS = (
    Field('TIME', '1E', 's', 'F8.3'),
    Field('LONGITUDE', '1E', 'degree', 'F10.6'),
    Field('LATITUDE', '1E', 'degree', 'F10.6'),
    Field('SUN_ALT', '1E', 'degree', 'F6.2'),
    Field('SUN_ZD', '1E', 'degree', 'F6.2'),
    Field('TARGET_ALT', '1E', 'degree', 'F6.2'),
    Field('RADIAL_VEL', '1E', 'km /s', 'F7.5'),
    Field('SHIFT1', '1E', 'pixel', 'F7.3'),
    Field('LY_ALPHA', '1E', 'count /s', 'G15.6'),
    Field('OI_1304', '1E', 'count /s', 'G15.6'),
    Field('OI_1356', '1E', 'count /s', 'G15.6'),
    Field('DARKRATE', '1E', 'count /s /pixel', 'G15.6'),
)


def write_fuv(
    folder: Path,
    rootname: str,
    source: Source,
    *,
    exptime_s: float,
    seed: int,
    segments: tuple[str, ...] = ('FUVA', 'FUVB'),
    **options: Any,
) -> Truth:
    """Write `<rootname>_corrtag_a.fits`, `_corrtag_b.fits` and `_x1d.fits` of an exposure with COS FUV.

    The two-zone identities of `x1d_cos` hold exactly for the events.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    rootname : str
        Nine characters, lower case.
    source : Source
        What is observed.
    exptime_s : float
        Length of the exposure, s; rounded to ticks of 0.032 s.
    seed : int
        The same seed gives the same bytes.
    segments : tuple of str
        'FUVA', 'FUVB' or both.
    **options
        Any other field of `hstlc.simulate.exposure.Exposure`, for instance `start_mjd`, `gaps_s` or `airglow`.

    Returns
    -------
    Truth
        What is true of the exposure.
    """
    exposure = _exposure('G130M', 1291, rootname=rootname, source=source, exptime_s=exptime_s, seed=seed, **options)
    good = _good_time(exposure)
    sky = timeline_sky(exposure, good)
    dark = FUV_DARK if exposure.dark is None else exposure.dark
    geometry = {name: fuv_segment(exposure, name) for name in segments}
    made = {name: fuv_events(exposure, segment, good, sky, dark) for name, segment in geometry.items()}
    header = cos_headers.events_header(exposure, good, geometry.values(), cos_headers.letter_counts(made), sky, 'FUV')
    files = []
    for name, item in made.items():
        primary = cos_headers.primary_header(exposure, 'FUV', name, 'TWOZONE', extracted=False)
        path = folder / f'{rootname}_corrtag_{name[-1].lower()}.fits'
        files.append(write(path, primary, _tables(exposure, geometry[name], item, good, sky, header), 2))
    rows = [x1d_cos.two_zone_row(made[name].columns, segment, good.total_s) for name, segment in geometry.items()]
    if exposure.x1d:
        primary = cos_headers.primary_header(exposure, 'FUV', 'BOTH' if len(rows) == 2 else segments[0], 'TWOZONE', extracted=True)
        files.append(_write_x1d(folder / f'{rootname}_x1d.fits', primary, rows, header, FUV_NELEM, two_zone=True))
    return _truth(exposure, good, 'FUV', dark, geometry, files)


def write_nuv(folder: Path, rootname: str, source: Source, *, exptime_s: float, seed: int, **options: Any) -> Truth:
    """Write `<rootname>_corrtag.fits` and `_x1d.fits`: three stripes extracted in boxes; MIRRORA: an image, no x1d.

    Parameters
    ----------
    folder, rootname, source, exptime_s, seed : as for write_fuv
        Where the files go, the name of the exposure, what is observed, how long in s, and the seed of the random numbers.
    **options
        Any other field of `hstlc.simulate.exposure.Exposure`.

    Returns
    -------
    Truth
        What is true of the exposure.
    """
    exposure = _exposure('G230L', 2950, rootname=rootname, source=source, exptime_s=exptime_s, seed=seed, **options)
    good = _good_time(exposure)
    sky = timeline_sky(exposure, good)
    dark = NUV_DARK if exposure.dark is None else exposure.dark
    imaging = exposure.opt_elem.startswith('MIRROR')
    stripes = {} if imaging else {name: nuv_stripe(exposure, name) for name in ('NUVA', 'NUVB', 'NUVC')}
    made = (
        cos_nuv.imaging_events(exposure, good, dark) if imaging else cos_nuv.events(exposure, tuple(stripes.values()), good, dark)
    )
    header = cos_headers.events_header(exposure, good, stripes.values(), {'': len(made.columns['TIME'])}, sky, 'NUV')
    algorithm = 'N/A' if imaging else 'BOXCAR'
    primary = cos_headers.primary_header(exposure, 'NUV', 'N/A', algorithm, extracted=False)
    files = [write(folder / f'{rootname}_corrtag.fits', primary, _tables(exposure, None, made, good, sky, header), 2)]
    if exposure.x1d and not imaging:
        rows = [x1d_cos.boxcar_row(made.columns, stripe, good.total_s) for stripe in stripes.values()]
        primary = cos_headers.primary_header(exposure, 'NUV', 'N/A', algorithm, extracted=True)
        files.append(_write_x1d(folder / f'{rootname}_x1d.fits', primary, rows, header, NUV_NELEM, two_zone=False))
    return _truth(exposure, good, 'NUV', dark, stripes, files)


def _exposure(opt_elem: str, cenwave: int, /, **options: Any) -> Exposure:
    return Exposure(**{'opt_elem': opt_elem, 'cenwave': cenwave, 'aperture': 'PSA', **options})


def _ticks(time_s: float) -> float:
    return round(round(time_s / TICK_S) * TICK_S, 6)


def _good_time(exposure: Exposure) -> GoodTime:
    gaps = tuple((_ticks(start), _ticks(stop)) for start, stop in exposure.gaps_s)
    return GoodTime.with_gaps(TICK_S, _ticks(exposure.exptime_s + TICK_S), gaps)


def _tables(
    exposure: Exposure, segment: Segment | None, made: SegmentEvents, good: GoodTime, sky: Orbit, header: fits.Header
) -> list[fits.BinTableHDU]:
    events = exposure.arrange(made.columns) if exposure.arrange else made.columns
    own = header.copy()
    if segment is not None:
        own['TCRVL7'], own['TCRPX7'] = float(segment.wavelength_aa[8192]), 8193.0
    names = fits.Header({'ROOTNAME': exposure.rootname, 'EXPNAME': exposure.rootname})
    tables = [
        table(EVENT_FIELDS, events, own, 'EVENTS'),
        gti_table(good.intervals, names),
    ]
    if exposure.timeline:
        tables.append(table(TIMELINE_FIELDS, _timeline(made, sky), header, 'TIMELINE'))
    return tables


def _timeline(made: SegmentEvents, sky: Orbit) -> Table:
    seconds = np.arange(len(sky.sun_alt_deg)) + 2 * TICK_S
    edges = np.append(seconds, seconds[-1] + 1) - TICK_S
    area = (ACTIVE_X[1] - ACTIVE_X[0]) * (ACTIVE_Y[1] - ACTIVE_Y[0])
    none = np.zeros(0)
    rates = {name: np.histogram(made.counted.get(name, none), edges)[0] for name in ('LY_ALPHA', 'OI_1304', 'OI_1356', 'DARKRATE')}
    return {
        'TIME': seconds,
        'LONGITUDE': sky.longitude_deg,
        'LATITUDE': sky.latitude_deg,
        'SUN_ALT': sky.sun_alt_deg,
        'SUN_ZD': sky.sun_zd_deg,
        'TARGET_ALT': sky.target_alt_deg,
        'RADIAL_VEL': sky.radial_velocity_km_s,
        'SHIFT1': np.full(len(seconds), -33.5),
        **{name: rates[name] for name in ('LY_ALPHA', 'OI_1304', 'OI_1356')},
        'DARKRATE': rates['DARKRATE'] / area,
    }


def _write_x1d(
    path: Path, primary: fits.Header, rows: list[dict[str, Any]], header: fits.Header, nelem: int, *, two_zone: bool
) -> str:
    fields = x1d_cos.fields(nelem, two_zone=two_zone)
    columns = {item.name: np.array([row[item.name] for row in rows]) for item in fields}
    return write(path, primary, [table(fields, columns, header, 'SCI')], 1)


def _truth(exposure: Exposure, good: GoodTime, detector: str, dark: float, geometry: dict[str, Segment], files: list[str]) -> Truth:
    """Bands: of each segment, its good columns; then its longest part without airglow, in whole Angstroms."""
    bands = []
    for segment in geometry.values():
        low, high = (float(edge) for edge in np.round(segment.wavelength_aa[segment.good][[0, -1]] + (0.5, -0.5)))
        bands.append((low, high))
        bands.append(max(airglow_free(low, high, AIRGLOW_WINDOWS), key=lambda band: band[1] - band[0]))
    return make_truth(
        exposure, good, instrume='COS', detector=detector, dark=dark, bands_aa=tuple(dict.fromkeys(bands)), files=tuple(files)
    )
