"""Exposures whose calibration needs reference files: simulated, with files made to fit, through the steps."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

from hstlc.files import records
from hstlc.files.dynspec import read_dynamic_spectrum
from hstlc.files.eventlist import open_events
from hstlc.model import FluxSource, Outcome, Quality, Record
from hstlc.names import curve_stem
from hstlc.paths import Paths
from hstlc.science.mama import dead_time_factor
from hstlc.science.reference import HST_AREA_CM2
from hstlc.settings import Settings
from hstlc.simulate import cos, stis
from hstlc.simulate.exposure import TDS_EPOCH_MJD
from hstlc.simulate.source import Constant, Source
from hstlc.simulate.spectrum import Spectrum
from hstlc.steps.calibration import correct_tag
from hstlc.steps.ingest import ingest_exposure
from hstlc.steps.lacking import at_hand, lacked
from hstlc.steps.lightcurves import derive_corrtag, make_lightcurve
from hstlc.steps.waiting import waiting

HC_ERG_AA = 1.98644586e-8
V_HELIO = -12.5  # of simulated COS files
FADING = 0.01  # of the sensitivity per year


def source(flux):
    return Source('SIM-STANDARD-9', 148.0, 12.5, Spectrum(flux, -1.0), Constant(), 'STAR')


def write_tables(path, columns, header=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    hdu = fits.BinTableHDU.from_columns([fits.Column(name=n, format=f, array=np.array(a)) for n, f, a in columns])
    hdu.header.update(header or {})
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)


def simulate(settings, write, rootname, flux, exptime_s, *, edit=None, **options):
    """Simulate an exposure into a home's ingest/ and file it; `edit` changes the files before."""
    paths = Paths(settings)
    paths.ingest.mkdir(parents=True)
    truth = write(paths.ingest, rootname, source(flux), exptime_s=exptime_s, seed=3, **options)
    if edit:
        edit(paths.ingest)
    ingest_exposure(settings, rootname, waiting(settings)[rootname], '2026-01-01')
    return truth, records.load(paths.record(rootname), Record)


def curve_of(settings, record):
    """Make corrtag and light curve; return dynamic spectrum, outcome, table and header."""
    if record.exposure.instrume == 'STIS':
        derive_corrtag(settings, record)
    make_lightcurve(settings, record)
    paths = Paths(settings)
    outcome = records.load(paths.outcome(curve_stem(record.rootname)), Outcome)
    spectrum = read_dynamic_spectrum(paths.dynamic_spectrum(record.exposure.targname, record.rootname), record.exposure)
    with fits.open(paths.absolute(outcome.product.path)) as hdus:
        return spectrum, outcome, np.array(hdus['LIGHTCURVE'].data), hdus['LIGHTCURVE'].header.copy()


def warning(outcome, code):
    return next((item for item in outcome.warnings if item.partition(':')[0] == code), None)


@pytest.fixture(autouse=True)
def no_references_of_this_machine(monkeypatch):
    for name in ('lref', 'oref', 'CRDS_PATH'):
        monkeypatch.delenv(name, raising=False)


# COS


@pytest.fixture(scope='module')
def cos_exposure(tmp_path_factory):
    """A COS exposure with its x1d: its files, and what the x1d gives."""
    settings = Settings(home=tmp_path_factory.mktemp('x1d'))
    _, record = simulate(settings, cos.write_fuv, 'lsim55a1q', 2e-14, 200.0, tds_per_year=FADING)
    folder = Paths(settings).absolute(record.path)
    return folder, curve_of(settings, record)


def cos_tables(settings, folder, *, tds=True):
    """Write the tables that the simulated x1d was calibrated with, against detected wavelengths."""
    x1d = fits.getdata(folder / 'lsim55a1q_x1d.fits', 1)
    start = fits.getheader(folder / 'lsim55a1q_x1d.fits', 1)
    factor = 1 - FADING * (start['EXPSTART'] - TDS_EPOCH_MJD) / 365.25
    names, waves, curves = [], [], []
    for row in x1d:
        known = row['FLUX'] != 0
        names.append(row['SEGMENT'])
        columns = np.arange(len(known))
        curve = np.interp(columns, columns[known], (row['NET'][known].astype(float) / row['FLUX'][known]) / factor)
        waves.append(row['WAVELENGTH'] / (1 - V_HELIO / 299792.458))
        curves.append(curve)
    n = len(waves[0])
    key = [
        ('SEGMENT', '4A', names),
        ('OPT_ELEM', '5A', ['G130M'] * 2),
        ('APERTURE', '3A', ['PSA'] * 2),
        ('CENWAVE', 'J', [1291, 1291]),
    ]
    place = Paths(settings).references / 'hst/cos'
    write_tables(place / '19m15490l_phot.fits', [*key, ('WAVELENGTH', f'{n}D', waves), ('SENSITIVITY', f'{n}D', curves)])
    if tds:
        columns = [
            ('OPT_ELEM', '5A', ['G130M', 'G160M']),
            ('CENWAVE', 'J', [-1, -1]),
            ('APERTURE', '3A', ['ANY', 'ANY']),
            ('SEGMENT', '4A', ['ANY', 'ANY']),
            ('NWL', 'J', [2, 2]),
            ('NT', 'J', [2, 2]),
            ('WAVELENGTH', '3D', [[900.0, 2200.0, 0.0]] * 2),
            ('TIME', '3D', [[50000.0, 56000.0, 0.0]] * 2),
            ('SLOPE', '9D', np.full((2, 9), -100 * FADING)),
            ('INTERCEPT', '9D', np.full((2, 9), 1.0)),
        ]
        hdu_path = place / '0561933ll_tds.fits'
        write_tables(hdu_path, columns, {'REF_TIME': TDS_EPOCH_MJD, 'TDIM9': '(3,3)', 'TDIM10': '(3,3)'})
    return factor


def cos_home(tmp_path, folder, *, x1d):
    settings = Settings(home=tmp_path / 'home')
    paths = Paths(settings)
    paths.ingest.mkdir(parents=True)
    for name in ('corrtag_a', 'corrtag_b', *(('x1d',) if x1d else ())):
        shutil.copy(folder / f'lsim55a1q_{name}.fits', paths.ingest)
    if x1d:
        with fits.open(paths.ingest / 'lsim55a1q_x1d.fits', mode='update') as hdus:
            hdus[1].data['FLUX'] = 0.0
            hdus[1].data['ERROR'] = 0.0
    ingest_exposure(settings, 'lsim55a1q', waiting(settings)['lsim55a1q'], '2026-01-01')
    return settings, records.load(paths.record('lsim55a1q'), Record)


def test_an_uncalibrated_x1d_and_the_tables_give_the_flux_of_the_calibrated_x1d(cos_exposure, tmp_path):
    folder, (_, expected, table, _) = cos_exposure
    settings, record = cos_home(tmp_path, folder, x1d=True)
    cos_tables(settings, folder)
    spectrum, outcome, found, header = curve_of(settings, record)
    assert outcome.flux_sources == (FluxSource.REFFILE.value,)
    assert header['FLUXSRC'] == 'REFFILE'
    assert header['FLUXCAL'] == 'COMPLETE'
    assert warning(outcome, 'W_NOREF') is None
    assert np.array_equal(found['GROSS'], table['GROSS'])
    assert found['FLUX'] == pytest.approx(table['FLUX'], rel=1e-5, abs=1e-20)
    assert outcome.mean_flux == pytest.approx(expected.mean_flux, rel=1e-6)
    assert 'READ=19m15490l_phot.fits,0561933ll_tds.fits' in spectrum.reference_files


def test_without_any_x1d_the_flux_agrees_within_its_error(cos_exposure, tmp_path):
    folder, (_, expected, _, _) = cos_exposure
    settings, record = cos_home(tmp_path, folder, x1d=False)
    cos_tables(settings, folder)
    _, outcome, found, _ = curve_of(settings, record)
    assert outcome.flux_sources == (FluxSource.REFFILE.value,)
    assert warning(outcome, 'W_NOX1D')
    assert outcome.mean_flux == pytest.approx(expected.mean_flux, abs=3 * expected.mean_flux_err)
    assert outcome.mean_flux_err < 0.02 * outcome.mean_flux
    assert not np.any(found['QUALITY'] & int(Quality.NOFLUX))


def test_without_the_time_dependence_the_flux_is_off_by_it_and_says_so(cos_exposure, tmp_path):
    folder, (_, expected, _, _) = cos_exposure
    settings, record = cos_home(tmp_path, folder, x1d=True)
    factor = cos_tables(settings, folder, tds=False)
    _, outcome, _, header = curve_of(settings, record)
    assert factor < 0.93
    assert header['FLUXCAL'] == 'NOTDS'
    assert warning(outcome, 'W_NOTDS')
    assert warning(outcome, 'W_NOREF') == 'W_NOREF:0561933ll_tds.fits'
    assert outcome.mean_flux == pytest.approx(expected.mean_flux * factor, rel=1e-5)


def test_without_tables_there_is_no_flux_and_never_unity(cos_exposure, tmp_path):
    folder, _ = cos_exposure
    settings, record = cos_home(tmp_path, folder, x1d=True)
    _, outcome, found, header = curve_of(settings, record)
    assert outcome.flux_sources == (FluxSource.NONE.value,)
    assert header['FLUXCAL'] == 'OMIT'
    assert np.isnan(found['FLUX']).all()
    assert np.all(found['QUALITY'] & int(Quality.NOFLUX))
    assert outcome.mean_flux is None
    assert warning(outcome, 'W_NOREF') == 'W_NOREF:19m15490l_phot.fits'
    assert outcome.mean_net > 0


# STIS


def flat_file(settings, image, name='mbj1658bo_pfl'):
    path = Paths(settings).references / f'hst/stis/{name}.fits'
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(image.astype(np.float32), name='SCI')]).writeto(path)


def thinned(flat, kept=None):
    """Return what a detector with a flat field does to events: it loses part of them, where they are detected."""
    rng = np.random.default_rng(11)

    def arrange(events):
        part = flat[np.clip(events['AXIS2'] - 1, 0, 2047), np.clip(events['DETAXIS1'] - 1, 0, 2047)]
        chosen = rng.random(len(part)) < part
        if kept is not None:
            kept.append((len(part), int(chosen.sum())))
        return {name: values[chosen] for name, values in events.items()}

    return arrange


STRIPES = np.where(np.arange(2048) % 2 == 0, 0.5, 1.0)[None, :] * np.ones((2048, 1))


def test_a_flat_field_is_divided_where_the_photon_was_detected(tmp_path):
    """Every other high-resolution column loses half of its events, and all events were moved by one column for Doppler.

    Not divided the flux is 25 % low, multiplied 42 %, looked up at AXIS1 25 % high.
    """
    settings, counts = Settings(home=tmp_path), []
    mode = {'opt_elem': 'G140M', 'cenwave': 1222, 'aperture': '52X0.2'}
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 4e-13, 60.0, arrange=thinned(STRIPES, counts), **mode)
    flat_file(settings, STRIPES)
    flat_file(settings, np.ones((256, 256)), 'm1b2139no_lfl')
    spectrum, outcome, _, _ = curve_of(settings, record)
    corrtag = Paths(settings).corrtag(record.exposure.targname, 'osim55010')
    events = fits.getdata(corrtag, 'EVENTS')
    header = fits.getheader(corrtag, 'EVENTS')
    assert np.all(events['AXIS1'] != events['DETAXIS1'])
    assert np.array_equal(events['EPSILON'], np.where(events['DETAXIS1'] % 2 == 1, 2.0, 1.0))
    before, after = counts[0]
    error = np.sqrt(np.sum(events['EPSILON'] ** 2 - events['EPSILON']))
    assert after < 0.8 * before
    assert abs(events['EPSILON'].sum() - before) < 4 * error
    assert header['FLATCAL'] == 'COMPLETE'
    assert warning(outcome, 'W_ANCHOR') is None
    assert spectrum.x1d_ratio == pytest.approx(1.0, abs=0.02)
    assert warning(outcome, 'W_NOREF') == 'W_NOREF:uce15153o_bpx.fits,j9r16559o_lin.fits'


def test_where_the_flat_is_not_known_events_are_rejected_and_the_column_makes_up(tmp_path):
    settings = Settings(home=tmp_path)
    flat = np.ones((2048, 2048))
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 4e-14, 60.0, dark=1.0)
    x1d = fits.getdata(Paths(settings).absolute(record.path) / 'osim55010_x1d.fits', 1)[0]
    rows = np.round(x1d['EXTRLOCY']).astype(int)
    for column in range(400, 700):
        flat[2 * (rows[column] + 4) - 2 : 2 * (rows[column] + 4), 2 * column : 2 * column + 2] = 0.0  # in the wing: little light
    flat_file(settings, flat)
    flat_file(settings, np.ones((256, 256)), 'm1b2139no_lfl')
    spectrum, _, _, _ = curve_of(settings, record)
    events = fits.getdata(Paths(settings).corrtag(record.exposure.targname, 'osim55010'), 'EVENTS')
    bad = (events['DQ'] & 512) != 0
    assert bad.any()
    assert np.all(events['EPSILON'] == 1.0)
    rejected = fits.getdata(Paths(settings).corrtag(record.exposure.targname, 'osim55010'), 'REJECTED')
    assert len(rejected) == 300
    assert np.all(rejected['PART'] == 1.0)
    used = np.flatnonzero(x1d['NET'][400:700] > 0) + 400
    assert len(used) > 200
    # the row in the wing held next to nothing, so what the columns make up for shows: 11 rows for 10
    cell = np.floor(x1d['WAVELENGTH'][402:698] - spectrum.wave0_aa).astype(int)
    inner = np.unique(cell)[1:-1]
    weight = np.bincount(spectrum.source.wave, spectrum.source.w, spectrum.n_wave)[inner].sum()
    number = np.bincount(spectrum.source.wave, spectrum.source.n, spectrum.n_wave)[inner].sum()
    assert weight / number == pytest.approx(1.1, rel=0.01)  # edges of the box are parts of rows


@pytest.fixture
def hot_exposure(tmp_path):
    """An exposure with a hot pixel on the spectrum, (501, trace), and one in the background, 45 rows above."""
    settings, place = Settings(home=tmp_path), {}

    def add(events):
        rng = np.random.default_rng(5)
        columns = {name: [values] for name, values in events.items()}
        for row in place['rows']:
            ticks = rng.integers(0, int(60 / 1.25e-4), 2000)
            new = {'TIME': ticks, 'AXIS1': rng.integers(1001, 1003, 2000), 'AXIS2': rng.integers(2 * row - 1, 2 * row + 1, 2000)}
            for name, values in (*new.items(), ('DETAXIS1', new['AXIS1'])):
                columns[name].append(values)
        joined = {name: np.concatenate(values) for name, values in columns.items()}
        order = np.argsort(joined['TIME'], kind='stable')
        return {name: values[order] for name, values in joined.items()}

    place['rows'] = [405, 455]
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 4e-14, 60.0, arrange=add)
    trace = fits.getdata(Paths(settings).absolute(record.path) / 'osim55010_x1d.fits', 1)['EXTRLOCY'][0][500]
    assert abs(trace - 405) < 5
    return settings, record


def test_hot_pixels_of_the_table_and_of_the_data_are_left_out(hot_exposure):
    settings, record = hot_exposure
    plain, outcome, _, _ = curve_of(settings, record)
    header = fits.getheader(Paths(settings).corrtag(record.exposure.targname, 'osim55010'), 'EVENTS')
    assert header['NHOT'] == 1  # the other lies on the spectrum, where nothing can be told from the events
    assert header['BPIXCAL'] == 'COMPLETE'
    assert plain.background.n.sum() < 2000
    columns = [('PIX1', [501, 7]), ('PIX2', [405, 7]), ('LENGTH', [1, 1]), ('AXIS', [1, 1]), ('VALUE', [16, 16])]
    tables = [(name, 'I', values) for name, values in columns]
    path = Paths(settings).references / 'hst/stis/uce15153o_bpx.fits'
    write_tables(path, [*tables, ('OPT_ELEM', '6A', ['G140L', 'G140M'])])
    clean, outcome, _, _ = curve_of(settings, record)
    assert plain.source.n.sum() - clean.source.n.sum() >= 2000
    assert plain.source.n.sum() - clean.source.n.sum() < 2200
    assert 'uce15153o_bpx.fits' not in warning(outcome, 'W_NOREF')
    events = fits.getdata(Paths(settings).corrtag(record.exposure.targname, 'osim55010'), 'EVENTS')
    at = (events['DETAXIS1'] >= 1001) & (events['DETAXIS1'] <= 1002) & (events['AXIS2'] >= 809) & (events['AXIS2'] <= 810)
    assert np.all(events['DQ'][at] == 16)
    assert np.sum(events['DQ'] == 16) == at.sum() + np.sum(events['DQ'][~at] == 16)
    assert np.sum(events['DQ'][~at] == 16) >= 2000  # the one in the background


def test_hot_pixels_are_found_without_an_x1d_too(hot_exposure):
    """The spectrum is then on the brightest row; without it the one in the background would add 2000 events to it."""
    settings, record = hot_exposure
    paths = Paths(settings)
    (paths.absolute(record.path) / 'osim55010_x1d.fits').unlink()
    record = replace(record, exposure=replace(record.exposure, files=record.exposure.files[:1]))
    spectrum, outcome, _, _ = curve_of(settings, record)
    corrtag = paths.corrtag(record.exposure.targname, 'osim55010')
    assert fits.getheader(corrtag, 'EVENTS')['NHOT'] == 1
    rejected = fits.getdata(corrtag, 'REJECTED')
    assert (rejected['X'].tolist(), rejected['Y'].tolist()) == ([501], [455])
    assert spectrum.background.n.sum() < 2000
    assert 'W_NOX1D' in outcome.warnings


def test_few_pixels_of_a_real_detector_are_hot(shared_data, tmp_path):
    """GJ 849, no x1d: 49 of a million pixels, which hold 0.6 % of its events."""
    corrections = correct_tag(tmp_path / 'c.fits', open_events(shared_data / 'stis/odlm18040_tag.fits'), (), tmp_path)
    assert 20 < corrections.n_hot < 100
    flagged = np.mean(fits.getdata(tmp_path / 'c.fits', 'EVENTS')['DQ'] & 16 != 0)
    assert 0.001 < flagged < 0.03


def test_without_flats_a_bright_spectrum_is_anchored_to_its_x1d(tmp_path):
    settings = Settings(home=tmp_path)
    flat = np.full((2048, 2048), 0.93)
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 4e-13, 60.0, arrange=thinned(flat), dark=5.0)
    spectrum, outcome, _, _ = curve_of(settings, record)
    assert warning(outcome, 'W_ANCHOR')
    assert spectrum.x1d_ratio == pytest.approx(0.93, abs=0.01)
    net = (spectrum.source.w.sum() - spectrum.background.w.sum()) / spectrum.live_s.sum()
    number = (spectrum.source.n.sum() - spectrum.background.w.sum()) / spectrum.live_s.sum()
    assert number < 0.95 * net
    x1d = fits.getdata(Paths(settings).absolute(record.path) / 'osim55010_x1d.fits', 1)[0]
    sens = np.divide(x1d['NET'], x1d['FLUX'], out=np.zeros(1024), where=x1d['FLUX'] != 0)
    used = (sens > 0.05 * sens.max()) & (x1d['WAVELENGTH'] >= 1140) & (x1d['WAVELENGTH'] < 1740)
    assert net == pytest.approx(x1d['NET'][used].sum(), rel=1e-3)


def test_half_a_flat_field_is_applied_and_the_rest_anchored(tmp_path):
    settings = Settings(home=tmp_path)
    flat = np.full((2048, 2048), 0.93)
    mode = {'arrange': thinned(flat * STRIPES), 'dark': 5.0}
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 4e-13, 60.0, **mode)
    flat_file(settings, STRIPES)
    spectrum, outcome, _, _ = curve_of(settings, record)
    header = fits.getheader(Paths(settings).corrtag(record.exposure.targname, 'osim55010'), 'EVENTS')
    assert header['FLATCAL'] == 'PARTIAL'
    assert warning(outcome, 'W_ANCHOR')
    assert spectrum.x1d_ratio == pytest.approx(0.93, abs=0.01)


def test_a_faint_spectrum_is_not_anchored(tmp_path):
    settings = Settings(home=tmp_path)
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 4e-15, 60.0)
    spectrum, outcome, _, _ = curve_of(settings, record)
    assert warning(outcome, 'W_ANCHOR') is None
    assert spectrum.source.w.sum() < 1.01 * spectrum.source.n.sum()  # parts of rows at most
    assert spectrum.x1d_ratio is not None


def test_the_dead_time_at_5e4_counts_per_second_is_corrected(tmp_path):
    """Of 5e4 true counts per second 1.8 % are lost at a time constant of 0.37 microseconds."""
    settings, tau, lost = Settings(home=tmp_path), 3.7e-7, []
    rng = np.random.default_rng(2)

    def lose(events):
        rate = len(events['TIME']) / 8.0
        lost.append(rate)
        chosen = rng.random(len(events['TIME'])) < np.exp(-tau * rate)
        return {name: values[chosen] for name, values in events.items()}

    _, record = simulate(
        settings,
        stis.write_first_order,
        'osim55010',
        4e-14,
        8.0,
        arrange=lose,
        dark=4.9e4,
        dark_ramp=1.0,
        opt_elem='G230L',
        cenwave=2376,
    )
    flat_file(settings, np.ones((1024, 1024)))
    without, outcome, _, _ = curve_of(settings, record)
    assert warning(outcome, 'W_LINEAR')
    columns = [('DETECTOR', '8A', ['FUV-MAMA', 'NUV-MAMA']), ('GLOBAL_LIMIT', 'D', [1.0, 2.9e5]), ('TAU', 'D', [9.0, tau])]
    write_tables(Paths(settings).references / 'hst/stis/j9r16559o_lin.fits', columns)
    found, _, _, _ = curve_of(settings, record)
    assert lost[0] == pytest.approx(5e4, rel=0.05)
    ratio = found.source.w.sum() / without.source.w.sum()
    assert ratio == pytest.approx(np.exp(tau * lost[0]), rel=5e-4)
    assert ratio > 1.017
    assert found.background.w.sum() / without.background.w.sum() == pytest.approx(ratio, rel=1e-3)
    assert np.array_equal(found.source.n, without.source.n)
    # bin by bin it is the factor of that bin's rate
    time_s = fits.getdata(Paths(settings).absolute(record.path) / 'osim55010_tag.fits', 1)['TIME']
    rate = np.bincount(np.floor(time_s).astype(int), minlength=found.n_time)[: found.n_time] / found.live_s
    factor = dead_time_factor(rate, type('L', (), {'tau_s': tau}))
    assert found.source.w == pytest.approx(without.source.w * factor[found.source.time], rel=1e-3)


def shifted(**by):
    def arrange(events):
        return {**events, **{name: events[name] - shift for name, shift in by.items()}}

    return arrange


@pytest.mark.parametrize(('shift', 'flagged'), [(0, False), (1, False), (3, True)])
def test_events_are_put_where_the_x1d_has_them(tmp_path, shift, flagged):
    settings = Settings(home=tmp_path)
    _, record = simulate(settings, stis.write_first_order, 'osim55010', 1e-13, 60.0, arrange=shifted(AXIS1=shift))
    _, outcome, _, _ = curve_of(settings, record)
    corrtag = Paths(settings).corrtag(record.exposure.targname, 'osim55010')
    header, events = fits.getheader(corrtag, 'EVENTS'), fits.getdata(corrtag, 'EVENTS')
    assert (header['REGX'], header['REGY']) == (shift, 0)
    assert np.allclose(events['XFULL'], (events['AXIS1'] + shift + 0.5) / 2)
    assert (warning(outcome, 'W_REG') is not None) == flagged


def test_an_echelle_is_registered_too(tmp_path):
    settings = Settings(home=tmp_path)
    _, record = simulate(settings, stis.write_echelle, 'osim55030', 1e-13, 60.0, arrange=shifted(AXIS1=2), dark=30.0)
    curve_of(settings, record)
    header = fits.getheader(Paths(settings).corrtag(record.exposure.targname, 'osim55030'), 'EVENTS')
    assert (header['REGX'], header['REGY']) == (2, 0)


def test_an_uncalibrated_stis_x1d_and_its_tables_give_the_flux(tmp_path):
    def uncalibrate(folder):
        with fits.open(folder / 'osim55010_x1d.fits', mode='update') as hdus:
            hdus[1].data['FLUX'] = 0.0
            hdus[1].data['ERROR'] = hdus[1].data['NET_ERROR']

    whole, bare = Settings(home=tmp_path / 'whole'), Settings(home=tmp_path / 'bare')
    _, record = simulate(whole, stis.write_first_order, 'osim55010', 1e-13, 60.0)
    _, expected, table, _ = curve_of(whole, record)
    row = fits.getdata(Paths(whole).absolute(record.path) / 'osim55010_x1d.fits', 1)[0]
    velocity = fits.getheader(Paths(whole).absolute(record.path) / 'osim55010_x1d.fits', 1)['V_HELIO']
    wavelength, known = row['WAVELENGTH'] / (1 - velocity / 299792.458), row['FLUX'] != 0
    sens = np.interp(np.arange(1024), np.flatnonzero(known), row['NET'][known].astype(float) / row['FLUX'][known])
    response = sens * HC_ERG_AA / (HST_AREA_CM2 * wavelength * np.gradient(wavelength) * 0.6)
    _, record = simulate(bare, stis.write_first_order, 'osim55010', 1e-13, 60.0, edit=uncalibrate)
    place = Paths(bare).references / 'hst/stis'
    mode = [('OPT_ELEM', '6A', ['G140L']), ('CENWAVE', 'I', [1425]), ('SPORDER', 'I', [1]), ('NELEM', 'I', [1024])]
    curves = [('WAVELENGTH', '1024D', [wavelength]), ('THROUGHPUT', '1024D', [response])]
    write_tables(place / '26p1601ko_pht.fits', [*mode, *curves])
    slit = [
        ('APERTURE', '16A', ['52X0.2']),
        ('NELEM', 'I', [2]),
        ('WAVELENGTH', '2D', [[1000.0, 4000.0]]),
        ('THROUGHPUT', '2D', [[0.6] * 2]),
    ]
    write_tables(place / 'y2r1559to_apt.fits', slit)
    _, outcome, found, header = curve_of(bare, record)
    assert header['FLUXSRC'] == 'REFFILE'
    assert header['FLUXCAL'] == 'NOTDS'
    assert found['FLUX'] == pytest.approx(table['FLUX'], rel=1e-4)
    assert outcome.mean_flux == pytest.approx(expected.mean_flux, rel=1e-5)


def test_a_file_that_was_lacking_and_is_there_now_is_noticed_but_not_a_useless_one(cos_exposure, tmp_path):
    folder, _ = cos_exposure
    settings, record = cos_home(tmp_path, folder, x1d=True)
    references = Paths(settings).references
    cos_tables(settings, folder, tds=False)
    (references / 'hst/cos/0561933ll_tds.fits').write_bytes(b'no FITS')
    _, outcome, _, _ = curve_of(settings, record)
    assert warning(outcome, 'W_NOREF') == 'W_NOREF:0561933ll_tds.fits(unusable)'
    assert lacked(outcome) == set()
    (references / 'hst/cos/0561933ll_tds.fits').unlink()
    _, outcome, _, _ = curve_of(settings, record)
    assert lacked(outcome) == {'0561933ll_tds.fits'}
    assert not lacked(outcome) & at_hand(references)
    shutil.rmtree(references)
    cos_tables(settings, folder)
    assert lacked(outcome) & at_hand(references) == {'0561933ll_tds.fits'}
    _, outcome, _, header = curve_of(settings, record)
    assert lacked(outcome) == set()
    assert header['FLUXCAL'] == 'COMPLETE'
