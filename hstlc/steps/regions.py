"""Where an exposure's photons are taken from: its event files, regions and calibration, before any photon is read."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hstlc.errors import UnreadableError
from hstlc.files.eventlist import EventFile, open_events
from hstlc.files.exposurenames import X1D_SUFFIX, is_tag
from hstlc.files.photons import COLUMNS_FUV, COLUMNS_NUV, ROWS, boxes, first_x, profiles, spectrum_from_events
from hstlc.files.stis import LOW_RESOLUTION, is_echelle, is_subarray, linear_wavelength, rejected_pixels
from hstlc.files.x1d import X1d, read_x1d
from hstlc.model import Exposure, FluxSource, Linearity, Region
from hstlc.paths import Paths
from hstlc.science.checks import voltage_off
from hstlc.science.detector import cos_regions, image_region, stis_regions, trace_region
from hstlc.science.mama import without_pixels
from hstlc.settings import Settings
from hstlc.steps.calibration import calibrate, library, read_linearity, remarks, used

MOST_LEVELS = 256  # of the high voltage, COS FUV


@dataclass(frozen=True)
class NotExtractable:
    """Why a good exposure has no light curve."""

    why: str


@dataclass(frozen=True)
class Extraction:
    """Event files with the regions that belong to each, and what is known of the exposure."""

    files: tuple[EventFile, ...]
    regions: tuple[tuple[Region, ...], ...]  # per file
    x1d: X1d | None
    by_event: bool  # without x1d the columns' flags act on events
    echelle: bool
    warnings: tuple[str, ...]
    flux_source: FluxSource = FluxSource.NONE
    linearity: Linearity | None = None  # of a MAMA detector
    references: tuple[str, ...] = ()  # reference files that were read


def plan_extraction(settings: Settings, folder: Path, exposure: Exposure) -> Extraction | NotExtractable:
    """Return which files, regions and calibration an exposure is extracted with, or why it cannot be.

    Raises
    ------
    UnreadableError
        A file that was readable at ingest is no longer.
    """
    plan = _prepare(settings, folder, exposure)
    return plan if isinstance(plan, NotExtractable) else _calibrated(settings, plan, exposure)


def _calibrated(settings: Settings, plan: Extraction, exposure: Exposure) -> Extraction:
    """Return a plan with what reference files add: a sensitivity where the x1d has none, bad pixels and dead time of a MAMA."""
    first = plan.files[0]
    books = library(first, Paths(settings).references)
    found = calibrate(books, plan.regions, plan.x1d, exposure, settings.min_rel_sens)
    regions, linearity = found.regions, None
    if exposure.instrume == 'STIS':
        linearity = read_linearity(books)
        rejected = rejected_pixels(first.path) if exposure.obstype != 'IMAGING' else None
        if rejected is not None:
            regions = tuple(tuple(without_pixels(region, rejected) for region in group) for group in regions)
    return replace(
        plan,
        regions=regions,
        flux_source=found.flux_source,
        linearity=linearity,
        references=used(first, books),
        warnings=(*plan.warnings, *found.warnings, *remarks(first, books)),
    )


def _prepare(settings: Settings, folder: Path, exposure: Exposure) -> Extraction | NotExtractable:
    names = [item.name for item in exposure.files]
    paths = [folder / name for name in names if not name.lower().endswith(X1D_SUFFIX)]
    x1d, warnings = _own_x1d(folder, names, exposure)
    if exposure.instrume == 'COS':
        files = tuple(open_events(path) for path in paths)
        return _prepare_cos(files, x1d, exposure, settings.min_rel_sens, warnings)
    raw = open_events(paths[0])
    derived = Paths(settings).corrtag(exposure.targname, exposure.rootname)
    files = (open_events(derived) if is_tag(paths[0]) else raw,)
    return _prepare_stis(files, raw, x1d, exposure, settings.min_rel_sens, warnings)


def _own_x1d(folder: Path, names: list[str], exposure: Exposure) -> tuple[X1d | None, tuple[str, ...]]:
    name = next((item for item in names if item.lower().endswith(X1D_SUFFIX)), None)
    if name is None:
        return None, ()
    try:
        x1d = read_x1d(folder / name, exposure.expstart_mjd)
    except UnreadableError:
        return None, ('W_X1D',)
    if x1d.rootname not in ('', exposure.rootname):
        return None, ('W_X1D',)
    mixed = exposure.instrume == 'COS' and None not in (x1d.cal_ver, exposure.cal_ver) and x1d.cal_ver != exposure.cal_ver
    return x1d, ('W_CALMIX',) if mixed else ()


def _prepare_cos(
    files: tuple[EventFile, ...], x1d: X1d | None, exposure: Exposure, min_rel_sens: float, warnings: tuple[str, ...]
) -> Extraction | NotExtractable:
    if any(_voltage_off(file) for file in files):
        warnings = (*warnings, 'W_HV')
    if exposure.obstype == 'IMAGING':
        return _prepare_image(files, COLUMNS_NUV if exposure.detector == 'NUV' else COLUMNS_FUV, warnings)
    groups = []
    for file in files:
        own = boxes(file)
        spectra = x1d.spectra if x1d else tuple(found for box in own if (found := spectrum_from_events(file, box)) is not None)
        groups.append(cos_regions(spectra, own, first_x(file), min_rel_sens))
    if not any(groups):
        few = x1d is None and any(boxes(file) for file in files)
        return NotExtractable(
            'it has no x1d, and too few of its events carry a wavelength'
            if few
            else 'neither its headers nor its x1d say where the spectrum lies on the detector'
        )
    if x1d is None:
        warnings = (*warnings, 'W_NOX1D')
    return Extraction(files, tuple(groups), x1d, x1d is None, False, warnings)


def _voltage_off(file: EventFile) -> bool:
    """Whether the voltage of an exposed segment is not the usual; that of one switched off is low, and means nothing."""
    letter = _exposed_segment(file)
    if letter is None:
        return False
    measured, nominal = file.keyword(f'DETHVL{letter}'), file.keyword(f'DETHVN{letter}')
    known = all(isinstance(value, int | float) for value in (measured, nominal))
    return known and voltage_off(float(measured), float(nominal))


def _exposed_segment(file: EventFile) -> str | None:
    """Return A or B, the segment of a COS FUV file; None where it was switched off."""
    letter = str(file.keyword('SEGMENT', '')).upper().removeprefix('FUV')
    return letter if letter in ('A', 'B') and file.keyword(f'EXPTIME{letter}') else None


def voltage_levels(files: tuple[EventFile, ...]) -> tuple[int | None, int | None]:
    """Return the commanded levels of the high voltage (HVLEVELA, HVLEVELB) of exposed COS FUV segments, None where not known."""
    levels = {letter: file.keyword(f'HVLEVEL{letter}') for file in files if (letter := _exposed_segment(file)) is not None}
    known = {letter: int(level) for letter, level in levels.items() if isinstance(level, int | float) and 0 < level < MOST_LEVELS}
    return known.get('A'), known.get('B')


def _prepare_image(files: tuple[EventFile, ...], n_columns: int, warnings: tuple[str, ...]) -> Extraction:
    groups = []
    for file in files:
        columns, rows = profiles(file, float(file.keyword('EXPSTART')), n_columns, ROWS + 1)
        groups.append((image_region(rows, columns, first_x(file)),))
    return Extraction(files, tuple(groups), None, True, False, warnings)


def _prepare_stis(
    files: tuple[EventFile, ...],
    raw: EventFile,
    x1d: X1d | None,
    exposure: Exposure,
    min_rel_sens: float,
    warnings: tuple[str, ...],
) -> Extraction | NotExtractable:
    if is_subarray(raw):
        return NotExtractable('only a part of the detector was read (a subarray), which hstlc does not extract yet')
    if exposure.obstype == 'IMAGING':
        return _prepare_image(files, LOW_RESOLUTION + 1, warnings)
    echelle = is_echelle(raw)
    if x1d is not None:
        n_rows = len(x1d.spectra[0].wavelength_aa)
        regions = stis_regions(x1d.spectra, min_rel_sens, n_rows)
        if regions:
            return Extraction(files, (regions,), x1d, False, echelle, warnings)
        warnings = (*warnings, 'W_X1D')
    if echelle:
        return NotExtractable('an echelle spectrum without its x1d: nothing says where its orders lie')
    _, rows = profiles(files[0], float(raw.keyword('EXPSTART')), LOW_RESOLUTION + 1, LOW_RESOLUTION + 1)
    wavelength = linear_wavelength(raw, np.arange(1, LOW_RESOLUTION + 1, dtype=np.float64))
    region = trace_region(rows, wavelength, 1)
    return Extraction(files, ((region,),), None, True, False, (*warnings, 'W_NOX1D'))
