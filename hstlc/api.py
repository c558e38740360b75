"""What a person calls in Python: light curves and dynamic spectra of single files, without an archive."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Literal

from astropy.table import Table

from hstlc.errors import InputError
from hstlc.files.aliases import load_aliases
from hstlc.files.curvetable import light_curve_table, read_table
from hstlc.files.dynspec import read_dynamic_spectrum
from hstlc.files.eventlist import open_events
from hstlc.files.exposurenames import is_tag, is_x1d, rootname_of
from hstlc.files.exposures import describe, open_all
from hstlc.files.products import read_lightcurve
from hstlc.files.tables import load_bands
from hstlc.files.x1d import read_x1d
from hstlc.model import DynamicSpectrum, Exposure, GroupKey, LightCurve, Statistics
from hstlc.paths import Paths
from hstlc.science.added import add
from hstlc.science.band import choose_band, default_windows
from hstlc.science.bands import band_curves
from hstlc.science.composite import combine, coverage, member_curve, plan
from hstlc.science.lightcurve import light_curve
from hstlc.science.statistics import statistics as original_statistics
from hstlc.science.targetnames import canonical_name
from hstlc.settings import Settings
from hstlc.steps.calibration import correct_tag
from hstlc.steps.extraction import extract
from hstlc.steps.regions import NotExtractable
from hstlc.steps.statistics import thresholds

Name = str | PathLike[str]
Airglow = Literal['auto', 'cos_m', 'cos_l', 'stis', 'hstlc', 'none']
FINEST_GRID_S = 1.0  # a finer step gets a grid of its own: the events are read again
MIN_FRACEXP = 0.1


def read(
    path: Name,
    *,
    step: float = 2.0,
    wlim: tuple[float, float] | None = None,
    airglow: Airglow = 'auto',
    night: bool = False,
    band: str | None = None,
) -> Table:
    """Return a light curve from any event file, or read one from a light-curve file.

    Segments and the x1d that lie beside an event file belong to it. The options act on event files alone, but `band`.

    Parameters
    ----------
    path : str or PathLike
        `*_tag.fits`, `*_corrtag.fits`, `*_corrtag_a.fits`, `*_corrtag_b.fits`; or a light curve of hstlc (FITS, or its copies in
        CSV and ECSV) or of the original system; or light curves of bands, `*_bands.fits`.
    step : float
        Bin width, s; COS: whole ticks of 0.032 s.
    wlim : (float, float) or None
        Wavelength limits, whole Angstrom; None: as far as the detector goes.
    airglow : str
        Which geocoronal windows are left out: a preset of the setting `airglow`; 'none' keeps everything.
    night : bool
        Only times with the Sun below the limb (needs the TIMELINE table of a COS file).
    band : str or None
        Which band of a `*_bands.fits` file, for instance 'C IV 1548/1551'; needed where it holds several.

    Returns
    -------
    Table
        One row per bin with units, the headers in `meta`.

    Raises
    ------
    InputError
        The file cannot be used; the message says why.
    """
    file = Path(path)
    if _is_product(file):
        return read_table(file, band)
    return light_curve_table(extract_light_curve(file, step=step, wlim=wlim, airglow=airglow, night=night))


def dynamic_spectrum(path: Name, *, step: float = 1.0, night: bool = False) -> DynamicSpectrum:
    """Return the dynamic spectrum of an event file, or read one from a `*_dynspec.fits.gz` file.

    Parameters
    ----------
    path : str or PathLike
        The file.
    step : float
        Time step of the grid, s.
    night : bool
        Only times with the Sun below the limb.

    Returns
    -------
    DynamicSpectrum
        Counts of source and background on a grid of time and wavelength (1 Angstrom), with live times and good widths.

    Raises
    ------
    InputError
        The file cannot be used; the message says why.
    """
    file = Path(path)
    if rootname_of(file.name) is None:
        return read_dynamic_spectrum(file)
    return _spectrum(file, step, night)


def composite(
    paths: Iterable[Name],
    *,
    step: float = 2.0,
    wlim: tuple[float, float] | None = None,
    airglow: Airglow = 'auto',
    night: bool = False,
) -> Table:
    """Return one light curve of several exposures over the wavelengths that they share.

    Parameters
    ----------
    paths : iterable of str or PathLike
        Event files, or dynamic spectra; of one exposure one file is enough.
    step : float
        Bin width, s; COS: whole ticks of 0.032 s.
    wlim : (float, float) or None
        Wavelength limits, whole Angstrom; None: all that the exposures share.
    airglow : str
        Which geocoronal windows are left out: a preset of the setting `airglow`.
    night : bool
        Only times with the Sun below the limb.

    Returns
    -------
    Table
        One row per bin, in the order of time; `meta['LEFTOUT']` lists exposures that were left out, and why.

    Raises
    ------
    InputError
        A file cannot be used, or nothing is left to combine.
    """
    by_name = {}
    for path in paths:
        spectrum = dynamic_spectrum(path, step=min(step, FINEST_GRID_S), night=night)
        by_name[spectrum.exposure.rootname] = spectrum
    if not by_name:
        raise InputError('no file was given to combine')
    first = next(iter(by_name.values()))
    chosen = plan(tuple(coverage(item) for item in by_name.values()), default_windows(first, airglow))
    if wlim is not None and chosen.wmin_aa is not None and chosen.wmax_aa is not None:
        chosen = replace(chosen, wmin_aa=max(chosen.wmin_aa, wlim[0]), wmax_aa=min(chosen.wmax_aa, wlim[1]))
    key = GroupKey.of(first.exposure)
    curves = [member_curve(by_name[name], chosen, key, step_s=step, min_fracexp=MIN_FRACEXP)[0] for name in chosen.rootnames]
    curves = [curve for curve in curves if len(curve.mjd)]
    if not curves:
        raise InputError('the exposures share no wavelengths: ' + '; '.join(chosen.left_out))
    table = light_curve_table(combine(curves))
    table.meta['LEFTOUT'] = list(chosen.left_out)
    return table


def statistics(
    path: Name,
    *,
    step: float = 2.0,
    wlim: tuple[float, float] | None = None,
    airglow: Airglow = 'auto',
    night: bool = False,
) -> Statistics:
    """Return how variable a light curve is: the original system's numbers, and tests, flares, eclipses and periods.

    Parameters
    ----------
    path : str or PathLike
        A light-curve file of hstlc, or an event file; the options act on the latter alone.
    step : float
        Bin width, s.
    wlim : (float, float) or None
        Wavelength limits, whole Angstrom.
    airglow : str
        Which geocoronal windows are left out.
    night : bool
        Only times with the Sun below the limb.

    Returns
    -------
    Statistics
        Judged by the default settings. Emission lines and continuum are told apart (`x_bands`) in event files only.

    Raises
    ------
    InputError
        The file cannot be used; the message says why.
    """
    file, bands = Path(path), []
    if _is_product(file):
        curve = read_lightcurve(file)
    else:
        spectrum = _spectrum(file, step, night)
        curve = _light_curve(spectrum, step, wlim, airglow)
        bands = band_curves(spectrum, load_bands(), curve.key, step_s=step, min_fracexp=MIN_FRACEXP)
    return add(original_statistics(curve, composite=False), curve, thresholds(Settings(home=Path())), bands)


def extract_light_curve(
    file: Path, *, step: float, wlim: tuple[float | None, float | None] | None, airglow: str, night: bool
) -> LightCurve:
    """Return the light curve of an event file; the parameters are those of `read`."""
    return _light_curve(_spectrum(file, step, night), step, wlim, airglow)


def _is_product(file: Path) -> bool:
    return rootname_of(file.name) is None or is_x1d(file)


def _light_curve(
    spectrum: DynamicSpectrum, step: float, wlim: tuple[float | None, float | None] | None, airglow: str
) -> LightCurve:
    band = choose_band(spectrum, default_windows(spectrum, airglow), *(wlim or (None, None)))
    if not band.cells.any():
        limits = f'{spectrum.wmin_aa:g} to {spectrum.wmax_aa:g} Angstrom' if spectrum.wmin_aa and spectrum.wmax_aa else 'nothing'
        raise InputError(f'{spectrum.exposure.rootname}: no good wavelength is left; the exposure covers {limits}')
    return light_curve(spectrum, band, GroupKey.of(spectrum.exposure), step_s=step, min_fracexp=MIN_FRACEXP)


def _spectrum(file: Path, step: float, night: bool) -> DynamicSpectrum:
    if step <= 0:
        raise InputError(f'step must be greater than 0, not {step:g}')
    with _workplace(file) as (folder, settings, exposure):
        found = extract(
            replace(settings, grid_step=min(step, FINEST_GRID_S), step=max(step, settings.grid_step), night=night), folder, exposure
        )
    if isinstance(found, NotExtractable):
        raise InputError(f'{file}: {found.why}')
    return found


@contextmanager
def _workplace(file: Path) -> Iterator[tuple[Path, Settings, Exposure]]:
    """Give a temporary folder with links to an exposure's files, and the derived corrtag of a STIS tag."""
    if not file.is_file():
        raise InputError(f'{file} is not there')
    rootname = rootname_of(file.name)
    siblings = [path for path in sorted(file.absolute().parent.iterdir()) if rootname_of(path.name) == rootname and path.is_file()]
    x1d = tuple(path for path in siblings if is_x1d(path))
    tags = tuple(path for path in siblings if is_tag(path))
    events = tags or tuple(path for path in siblings if path not in x1d)
    with tempfile.TemporaryDirectory(prefix='hstlc-') as name:
        settings = Settings(home=Path(name))
        paths = Paths(settings)
        opened = open_all(events)
        exposure = describe(opened, canonical_name(str(opened[0].keyword('TARGNAME')), load_aliases(paths)), x1d)
        folder = paths.input_folder(exposure.targname)
        folder.mkdir(parents=True)
        for path in (*events, *x1d):
            (folder / path.name).symlink_to(path)
        if tags:
            spectra = read_x1d(x1d[0], exposure.expstart_mjd).spectra if x1d else ()
            correct_tag(paths.corrtag(exposure.targname, exposure.rootname), open_events(tags[0]), spectra, paths.references)
        yield folder, settings, exposure
