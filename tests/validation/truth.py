"""Known fluxes injected into simulated exposures of every kind, and what comes back.

    python -m tests.validation.truth [--n 200] [--processes 2] [--only KIND ...] [--output FILE.json]

Each realisation is written to disk with its own seed, extracted as the pipeline does it, and summed to a light curve whose
exposure has gaps, partial bins and (where the instrument has them) Doppler steps. The injected spectra are flat, so that the
truth is the same number whatever columns are left out, but for two that fall or rise tenfold or more across the band: there the
truth is their mean over the good part of the band.
"""

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstlc.files.eventlist import open_events
from hstlc.files.exposurenames import is_tag
from hstlc.files.exposures import describe, open_all
from hstlc.files.stis import write_corrtag
from hstlc.files.x1d import read_x1d
from hstlc.model import DynamicSpectrum, GroupKey, LightCurve, TagCorrections
from hstlc.paths import Paths
from hstlc.science.band import Band, choose_band, default_windows
from hstlc.science.lightcurve import light_curve
from hstlc.settings import Settings
from hstlc.simulate import cos, stis
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.extraction import extract

MIN_EXPECTED = 50.0  # counts in a bin from which pulls are judged; by the truth, not by what was seen


@dataclass(frozen=True)
class Case:
    """A kind of exposure: how it is written, how bright it is, and which wavelengths are summed."""

    write: object
    options: dict[str, object]
    flux: float  # erg/s/cm2/Angstrom, at all wavelengths, or at 1500 Angstrom
    band_aa: tuple[float, float]
    exptime_s: float = 41.3
    gaps_s: tuple[tuple[float, float], ...] = ((9.6, 12.8), (25.024, 26.976))
    index: float = 0.0  # of a power law


@dataclass(frozen=True)
class Realisation:
    """One light curve: its mean flux and the sums that are compared with the truth."""

    truth: float  # erg/s/cm2/Angstrom, 0 without a source
    flux: float  # time-weighted mean
    flux_err: float
    pulls: tuple[float, ...]  # of bins whose expected counts are large enough
    chi2: float  # about its own mean, with the variance that the mean predicts
    dof: int
    live_s: float
    expected_s: float  # good time that was simulated


CASES = {
    'COS FUV G130M': Case(cos.write_fuv, {}, 1.2e-14, (1135.0, 1425.0)),
    'COS FUV G160M': Case(cos.write_fuv, {'opt_elem': 'G160M', 'cenwave': 1600}, 1.2e-14, (1430.0, 1750.0)),
    'COS FUV G140L': Case(cos.write_fuv, {'opt_elem': 'G140L', 'cenwave': 1105, 'segments': ('FUVA',)}, 1.2e-14, (1130.0, 1900.0)),
    'COS NUV G185M': Case(cos.write_nuv, {'opt_elem': 'G185M', 'cenwave': 1921}, 2.5e-14, (1804.0, 2037.0)),
    'COS NUV G230L': Case(cos.write_nuv, {}, 5e-15, (1650.0, 3200.0)),
    'STIS FUV-MAMA G140L': Case(stis.write_first_order, {}, 6e-15, (1150.0, 1700.0)),
    'STIS FUV-MAMA G140M': Case(stis.write_first_order, {'opt_elem': 'G140M', 'cenwave': 1222}, 1.2e-13, (1225.0, 1248.0)),
    'STIS NUV-MAMA G230L': Case(stis.write_first_order, {'opt_elem': 'G230L', 'cenwave': 2376}, 1.5e-15, (1700.0, 3100.0)),
    'STIS NUV-MAMA E230M': Case(stis.write_echelle, {'dark': 60.0}, 4e-14, (1700.0, 2300.0)),
    'COS NUV G185M, one stripe': Case(cos.write_nuv, {'opt_elem': 'G185M', 'cenwave': 1921}, 5e-14, (1805.0, 1835.0)),
    'STIS NUV-MAMA E230M, one order': Case(stis.write_echelle, {'dark': 60.0}, 4e-13, (1955.0, 1965.0)),
    'COS FUV G160M, steep': Case(cos.write_fuv, {'opt_elem': 'G160M', 'cenwave': 1600}, 1.2e-14, (1430.0, 1750.0), index=-12.0),
    'STIS NUV-MAMA G230L, steep':
        Case(stis.write_first_order, {'opt_elem': 'G230L', 'cenwave': 2376}, 1.2e-17, (1700.0, 3100.0), index=8.0),
}  # fmt: skip


def realise(name: str, seed: int, *, dark_only: bool = False) -> Realisation:
    """Simulate, extract and compare one exposure."""
    case = CASES[name]
    source = Spectrum(0.0 if dark_only else case.flux, case.index)
    with tempfile.TemporaryDirectory() as place:
        return _compare(*_light_curve(Path(place), case, source, seed))


def _light_curve(folder: Path, case: Case, injected: Spectrum, seed: int) -> tuple[LightCurve, float, float]:
    """Return the light curve, its true mean flux and its true good time."""
    rootname = ('l' if case.write in (cos.write_fuv, cos.write_nuv) else 'o') + 'valid01q'
    source = Source('TRUTH', spectrum=injected)
    truth = case.write(folder, rootname, source, exptime_s=case.exptime_s, seed=seed, gaps_s=case.gaps_s, **case.options)
    settings, x1d = Settings(home=folder), folder / f'{rootname}_x1d.fits'
    events = tuple(folder / name for name in truth.files if not name.endswith('_x1d.fits'))
    exposure = describe(open_all(events), source.name, (x1d,))
    if is_tag(events[0]):
        corrtag = Paths(settings).corrtag(exposure.targname, exposure.rootname)
        write_corrtag(corrtag, open_events(events[0]), read_x1d(x1d).spectra, TagCorrections())
    spectrum = extract(settings, folder, exposure)
    band = choose_band(spectrum, default_windows(spectrum, 'auto'), *case.band_aa)
    curve = light_curve(spectrum, band, GroupKey.of(exposure), step_s=2.0, min_fracexp=0.0)
    mean = injected.continuum if case.index == 0 else _mean_over_cells(injected, fits.getdata(x1d, 1), spectrum, band)
    return curve, mean, truth.exptime_s


def _mean_over_cells(injected: Spectrum, rows: fits.FITS_rec, found: DynamicSpectrum, band: Band) -> float:
    """Return the mean of a spectrum over a band: of each cell that over its good columns, times its good width."""
    total, width = np.zeros(found.n_wave), np.zeros(found.n_wave)
    for row in rows:
        wave, step = np.array(row['WAVELENGTH'], float), np.gradient(row['WAVELENGTH'])
        cell = np.floor(wave - found.wave0_aa).astype(int)
        good = row['DQ_WGT'] > 0 if 'DQ_WGT' in rows.names else (row['DQ'] & (2 | 128 | 256)) == 0
        good &= (cell >= 0) & (cell < found.n_wave)
        total += np.bincount(cell[good], (injected.column_flux_density(wave) * step)[good], found.n_wave)
        width += np.bincount(cell[good], step[good], found.n_wave)
    return float(np.average((total / np.where(width > 0, width, 1))[band.cells], weights=found.good_width_aa[band.cells]))


def _compare(curve: LightCurve, truth: float, expected_s: float) -> Realisation:
    live = curve.exptime_s
    mean, error = (curve.flux * live).sum() / live.sum(), np.sqrt(((curve.flux_err * live) ** 2).sum()) / live.sum()
    counts_per_s = (curve.counts.sum() / live.sum()) * (truth / mean if truth > 0 else 0.0)
    bright = counts_per_s * live > MIN_EXPECTED
    pulls = (curve.flux[bright] - truth) / curve.flux_err[bright]
    variance = ((curve.flux_err * live) ** 2).sum() / live.sum() / live  # what the mean rate predicts for each bin
    chi2 = float((((curve.flux - mean) ** 2) / variance).sum())
    return Realisation(
        truth, float(mean), float(error), tuple(map(float, pulls)), chi2, len(live) - 1, float(live.sum()), expected_s
    )  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What many realisations of a kind say."""

    name: str
    n: int
    ratio: float  # mean flux / truth
    ratio_err: float
    pull_mean: float
    pull_std: float
    n_pulls: int
    chi2_per_dof: float
    chi2_err: float
    dark_flux: float  # mean flux of exposures without a source / the truth of the others
    dark_err: float
    dark_pull_std: float


def judge(name: str, bright: list[Realisation], dark: list[Realisation]) -> Verdict:
    """Summarise realisations with and without a source."""
    truth = bright[0].truth
    ratios = np.array([item.flux / item.truth for item in bright])
    pulls = np.concatenate([item.pulls for item in bright])
    reduced = sum(item.chi2 for item in bright) / sum(item.dof for item in bright)
    nothing = np.array([item.flux for item in dark]) / truth
    noise = np.array([item.flux / item.flux_err for item in dark])
    return Verdict(
        name, len(bright), float(ratios.mean()), float(ratios.std(ddof=1) / np.sqrt(len(ratios))), float(pulls.mean()),
        float(pulls.std()), len(pulls), float(reduced), float(np.sqrt(2 / sum(item.dof for item in bright))),
        float(nothing.mean()), float(nothing.std(ddof=1) / np.sqrt(len(nothing))), float(noise.std()),
    )  # fmt: skip


def _one(job: tuple[str, int, bool]) -> Realisation:
    return realise(job[0], job[1], dark_only=job[2])


def run(n: int, processes: int, names: list[str]) -> list[Verdict]:
    """Return the verdicts on some kinds."""
    verdicts = []
    with ProcessPoolExecutor(processes) as pool:
        for name in names:
            bright = list(pool.map(_one, [(name, seed, False) for seed in range(n)], chunksize=4))
            dark = list(pool.map(_one, [(name, seed, True) for seed in range(n)], chunksize=4))
            verdicts.append(judge(name, bright, dark))
            print(verdicts[-1], flush=True)
    return verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--n', type=int, default=200)
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--only', nargs='*', default=list(CASES), choices=list(CASES), help='kinds of exposure')
    parser.add_argument('--output', type=Path, help='the verdicts as JSON')
    arguments = parser.parse_args()
    verdicts = run(arguments.n, arguments.processes, arguments.only)
    if arguments.output:
        arguments.output.write_text(json.dumps([asdict(item) for item in verdicts], indent=1) + '\n')


if __name__ == '__main__':
    main()
