"""What reference files and the events themselves add to an exposure: corrections of a MAMA detector, and a second sensitivity."""

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from hstlc.files.eventlist import EventFile
from hstlc.files.reference import (
    Library,
    bad_pixels,
    detector_temperature,
    flat_image,
    flux_table,
    linearity,
    read_throughput,
    time_dependence,
)
from hstlc.files.referencefolders import reference_folders
from hstlc.files.stis import HIGH_RESOLUTION, LOW_RESOLUTION, count_images, is_echelle, is_subarray, write_corrtag
from hstlc.files.x1d import X1d
from hstlc.model import (
    Bools,
    Exposure,
    ExtractedSpectrum,
    Floats,
    FluxSource,
    Linearity,
    PixelCorrections,
    Region,
    Shift,
    TagCorrections,
)
from hstlc.science.detector import TRACE_HEIGHT, brightest
from hstlc.science.mama import HOT, LOW, flat_field, hot_pixels, near_traces, rejected_part
from hstlc.science.reference import calibrated, cos_sensitivity, stis_sensitivity
from hstlc.science.registration import register
from hstlc.steps.lacking import NO_REFERENCE

KEYWORDS = (
    'FLUXTAB', 'TDSTAB', 'PHOTTAB', 'XTRACTAB', 'TWOZXTAB', 'DISPTAB', 'FLATFILE', 'PFLTFILE', 'DFLTFILE', 'LFLTFILE', 'BPIXTAB',
    'APERTAB', 'PCTAB', 'GACTAB', 'MLINTAB',
)  # fmt: skip
FLATS = ('PFLTFILE', 'DFLTFILE', 'LFLTFILE')
NO_TIME = 'W_NOTDS'
LARGE_SHIFT = 2  # high-resolution pixels


def library(file: EventFile, references: Path) -> Library:
    """Return the reference files of an exposure, looked for on this machine.

    Parameters
    ----------
    file : EventFile
        Its header names the files.
    references : Path
        The home's folder of reference files.
    """
    instrume = str(file.keyword('INSTRUME', '')).upper()
    return Library(file, reference_folders(instrume, references, os.environ))


def correct_tag(path: Path, tag: EventFile, spectra: tuple[ExtractedSpectrum, ...], references: Path) -> TagCorrections:
    """Write the corrtag of a STIS tag with all the corrections that are to be had, and return them.

    Parameters
    ----------
    path : Path
        The corrtag.
    tag : EventFile
        The raw event list.
    spectra : tuple of ExtractedSpectrum
        Rows of its x1d; empty where there is none.
    references : Path
        The home's folder of reference files.
    """
    corrections = TagCorrections() if is_subarray(tag) else _corrections(tag, spectra, library(tag, references))
    write_corrtag(path, tag, spectra, corrections)
    return corrections


def _corrections(tag: EventFile, spectra: tuple[ExtractedSpectrum, ...], books: Library) -> TagCorrections:
    hot, shift = _from_events(tag, spectra)
    flags = books.read('BPIXTAB', lambda hdus: bad_pixels(hdus, str(tag.keyword('OPT_ELEM', ''))))
    if hot.any():
        flags = (np.zeros(hot.shape, np.int64) if flags is None else flags) | np.where(hot, HOT, 0)
    flat = flat_field(*(books.read(name, partial(flat_image, least=2 if name == 'LFLTFILE' else LOW)) for name in FLATS))
    pixels = PixelCorrections(flat=flat, flags=flags)
    return TagCorrections(
        pixels=pixels,
        rejected=rejected_part(pixels),
        flats_lacking=any(name is not None and name not in books.used for name in map(books.named, FLATS)),
        n_hot=int(hot.sum()),
        shift=shift,
        used=tuple(dict.fromkeys(books.used)),
        missing=books.lacking(),
    )


def _from_events(tag: EventFile, spectra: tuple[ExtractedSpectrum, ...]) -> tuple[Bools, Shift]:
    """Return the hot pixels that the events themselves show, and their shift against the x1d; none of an image.

    Without an x1d a first-order spectrum lies on the brightest row, an echelle's nowhere.
    """
    size, pair = LOW_RESOLUTION, HIGH_RESOLUTION // LOW_RESOLUTION
    traces = tuple(s.centre for s in spectra if s.centre is not None and len(s.centre) == size and np.any(s.centre))
    if tag.is_imaging or (not traces and (spectra or is_echelle(tag))):
        return np.zeros((size, size), bool), Shift()
    placed, detected = count_images(tag)
    counts = detected.reshape(size, pair, size, pair).sum(axis=(1, 3))
    if not traces:
        row = 1 + brightest(counts.sum(axis=1).astype(np.float64), int(TRACE_HEIGHT))
        return hot_pixels(counts, near_traces((np.full(size, row),))), Shift()
    return hot_pixels(counts, near_traces(traces)), register(placed, spectra)


def remarks(file: EventFile, books: Library) -> tuple[str, ...]:
    """Return the warnings of a shift that is large and of reference files that were not to be had, now or for the corrtag."""
    large = any(abs(int(file.keyword(name, 0))) > LARGE_SHIFT for name in ('REGX', 'REGY'))
    lacking = dict.fromkeys((*str(file.keyword('REFLACK', '')).split(), *books.lacking()))
    return (*(('W_REG',) if large else ()), *((f'{NO_REFERENCE}:{",".join(lacking)}',) if lacking else ()))


def used(file: EventFile, books: Library) -> tuple[str, ...]:
    """Return the reference files that were read, now or for the corrtag."""
    return tuple(dict.fromkeys((*str(file.keyword('REFFILES', '')).split(), *books.used)))


def read_linearity(books: Library) -> Linearity | None:
    """Return the dead time of a MAMA detector, where its table is to be had."""
    return books.read('MLINTAB', lambda hdus: linearity(hdus, str(books.exposure.keyword('DETECTOR', ''))))


@dataclass(frozen=True)
class Calibrated:
    """Regions with the best sensitivity there is, and what is to be said of it."""

    regions: tuple[tuple[Region, ...], ...]  # per file
    flux_source: FluxSource  # where the sensitivity comes from
    warnings: tuple[str, ...]  # W_ codes


def calibrate(
    books: Library, regions: tuple[tuple[Region, ...], ...], x1d: X1d | None, exposure: Exposure, min_rel_sens: float
) -> Calibrated:
    """Return regions with a sensitivity from reference files where the x1d gave none.

    A region for which the files say nothing is not used, unless they say nothing at all: then there are counts and no flux.

    Parameters
    ----------
    books : Library
        Of the exposure.
    regions : tuple of tuples of Region
        Per file.
    x1d : X1d or None
        Of the exposure.
    exposure : Exposure
        The exposure.
    min_rel_sens : float
        Columns below this part of the largest sensitivity are not used.
    """
    if any(region.sensitivity is not None for group in regions for region in group):
        return Calibrated(regions, FluxSource.X1D, ())
    if exposure.obstype == 'IMAGING':
        return Calibrated(regions, FluxSource.NONE, ())
    find = _cos if exposure.instrume == 'COS' else _stis
    found = {region.name: find(books, region, x1d, exposure) for group in regions for region in group}
    if all(sensitivity is None for sensitivity in found.values()):
        return Calibrated(regions, FluxSource.NONE, ())
    timed = books.named('TDSTAB') in books.used
    return Calibrated(
        tuple(tuple(_with(region, found[region.name], min_rel_sens) for region in group) for group in regions),
        FluxSource.REFFILE,
        () if timed else (NO_TIME,),
    )


def _with(region: Region, sensitivity: Floats | None, min_rel_sens: float) -> Region:
    if sensitivity is None:
        return replace(region, good=np.zeros(len(region.good), bool))
    return calibrated(region, sensitivity, min_rel_sens)


def _cos(books: Library, region: Region, x1d: X1d | None, exposure: Exposure) -> Floats | None:
    wanted: dict[str, str | int] = {
        'SEGMENT': region.name,
        'OPT_ELEM': exposure.opt_elem,
        'CENWAVE': exposure.cenwave,
        'APERTURE': exposure.aperture,
        'FPOFFSET': int(float(books.exposure.keyword('FPOFFSET', 0))),
    }
    table = books.read('FLUXTAB', lambda hdus: flux_table(hdus, wanted))
    if table is None:
        return None
    change = books.read('TDSTAB', lambda hdus: time_dependence(hdus, wanted))
    helio = str(books.exposure.keyword('HELCORR', 'OMIT')).upper() != 'OMIT'  # the corrtag says PERFORM, and it has been done
    velocity = float(books.exposure.keyword('V_HELIO', 0.0)) if helio else 0.0
    middle = (exposure.expstart_mjd + exposure.expend_mjd) / 2
    return cos_sensitivity(region.wavelength_aa, velocity, table, change, middle)


def _stis(books: Library, region: Region, x1d: X1d | None, exposure: Exposure) -> Floats | None:
    spectrum = next((item for item in x1d.spectra if item.name == region.name), None) if x1d else None
    if x1d is None or spectrum is None:
        return None  # the header's wavelengths are too uncertain for a calibration
    factors = read_throughput(books, int(spectrum.name), spectrum.height or 0.0)
    if factors is None:
        return None
    return stis_sensitivity(
        spectrum,
        factors,
        x1d.spectra,
        velocity_km_s=float(x1d.header.get('V_HELIO', 0.0)) if x1d.heliocentric else 0.0,
        start_mjd=exposure.expstart_mjd,
        stop_mjd=exposure.expend_mjd,
        temperature_c=detector_temperature(books.exposure),
    )


def reference_names(file: EventFile, read: tuple[str, ...]) -> str:
    """Return `KEYWORD=value` for the reference files that a header names, and `READ=` with those that hstlc has read."""
    named = [f'{name}={value}' for name in KEYWORDS if (value := file.keyword(name)) not in (None, 'N/A')]
    return ' '.join([*named, *([f'READ={",".join(read)}'] if read else [])])
