"""An accepted exposure's files to its dynamic spectrum: runs the photons through their regions."""

import itertools
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from hstlc.files.eventlist import EventFile
from hstlc.files.exposures import facts_gti
from hstlc.files.photons import event_blocks
from hstlc.files.stis import LOW_RESOLUTION
from hstlc.model import Cells, DynamicSpectrum, Exposure, Floats, Ints, Quality, SharedCells
from hstlc.science.anomaly import near_anomaly
from hstlc.science.band import windows_of
from hstlc.science.drift import LIMIT_PX, STEP_PX, Positions
from hstlc.science.dynamic_spectrum import Accumulator, Plane, as_stored
from hstlc.science.lookup import CalibratedCells, Grid, Tables, calibrate_cells, prepare, wavelength_cells
from hstlc.science.mama import scaled
from hstlc.science.selection import (
    TICK_S,
    intersect_intervals,
    live_time,
    merge_intervals,
    night_intervals,
    total_length,
    wavelength_limits,
)
from hstlc.science.sharing import shared_cells
from hstlc.science.times import bjd_offsets
from hstlc.settings import Settings
from hstlc.steps.calibration import reference_names
from hstlc.steps.mama import anchored, dead_time
from hstlc.steps.regions import Extraction, NotExtractable, plan_extraction, voltage_levels

log = logging.getLogger(__name__)

DAY_S = 86400.0
WAVE_STEP_AA = 1.0
FULL_BIN = 0.999
ECHELLE_LIMITS = (0.3, 3.0)  # the x1d's background is a model there, ours lies between the orders


def extract(settings: Settings, folder: Path, exposure: Exposure) -> DynamicSpectrum | NotExtractable:
    """Read an exposure's photons once and return their dynamic spectrum, or why there is none.

    Raises
    ------
    UnreadableError
        A file that was readable at ingest is no longer.
    """
    plan = plan_extraction(settings, folder, exposure)
    if isinstance(plan, NotExtractable):
        return plan
    t0 = min(float(file.keyword('EXPSTART')) for file in plan.files)
    gti = _good_time(plan.files, t0)
    if settings.night:
        if plan.files[0].timeline is None:
            return NotExtractable('night alone was asked for, but the file has no TIMELINE that says when the Sun was down')
        gti = intersect_intervals(gti, night_intervals(plan.files[0].timeline))
    if total_length(gti) <= 0:
        return NotExtractable('no good time is left: its intervals, segments or the night have nothing in common')
    everything = tuple(region for group in plan.regions for region in group)
    limits = wavelength_limits(exposure.instrume, exposure.detector, exposure.opt_elem)
    grid = _grid(settings, gti, plan.files[0].is_cos, wavelength_cells(everything, WAVE_STEP_AA, limits))
    tables = prepare(everything, grid, limits)
    if not any((table.cell >= 0).any() for table in tables):
        return NotExtractable('no column of its spectrum is good inside the wavelength limits')
    positions = _positions(plan, exposure, tables, grid)
    source, background = _accumulate(plan, tables, grid, gti, t0, positions)
    plan = replace(plan, warnings=(*plan.warnings, *_drifting(exposure, positions, background)))
    if exposure.instrume == 'STIS':
        factor, busy = dead_time(plan.files, plan.linearity, grid, gti, t0)
        source, background = scaled(source, factor), scaled(background, factor)
        plan = replace(plan, warnings=(*plan.warnings, *busy))
    shared = shared_cells(_by_file(tables, plan), grid.n_wave)
    spectrum = _spectrum(plan, exposure, grid, gti, t0, calibrate_cells(tables, grid), source, background, shared)
    return as_stored(anchored(spectrum) if _needs_anchor(plan, exposure) else spectrum)


def _needs_anchor(plan: Extraction, exposure: Exposure) -> bool:
    """Whether nothing but the x1d knows all of the flat field of a spectrum."""
    return exposure.instrume == 'STIS' and not plan.echelle and plan.files[0].keyword('FLATCAL') in ('OMIT', 'PARTIAL')


def _good_time(files: tuple[EventFile, ...], t0_mjd: float) -> Floats:
    common: Floats | None = None
    for file in files:
        shift = (float(file.keyword('EXPSTART')) - t0_mjd) * DAY_S
        own = merge_intervals(facts_gti(file) + shift)
        common = own if common is None else intersect_intervals(common, own)
    return common if common is not None else np.zeros((0, 2))


def _grid(settings: Settings, gti_s: Floats, cos: bool, cells: tuple[float, int]) -> Grid:
    step = max(1, round(settings.grid_step / TICK_S)) * TICK_S if cos else settings.grid_step
    n_time = max(1, int(np.ceil((gti_s[-1, 1] - gti_s[0, 0]) / step - 1e-9)))
    return Grid(float(gti_s[0, 0]), step, n_time, cells[0], WAVE_STEP_AA, cells[1])


def _by_file(tables: tuple[Tables, ...], plan: Extraction) -> list[tuple[Tables, ...]]:
    rest = iter(tables)
    return [tuple(itertools.islice(rest, len(regions))) for regions in plan.regions]


def _positions(plan: Extraction, exposure: Exposure, tables: tuple[Tables, ...], grid: Grid) -> Positions:
    """Return where positions of the source's events are to be counted: outside of geocoronal lines."""
    lower = grid.wave0_aa + grid.wave_step_aa * np.arange(grid.n_wave, dtype=np.float64)
    kept = np.ones(grid.n_wave, bool)
    for start, stop in windows_of(exposure, 'auto', has_x1d=plan.x1d is not None) if grid.wave0_aa > 0 else ():
        kept &= (lower + grid.wave_step_aa <= start) | (lower >= stop)
    n_events = sum(table.n_rows for file in plan.files for table in file.events)
    return Positions(tables, grid, kept, step_px=STEP_PX[exposure.instrume] * _pixel(exposure, tables), n_events=n_events)


def _pixel(exposure: Exposure, tables: tuple[Tables, ...]) -> float:
    """Return the size of a pixel in those that rows are counted in: STIS low-resolution ones may be two."""
    high = exposure.instrume == 'STIS' and len(tables[0].cell) > LOW_RESOLUTION + 1
    return 2.0 if high else 1.0


def _drifting(exposure: Exposure, positions: Positions, background: Cells) -> tuple[str, ...]:
    found = positions.drift(background)
    if found is None or not found.exceeds(LIMIT_PX[exposure.instrume]):
        return ()
    how_far = f'{found.size_px:.2f} +- {found.error_px:.2f} pixels'
    log.info('%s: the source drifts across the dispersion by %s', exposure.rootname, how_far)
    return ('W_DRIFT',)


def _accumulate(
    plan: Extraction, tables: tuple[Tables, ...], grid: Grid, gti_s: Floats, t0_mjd: float, positions: Positions
) -> tuple[Cells, Cells]:
    source, background = Plane(), Plane()
    for file, own in zip(plan.files, _by_file(tables, plan), strict=True):
        accumulator = Accumulator(
            own,
            grid,
            gti_s,
            stamp_offset_s=TICK_S / 2 if file.is_cos else 0.0,
            planes=(source, background),
            positions=positions,
        )
        for events in event_blocks(file, t0_mjd, by_event=plan.by_event):
            accumulator.add(events)
    return source.cells(grid.n_wave), background.cells(grid.n_wave)


def _spectrum(
    plan: Extraction,
    exposure: Exposure,
    grid: Grid,
    gti_s: Floats,
    t0_mjd: float,
    cells: CalibratedCells,
    source: Cells,
    background: Cells,
    shared: SharedCells,
) -> DynamicSpectrum:
    live = live_time(gti_s, grid.edges_s())
    centres: Floats = grid.start_s + grid.step_s * (np.arange(grid.n_time, dtype=np.float64) + 0.5)
    timeline = plan.files[0].timeline
    position = (None, None) if exposure.moving_target else (exposure.ra_targ_deg, exposure.dec_targ_deg)
    offsets, hstpos = bjd_offsets(centres, t0_mjd, *position, timeline)
    sun_alt = np.full(grid.n_time, np.nan) if timeline is None else np.interp(centres, timeline.time_s, timeline.sun_alt_deg)
    good = np.flatnonzero(cells.good_width_aa > 0)
    spectrum = DynamicSpectrum(
        exposure=exposure,
        t0_mjd=t0_mjd,
        start_s=grid.start_s,
        step_s=grid.step_s,
        live_s=live,
        bjd_offset_s=offsets,
        sun_alt_deg=sun_alt,
        quality=_time_quality(plan.files, grid, live, sun_alt),
        wave0_aa=grid.wave0_aa,
        wave_step_aa=grid.wave_step_aa,
        good_width_aa=cells.good_width_aa,
        x1d_background=cells.background,
        x1d_background_flux=cells.background_flux,
        source=source,
        background=background,
        shared=shared,
        gti_s=gti_s,
        flux_source=plan.flux_source,
        hstpos=hstpos,
        time_error_s=TICK_S if plan.files[0].is_cos else 1.25e-4,
        wmin_aa=float(grid.wave0_aa + good[0]) if len(good) else None,
        wmax_aa=float(grid.wave0_aa + good[-1] + 1) if len(good) else None,
        reference_files=reference_names(plan.files[0], plan.references),
        x1d_file=plan.x1d.path.name if plan.x1d else None,
        high_voltage=voltage_levels(plan.files),
        warnings=plan.warnings,
    )
    return _with_net(_with_echelle_background(spectrum, cells) if plan.echelle else spectrum, cells)


def _with_echelle_background(spectrum: DynamicSpectrum, cells: CalibratedCells) -> DynamicSpectrum:
    """Take as background what the x1d's net leaves of the source regions."""
    live = float(spectrum.live_s.sum())
    n = spectrum.n_wave
    gross = np.bincount(spectrum.source.wave, spectrum.source.w, n) / live
    flux = np.bincount(spectrum.source.wave, spectrum.source.f, n) / live
    return replace(
        spectrum, x1d_background=gross - cells.net, x1d_background_flux=flux - cells.net_flux, background_limits=ECHELLE_LIMITS
    )


def _with_net(spectrum: DynamicSpectrum, cells: CalibratedCells) -> DynamicSpectrum:
    """Record how the net rate, with the background scaled by area, compares with the x1d's own over all good cells."""
    live, expected = float(spectrum.live_s.sum()), float(cells.net.sum())
    if not np.isfinite(expected) or expected == 0 or live <= 0:
        return spectrum
    measured = (float(spectrum.source.w.sum()) - float(spectrum.background.w.sum())) / live
    return replace(spectrum, x1d_ratio=measured / expected)


def _time_quality(files: tuple[EventFile, ...], grid: Grid, live: Floats, sun_alt: Floats) -> Ints:
    quality = np.zeros(grid.n_time, np.int64)
    quality[live < FULL_BIN * grid.step_s] |= int(Quality.PARTIAL)
    quality[np.nan_to_num(sun_alt, nan=-1.0) > 0] |= int(Quality.DAY)
    timeline = files[0].timeline
    if timeline is not None:
        near = near_anomaly(timeline.longitude_deg, timeline.latitude_deg)
        second = np.searchsorted(timeline.time_s, grid.edges_s()[:-1] + grid.step_s / 2).clip(0, len(near) - 1)
        quality[near[second]] |= int(Quality.SAA)
    edges = grid.edges_s()
    for start, stop in lamp_flashes(files[0]):
        quality[(edges[1:] > start) & (edges[:-1] < stop)] |= int(Quality.LAMP)
    if _lacks_segment(files):
        quality |= int(Quality.SEGMISS)
    return quality


def _lacks_segment(files: tuple[EventFile, ...]) -> bool:
    """Whether one of two COS FUV segments was exposed but is not here."""
    if files[0].keyword('DETECTOR') != 'FUV' or len(files) > 1:
        return False
    other = 'B' if str(files[0].keyword('SEGMENT', 'FUVA')).endswith('A') else 'A'
    return float(files[0].keyword(f'EXPTIME{other}', 0.0) or 0.0) > 0


def lamp_flashes(file: EventFile) -> list[tuple[float, float]]:
    """Return when the wavelength calibration lamp was on, seconds since EXPSTART."""
    count = int(float(file.keyword('NUMFLASH', 0) or 0))
    pairs = [(file.keyword(f'LMP_ON{k}'), file.keyword(f'LMPOFF{k}')) for k in range(1, count + 1)]
    return [(float(start), float(stop)) for start, stop in pairs if start is not None and stop is not None]
