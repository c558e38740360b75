"""Simulated STIS exposures: tag and x1d files with the formats of the real ones."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstlc.model.arrays import Floats
from hstlc.simulate import stis_headers, x1d_stis
from hstlc.simulate.arrival import GoodTime, pick
from hstlc.simulate.exposure import Exposure, Table, Truth, make_truth
from hstlc.simulate.orbit import PERIOD_S, orbit
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import airglow_free
from hstlc.simulate.stis_geometry import NPIX, Order, X, dark_image, echelle, first_order
from hstlc.simulate.tables import Field, gti_table, table, write

TICK_S = 1.25e-4
DARK = {'FUV-MAMA': (25.0, 4.0), 'NUV-MAMA': (400.0, 1.1)}  # count/s over the detector at the start; end over start
LYMAN_ALPHA_RATE = 6.0  # count/s along the whole slit, by day
SLIT_ROWS = (15.0, 1008.0)
AIRGLOW_WINDOWS = ((1197.0, 1203.0), (1209.0, 1222.0), (1298.0, 1310.0), (1352.0, 1362.0))
AXES = (Field('AXIS1', '1I', 'pixels'), Field('AXIS2', '1I', 'pixels'), Field('DETAXIS1', '1I', 'pixels'))


def write_first_order(folder: Path, rootname: str, source: Source, *, exptime_s: float, seed: int, **options: Any) -> Truth:
    """Write `<rootname>_tag.fits` and `_x1d.fits` of G140L/1425, G140M/1222 or G230L/2376.

    Parameters
    ----------
    folder, rootname, source, exptime_s, seed : as for hstlc.simulate.cos.write_fuv
        Where the files go, the name of the exposure, what is observed, how long in s, and the seed of the random numbers.
    **options
        Any other field of `hstlc.simulate.exposure.Exposure`.

    Returns
    -------
    Truth
        What is true of the exposure.
    """
    options = {'opt_elem': 'G140L', 'cenwave': 1425, 'aperture': '52X0.2', **options}
    exposure = _exposure(rootname, source, exptime_s, seed, options)
    return _write(folder, exposure, *first_order(exposure))


def write_echelle(folder: Path, rootname: str, source: Source, *, exptime_s: float, seed: int, **options: Any) -> Truth:
    """Write `<rootname>_tag.fits` and `_x1d.fits` of E230M/1978: 40 orders whose ends overlap in wavelength.

    Parameters
    ----------
    folder, rootname, source, exptime_s, seed : as for write_first_order
        Where the files go, the name of the exposure, what is observed, how long in s, and the seed of the random numbers.
    **options
        Any other field of `hstlc.simulate.exposure.Exposure`.

    Returns
    -------
    Truth
        What is true of the exposure.
    """
    options = {'opt_elem': 'E230M', 'cenwave': 1978, 'aperture': '0.2X0.2', **options}
    exposure = _exposure(rootname, source, exptime_s, seed, options)
    return _write(folder, exposure, *echelle(exposure))


def _exposure(rootname: str, source: Source, exptime_s: float, seed: int, options: dict[str, Any]) -> Exposure:
    ramp = DARK['NUV-MAMA' if options['opt_elem'] in ('G230L', 'E230M') else 'FUV-MAMA'][1]
    return Exposure(rootname=rootname, source=source, exptime_s=exptime_s, seed=seed, **{'dark_ramp': ramp, **options})


def _write(folder: Path, exposure: Exposure, detector: str, doppler: int, orders: tuple[Order, ...]) -> Truth:
    good = GoodTime.with_gaps(0.0, round(exposure.exptime_s / TICK_S) * TICK_S, exposure.gaps_s)
    dark = DARK[detector][0] if exposure.dark is None else exposure.dark
    shape = dark_image(detector)
    made = _events(exposure, orders, good, dark, shape, doppler)
    events = exposure.arrange(made) if exposure.arrange else made
    header = stis_headers.events_header(exposure, good, len(events['TIME']), doppler, orders[0])
    primary = stis_headers.primary_header(exposure, good, detector, orders, extracted=False)
    name = exposure.rootname
    gti = gti_table(() if exposure.empty_gti else good.intervals, stis_headers.names_header(exposure))
    files = [write(folder / f'{name}_tag.fits', primary, [_event_table(events, header), gti], 2)]
    if exposure.x1d:
        mean_dark = dark * good.mean(exposure.dark_shape) * shape
        image = x1d_stis.count_image(made)
        rows = [x1d_stis.row(image, mean_dark, order, good.total_s) for order in orders]
        columns = {item.name: np.array([row[item.name] for row in rows]) for item in x1d_stis.FIELDS}
        primary = stis_headers.primary_header(exposure, good, detector, orders, extracted=True)
        files.append(write(folder / f'{name}_x1d.fits', primary, [table(x1d_stis.FIELDS, columns, _x1d_header(header), 'SCI')], 1))
    return make_truth(exposure, good, instrume='STIS', detector=detector, dark=dark, bands_aa=_bands(orders), files=tuple(files))


def _events(exposure: Exposure, orders: tuple[Order, ...], good: GoodTime, dark: float, shape: Floats, doppler: int) -> Table:
    rng = exposure.rng()
    parts = [
        _source(rng, exposure, orders, good),
        _dark(rng, exposure, good, dark, shape),
        _lyman_alpha(rng, exposure, orders, good),
    ]
    time_s, x, y = (np.concatenate(values) for values in zip(*parts, strict=True))
    time_s = np.floor(time_s / TICK_S).astype(np.int64)
    order = np.argsort(time_s, kind='stable')
    ticks, axis1, axis2 = time_s[order], np.floor(2 * x[order]).astype(np.int64), np.floor(2 * y[order]).astype(np.int64)
    step = np.round(doppler * np.sin(2 * np.pi * (ticks * TICK_S / PERIOD_S + 0.2))).astype(np.int64)
    kept = (axis1 >= 1) & (axis1 <= 2 * NPIX) & (axis2 >= 1) & (axis2 <= 2 * NPIX)
    columns = {'TIME': ticks, 'AXIS1': axis1, 'AXIS2': axis2, 'DETAXIS1': axis1 - step}
    return {name: values[kept] for name, values in columns.items()}


def _source(rng: np.random.Generator, exposure: Exposure, orders: tuple[Order, ...], good: GoodTime) -> tuple[Floats, ...]:
    """Return times and positions (pixels of the low-resolution image) of the source's photons."""
    expected = np.concatenate(
        [exposure.source.spectrum.column_flux_density(order.wavelength_aa) * order.sensitivity for order in orders]
    )
    total = float(expected.sum())
    time_s = good.arrivals(rng, lambda t: total * exposure.relative(t))
    index = pick(rng, np.maximum(expected, 1e-300), len(time_s))
    trace = np.concatenate([order.trace for order in orders])[index] + exposure.drift(time_s)
    x = X[index % NPIX] + rng.uniform(-0.5, 0.5, len(index))
    return time_s, x, trace + orders[0].sigma * rng.normal(size=len(index))


def _dark(rng: np.random.Generator, exposure: Exposure, good: GoodTime, rate: float, shape: Floats) -> tuple[Floats, ...]:
    time_s = good.arrivals(rng, lambda t: rate * exposure.dark_shape(t))
    place = pick(rng, shape.ravel(), len(time_s))
    x, y = place % NPIX + 1, place // NPIX + 1
    return time_s, x + rng.uniform(-0.5, 0.5, len(x)), y + rng.uniform(-0.5, 0.5, len(y))


def _lyman_alpha(rng: np.random.Generator, exposure: Exposure, orders: tuple[Order, ...], good: GoodTime) -> tuple[Floats, ...]:
    """Return geocoronal Lyman alpha, which fills the slit from end to end."""
    wavelength = orders[0].wavelength_aa
    if len(orders) > 1 or exposure.airglow <= 0 or not wavelength[0] < x1d_stis.LYMAN_ALPHA_AA < wavelength[-1]:
        return (np.empty(0),) * 3
    mjd = exposure.start_mjd + np.arange(int(good.intervals[-1][1]) + 2) / 86400.0
    sun = orbit(mjd, exposure.source.ra_deg, exposure.source.dec_deg).sun_alt_deg
    day = exposure.airglow * LYMAN_ALPHA_RATE * (0.1 + 0.9 / (1 + np.exp(-sun / 12)))
    time_s = good.arrivals(rng, lambda t: np.interp(t, np.arange(len(day)), day))
    centre = np.interp(x1d_stis.LYMAN_ALPHA_AA, wavelength, X)
    x = centre + rng.uniform(-4, 4, len(time_s)) + rng.normal(0, 0.8, len(time_s))
    return time_s, x, rng.uniform(*SLIT_ROWS, len(time_s))


def _event_table(events: Table, header: fits.Header) -> fits.BinTableHDU:
    clock = fits.Column('TIME', '1J', unit='seconds', array=events['TIME'])
    axes = [fits.Column(item.name, item.format, unit=item.unit, array=events[item.name]) for item in AXES]
    hdu = fits.BinTableHDU.from_columns([clock, *axes], name='EVENTS', ver=1)
    hdu.header.extend(header, unique=True, update=True)
    hdu.header['TSCAL1'], hdu.header['TZERO1'] = TICK_S, 0.0  # set here: astropy cannot scale floats back to whole ticks
    return hdu


def _x1d_header(header: fits.Header) -> fits.Header:
    """Return the SCI header: that of the events, and the offsets that the wavelength calibration found."""
    own = header.copy()
    for keyword in [key for key in own if key.startswith(('TC', 'TALEN'))]:
        del own[keyword]
    own.update({'SHIFTA1': -1.406, 'SHIFTA2': 19.189, 'V_HELIO': -11.4, 'LTV1': 0.0, 'LTV2': 0.0, 'LTM1_1': 1.0, 'LTM2_2': 1.0})
    return own


def _bands(orders: tuple[Order, ...]) -> tuple[tuple[float, float], ...]:
    """Return the whole band in whole Angstroms, then its longest part without airglow."""
    used = np.concatenate([order.wavelength_aa[order.sensitivity > 0.05 * order.sensitivity.max()] for order in orders])
    low, high = float(np.ceil(used.min())), float(np.floor(used.max()))
    return tuple(dict.fromkeys(((low, high), max(airglow_free(low, high, AIRGLOW_WINDOWS), key=lambda band: band[1] - band[0]))))
