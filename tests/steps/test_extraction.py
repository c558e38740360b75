"""Real and simulated exposures through the extraction, against the archive's own numbers and the injected truth."""

import shutil

import numpy as np
import pytest
from astropy.io import fits

from hstlc.files import records
from hstlc.files.dynspec import read_dynamic_spectrum, write_dynamic_spectrum
from hstlc.files.exposures import describe, open_all
from hstlc.model import FluxSource, GroupKey, Outcome, Record
from hstlc.names import curve_stem
from hstlc.paths import Paths
from hstlc.science.band import choose_band, default_windows
from hstlc.science.dynamic_spectrum import Accumulator, Plane
from hstlc.science.lightcurve import light_curve
from hstlc.science.lookup import Grid, prepare
from hstlc.settings import Settings
from hstlc.simulate import cos, faults, stis
from hstlc.simulate.source import Constant, Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.extraction import extract
from hstlc.steps.ingest import ingest_exposure
from hstlc.steps.lightcurves import derive_corrtag, make_composite, make_lightcurve
from hstlc.steps.regions import plan_extraction, voltage_levels
from hstlc.steps.waiting import waiting


@pytest.fixture
def gj436(shared_data, tmp_path):
    folder = shared_data / 'cos'
    exposure = describe(open_all((folder / 'ld9m10ujq_corrtag_a.fits',)), 'GJ436', (folder / 'ld9m10ujq_x1d.fits',))
    settings = Settings(home=tmp_path)
    return settings, exposure, extract(settings, folder, exposure), fits.getdata(folder / 'ld9m10ujq_x1d.fits', 1)[0]


def test_selected_events_are_the_x1ds_gross_counts(gj436):
    """6522 in all, 6387 of them in columns that the x1d uses; the original kept events that the pipeline rejects."""
    _, _, spectrum, row = gj436
    gcounts = np.rint(row['GCOUNTS']).astype(int)  # calcos multiplies a rate by a time: 1e-6 off whole numbers
    assert np.abs(gcounts - row['GCOUNTS']).max() < 1e-5
    assert gcounts.sum() == 6522
    assert spectrum.source.n.sum() == gcounts[row['DQ_WGT'] > 0].sum() == 6387
    cell = np.floor(row['WAVELENGTH'] - spectrum.wave0_aa).astype(int)
    used = (row['DQ_WGT'] > 0) & (cell >= 0) & (cell < spectrum.n_wave)
    expected = np.bincount(cell[used], gcounts[used], spectrum.n_wave)
    assert np.array_equal(np.bincount(spectrum.source.wave, spectrum.source.n, spectrum.n_wave), expected)


def test_every_column_has_the_x1ds_gross_counts(shared_data):
    """Cells of one column each: the selection agrees with calcos in all 16384 columns."""
    from dataclasses import replace

    from hstlc.files.eventlist import open_events
    from hstlc.files.photons import boxes, event_blocks, first_x
    from hstlc.files.x1d import read_x1d
    from hstlc.science.detector import cos_regions

    file = open_events(shared_data / 'cos/ld9m10ujq_corrtag_a.fits')
    x1d = read_x1d(shared_data / 'cos/ld9m10ujq_x1d.fits')
    region = cos_regions(x1d.spectra, boxes(file), first_x(file), 0.05)[0]
    n = len(region.good)
    numbered = replace(region, good=np.ones(n, bool), wavelength_aa=np.arange(n) + 1000.5, sensitivity=np.ones(n))
    grid = Grid(0.0, 2000.0, 1, 1000.0, 1.0, n)
    planes = (Plane(), Plane())
    tables = prepare((numbered,), grid, (0.0, 1e9))
    accumulator = Accumulator(tables, grid, file.gti_s, stamp_offset_s=0.016, planes=planes)
    for events in event_blocks(file, float(file.keyword('EXPSTART'))):
        accumulator.add(events)
    source = planes[0].cells(n)
    gcounts = np.rint(fits.getdata(x1d.path, 1)['GCOUNTS'][0])
    assert np.array_equal(np.bincount(source.wave, source.n, n), gcounts)


def test_mean_rate_and_flux_are_the_x1ds(gj436):
    _, exposure, spectrum, row = gj436
    band = choose_band(spectrum, default_windows(spectrum, 'auto'))
    curve = light_curve(spectrum, band, GroupKey.of(exposure), step_s=2.0, min_fracexp=0.1)
    wavelength, width = row['WAVELENGTH'], np.gradient(row['WAVELENGTH'])
    good = (row['DQ_WGT'] > 0) & (wavelength >= band.wmin_aa) & (wavelength < band.wmax_aa)
    for start, stop in band.removed_aa:
        good &= ~((wavelength >= start) & (wavelength < stop))
    live = curve.exptime_s
    assert live.sum() == pytest.approx(1881.152, abs=1e-6)
    assert (curve.net * live).sum() / live.sum() == pytest.approx(row['NET'][good].sum(), rel=1e-4)
    flux = (row['FLUX'] * width)[good].sum() / width[good].sum()
    assert (curve.flux * live).sum() / live.sum() == pytest.approx(flux, rel=1e-5)


def test_a_dynamic_spectrum_survives_the_disk_and_is_smaller_than_its_event_list(gj436, shared_data, tmp_path):
    _, exposure, spectrum, _ = gj436
    path = tmp_path / 'x_dynspec.fits.gz'
    write_dynamic_spectrum(path, spectrum)
    again = read_dynamic_spectrum(path, exposure)
    for plane in ('source', 'background'):
        for name in ('time', 'wave', 'n', 'w', 'w2', 'f', 'f2'):
            assert np.array_equal(getattr(getattr(again, plane), name), getattr(getattr(spectrum, plane), name))
    assert np.array_equal(again.live_s, spectrum.live_s)
    assert path.stat().st_size < (shared_data / 'cos/ld9m10ujq_corrtag_a.fits').stat().st_size
    first = path.read_bytes()
    path.unlink()
    write_dynamic_spectrum(path, spectrum)
    assert path.read_bytes() == first


def test_bjd_uses_hsts_own_place(gj436):
    """Against a computation for the geocentre it differs by the light travel time over the radius of the orbit, at most 23 ms."""
    from hstlc.science.times import bjd_offsets

    _, exposure, spectrum, _ = gj436
    assert spectrum.hstpos == 'TIMELINE'
    centres = spectrum.start_s + spectrum.step_s * (np.arange(spectrum.n_time) + 0.5)
    geocentre, how = bjd_offsets(centres, spectrum.t0_mjd, exposure.ra_targ_deg, exposure.dec_targ_deg, None)
    assert how == 'GEOCENTER'
    difference = spectrum.bjd_offset_s - geocentre
    assert np.abs(difference).max() <= 6915 / 299792.458
    assert np.ptp(difference) > 0.01


def test_the_stis_source_is_flat_although_the_detector_glows(shared_data, tmp_path):
    settings = Settings(home=tmp_path)
    paths = Paths(settings)
    paths.ingest.mkdir(parents=True)
    shutil.copy(shared_data / 'stis/odlm18040_tag.fits', paths.ingest)
    ingest_exposure(settings, 'odlm18040', waiting(settings)['odlm18040'], '2026-01-01')
    record = records.load(paths.record('odlm18040'), Record)
    assert {'W_NOGTI'} <= set(record.warnings)
    derive_corrtag(settings, record)
    spectrum = extract(settings, paths.absolute(record.path), record.exposure)
    band = choose_band(spectrum, ())
    curve = light_curve(spectrum, band, GroupKey.of(record.exposure), step_s=300.0, min_fracexp=0.1)
    whole = curve.exptime_s > 299
    assert whole.sum() == 9
    rate = curve.net[whole]
    detector = np.histogram(fits.getdata(paths.absolute(record.path) / 'odlm18040_tag.fits', 1)['TIME'], np.arange(0, 2701, 300))[0]
    assert detector[-1] / detector[0] > 4
    assert np.all((rate * 300 > 590) & (rate * 300 < 770))
    assert rate.std() / rate.mean() < 0.08
    assert np.all(np.isnan(curve.flux))


SMOOTH = Source('SIM-STANDARD-9', 148.0, 12.5, Spectrum(4e-15, -1.0), Constant(), 'STAR')
CASES = {
    'fuv': (cos.write_fuv, 'lsim55a1q', 300.0, {}),
    'nuv': (cos.write_nuv, 'lsim55b1q', 120.0, {'dark': 5e-5, 'opt_elem': 'G185M', 'cenwave': 1921}),
    'first order': (stis.write_first_order, 'osim55010', 400.0, {}),
    'gaps': (stis.write_first_order, 'osim55020', 400.0, {'opt_elem': 'G230L', 'cenwave': 2376, 'dark': 60.0,
             'gaps_s': tuple((20.0 * k - 2, 20.0 * k + 2) for k in range(1, 17))}),
    'echelle': (stis.write_echelle, 'osim55030', 150.0, {'dark': 30.0}),
}  # fmt: skip


def file_exposure(settings, write, rootname, exptime_s, options, source=SMOOTH):
    paths = Paths(settings)
    paths.ingest.mkdir(parents=True, exist_ok=True)
    truth = write(paths.ingest, rootname, source, exptime_s=exptime_s, seed=3, **options)
    ingest_exposure(settings, rootname, waiting(settings)[rootname], '2026-01-01')
    record = records.load(paths.record(rootname), Record)
    if record.exposure.instrume == 'STIS':
        derive_corrtag(settings, record)
    make_lightcurve(settings, record)
    return truth, record, records.load(paths.outcome(curve_stem(rootname)), Outcome)


@pytest.fixture(scope='module')
def simulated(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp('home'))
    return settings, {name: file_exposure(settings, *case) for name, case in CASES.items()}


@pytest.mark.parametrize('name', list(CASES))
def test_the_injected_flux_comes_back(simulated, name):
    settings, cases = simulated
    truth, record, outcome = cases[name]
    spectrum = read_dynamic_spectrum(Paths(settings).dynamic_spectrum(record.exposure.targname, record.rootname), record.exposure)
    assert outcome.flux_sources == (FluxSource.X1D.value,)
    for band_truth in truth.bands:
        band = choose_band(spectrum, default_windows(spectrum, 'auto'), band_truth.wmin_aa, band_truth.wmax_aa)
        if not band.cells.any():
            continue
        curve = light_curve(spectrum, band, outcome.key, step_s=2.0, min_fracexp=0.1)
        live = curve.exptime_s
        flux, error = (curve.flux * live).sum() / live.sum(), np.sqrt(((curve.flux_err * live) ** 2).sum()) / live.sum()
        assert abs(flux - band_truth.flux) < 4 * error + 0.015 * band_truth.flux, (band_truth, flux, error)


@pytest.mark.parametrize('name', list(CASES))
def test_live_time_is_the_good_time_and_no_gap_has_rows(simulated, name):
    from hstlc.files.products import read_lightcurve

    settings, cases = simulated
    truth, _, outcome = cases[name]
    curve = read_lightcurve(Paths(settings).absolute(outcome.product.path))
    assert curve.exptime_s.sum() == pytest.approx(truth.exptime_s, abs=2e-3)
    assert np.all(curve.exptime_s > 0)
    assert np.all(np.diff(curve.mjd) > 0)
    start, stop = curve.mjd - curve.bins_s / 172800, curve.mjd + curve.bins_s / 172800
    touched = [(start < b) & (stop > a) for a, b in curve.gti_mjd]
    assert np.all(np.any(touched, axis=0))


def test_a_composite_of_one_is_its_light_curve(simulated):
    from hstlc.files.products import read_lightcurve

    settings, cases = simulated
    for _, record, outcome in cases.values():
        make_composite(settings, outcome.key, (record.rootname,))
        one = read_lightcurve(Paths(settings).absolute(outcome.product.path))
        many = read_lightcurve(Paths(settings).composite(outcome.key))
        assert np.array_equal(one.counts, many.counts)
        assert many.flux == pytest.approx(one.flux, rel=1e-12)


def test_segments_add(tmp_path):
    whole_home, *homes = (Settings(home=tmp_path / name) for name in ('ab', 'a', 'b'))
    _, record, _ = file_exposure(whole_home, cos.write_fuv, 'lsim55a1q', 120.0, {})
    folder = Paths(whole_home).absolute(record.path)
    sums = []
    for settings, segment in zip(homes, 'ab', strict=True):
        paths = Paths(settings)
        paths.ingest.mkdir(parents=True)
        for name in (f'lsim55a1q_corrtag_{segment}.fits', 'lsim55a1q_x1d.fits'):
            shutil.copy(folder / name, paths.ingest)
        ingest_exposure(settings, 'lsim55a1q', waiting(settings)['lsim55a1q'], '2026-01-01')
        one = records.load(paths.record('lsim55a1q'), Record)
        sums.append(extract(settings, paths.absolute(one.path), one.exposure))
    both = extract(whole_home, folder, record.exposure)
    for plane in ('source', 'background'):
        for name in ('n', 'w', 'f'):
            total = sum(getattr(getattr(item, plane), name).sum() for item in sums)
            assert getattr(getattr(both, plane), name).sum() == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize(
    ('write', 'options', 'word'),
    [
        (stis.write_echelle, {'x1d': False, 'dark': 20.0}, 'without its x1d'),
        (stis.write_first_order, {'arrange': faults.subarray, 'primary': {'SUBARRAY': True, 'SIZAXIS2': 256}}, 'subarray'),
    ],
)
def test_what_cannot_be_extracted_says_why(tmp_path, write, options, word):
    settings = Settings(home=tmp_path)
    _, record, outcome = file_exposure(settings, write, 'osim66010', 20.0, options)
    assert record.status == 'accepted'
    assert outcome.product is None
    assert word in outcome.why_not
    make_composite(settings, outcome.key, ('osim66010',))
    assert not list(Paths(settings).composites.glob('*.fits'))


def test_an_x1d_of_another_exposure_is_not_used(tmp_path):
    settings = Settings(home=tmp_path)
    cos.write_fuv(tmp_path / 'other', 'lsim77a1q', SMOOTH, exptime_s=20.0, seed=9)
    paths = Paths(settings)
    paths.ingest.mkdir(parents=True)
    cos.write_fuv(paths.ingest, 'lsim66a1q', SMOOTH, exptime_s=60.0, seed=4)
    shutil.copy(tmp_path / 'other/lsim77a1q_x1d.fits', paths.ingest / 'lsim66a1q_x1d.fits')
    ingest_exposure(settings, 'lsim66a1q', waiting(settings)['lsim66a1q'], '2026-01-01')
    make_lightcurve(settings, records.load(paths.record('lsim66a1q'), Record))
    outcome = records.load(paths.outcome('lsim66a1q_curve'), Outcome)
    assert 'W_X1D' in outcome.warnings
    assert outcome.flux_sources == ('NONE',)
    assert outcome.mean_flux is None
    assert outcome.mean_net > 0


@pytest.mark.parametrize(
    ('cards', 'warned'),
    [
        ({}, False),
        ({'DETHVLA': -5057.47 - 59.0}, False),
        ({'DETHVLA': -5057.47 - 61.0}, True),
        ({'DETHVLA': -5057.47 + 61.0}, True),
        ({'DETHVLB': -2500.0}, False),  # of the other segment
        ({'DETHVLA': -2500.0, 'EXPTIMEA': 0.0}, False),  # switched off
        ({'DETHVLA': 'N/A'}, False),
    ],
)
def test_an_unusual_high_voltage_is_told(shared_data, tmp_path, cards, warned):
    for name in ('ld9m10ujq_corrtag_a.fits', 'ld9m10ujq_x1d.fits'):
        shutil.copy(shared_data / 'cos' / name, tmp_path)
    path = tmp_path / 'ld9m10ujq_corrtag_a.fits'
    path.chmod(0o644)
    with fits.open(path, mode='update') as file:
        file[1].header.update(cards)
    exposure = describe(open_all((path,)), 'GJ436', (tmp_path / 'ld9m10ujq_x1d.fits',))
    plan = plan_extraction(Settings(home=tmp_path), tmp_path, exposure)
    assert ('W_HV' in plan.warnings) == warned


@pytest.mark.parametrize(
    ('cards', 'levels'),
    [
        ({}, (163, None)),  # there is no file of segment B
        ({'HVLEVELA': 169}, (169, None)),
        ({'HVLEVELA': -1}, (None, None)),
        ({'HVLEVELA': 'N/A'}, (None, None)),
        ({'EXPTIMEA': 0.0}, (None, None)),
    ],
)
def test_the_level_of_the_high_voltage_is_that_of_exposed_segments(shared_data, tmp_path, cards, levels):
    path = tmp_path / 'ld9m10ujq_corrtag_a.fits'
    shutil.copy(shared_data / 'cos' / path.name, path)
    path.chmod(0o644)
    with fits.open(path, mode='update') as file:
        file[1].header.update(cards)
    assert voltage_levels(open_all((path,))) == levels


def test_a_composite_tells_which_exposure_had_another_high_voltage(tmp_path):
    """Through files: the level is kept in the dynamic spectrum, for no photon is touched again."""
    from hstlc.files.products import read_lightcurve

    settings = Settings(home=tmp_path)
    options = {'opt_elem': 'G130M', 'cenwave': 1291, 'segments': ('FUVA',)}
    voltages = {'lsim56a1q': {}, 'lsim56a2q': {'HVLEVELA': 167}, 'lsim56a3q': {}}
    for day, (rootname, cards) in enumerate(voltages.items()):
        own = {**options, 'start_mjd': 58200.0 + day, 'events': cards}
        _, record, outcome = file_exposure(settings, cos.write_fuv, rootname, 40.0, own)
        assert 'W_HV' not in outcome.warnings
        spectrum = read_dynamic_spectrum(Paths(settings).dynamic_spectrum(record.exposure.targname, rootname))
        assert spectrum.high_voltage == (cards.get('HVLEVELA', 163), None)
    make_composite(settings, outcome.key, tuple(voltages))
    curve = read_lightcurve(Paths(settings).composite(outcome.key))
    assert [row.rootname for row in curve.provenance if 'W_HV' in row.warnings] == ['lsim56a2q']
    assert 'W_HV' in curve.warnings
    make_composite(settings, outcome.key, ('lsim56a1q', 'lsim56a3q'))
    assert 'W_HV' not in read_lightcurve(Paths(settings).composite(outcome.key)).warnings


MOVING = {
    'fuv': (cos.write_fuv, 'lsim57a1q', 200.0, {'segments': ('FUVA',), 'opt_elem': 'G130M', 'cenwave': 1291}),
    'nuv': (cos.write_nuv, 'lsim57b1q', 200.0, {'dark': 5e-6, 'opt_elem': 'G185M', 'cenwave': 1921}),
    'image': (cos.write_nuv, 'lsim57c1q', 100.0, {'opt_elem': 'MIRRORA', 'cenwave': 0}),
    'first order': (stis.write_first_order, 'osim57010', 200.0, {}),
    'echelle': (stis.write_echelle, 'osim57030', 150.0, {'dark': 30.0}),
}


@pytest.mark.parametrize('name', list(MOVING))
@pytest.mark.parametrize(('drift_px', 'drifts'), [(0.0, False), (3.5, True), (-3.5, True)])
def test_a_source_that_moves_across_the_dispersion_is_told(tmp_path, caplog, name, drift_px, drifts):
    """In exposures with airglow that comes, goes and fills the slit, and a background that rises."""
    caplog.set_level('INFO')
    write, rootname, exptime_s, options = MOVING[name]
    truth, _, outcome = file_exposure(Settings(home=tmp_path), write, rootname, exptime_s, {**options, 'drift_px': drift_px})
    assert ('W_DRIFT' in outcome.warnings) == drifts
    found = [record.getMessage() for record in caplog.records if 'drifts across' in record.getMessage()]
    assert len(found) == drifts
    if drifts:
        size, error = (float(part) for part in found[0].rpartition(' by ')[2].removesuffix(' pixels').split(' +- '))
        assert abs(size - truth.drift_px) < 4 * error + 0.03 * abs(truth.drift_px)


def test_the_real_exposures_do_not_drift(gj436, shared_data, tmp_path):
    """Outside of the airglow GJ 436 has some 400 net counts and GJ 849 800: too few to tell."""
    assert 'W_DRIFT' not in gj436[2].warnings
    settings = Settings(home=tmp_path / 'home')
    paths = Paths(settings)
    paths.ingest.mkdir(parents=True)
    shutil.copy(shared_data / 'stis/odlm18040_tag.fits', paths.ingest)
    ingest_exposure(settings, 'odlm18040', waiting(settings)['odlm18040'], '2026-01-01')
    record = records.load(paths.record('odlm18040'), Record)
    derive_corrtag(settings, record)
    assert 'W_DRIFT' not in extract(settings, paths.absolute(record.path), record.exposure).warnings
