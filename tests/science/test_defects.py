"""The defects of the original (A1 to A13 of its review): each is made again here, fails against the truth, and ours does not.

The `original_*` functions do what `lightcurve` 0.6 did, in their own words; they are the wrong way on purpose. Those of STIS,
A10, are in test_defects_stis.py.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

import hstlc
from hstlc.files.exposures import describe, facts, open_all
from hstlc.files.referencerows import select_rows
from hstlc.files.x1d import read_x1d
from hstlc.model import FluxSource, Quality, Reason
from hstlc.paths import Paths
from hstlc.science.band import choose_band, default_windows
from hstlc.science.checks import findings
from hstlc.settings import Settings
from hstlc.simulate import cos
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum

PHA_BIT = 512
ORIGINAL_DAY = 1.15741e-5  # days in a second, as the original rounded it
AIRGLOW = ((1208, 1225), (1298, 1312))
STAR = Source('STAR', spectrum=Spectrum(1.2e-14))
NOTHING = Source('NOTHING', spectrum=Spectrum())


def write_cos(folder, source=STAR, *, rootname='ldefect1q', exptime_s=60.0, write=cos.write_fuv, **options):
    return write(folder, rootname, source, exptime_s=exptime_s, seed=5, **options)


def events_of(path):
    """Return the EVENTS table, with copies of what is needed, and its header."""
    with fits.open(path) as hdus:
        table = {name: np.array(hdus['EVENTS'].data[name], float) for name in hdus['EVENTS'].columns.names}
        return {**table, 'DQ': table['DQ'].astype(int)}, hdus['EVENTS'].header.copy()


def original_rows(header, letter, which='SP'):
    """Half of the height, rounded down, to both sides."""
    place, height = {'SP': ('SP_LOC', 'SP_HGT'), '1': ('B_BKG1', 'B_HGT1'), '2': ('B_BKG2', 'B_HGT2')}[which]
    half = header[f'{height}_{letter}'] // 2
    return header[f'{place}_{letter}'] - half, header[f'{place}_{letter}'] + half


def original_selection(table, header, letter, which='SP', *, longest=1800):
    """Boxes in YCORR, flags of SDQFLAGS alone, wavelengths of the table."""
    low, high = original_rows(header, letter, which)
    wave = table['WAVELENGTH']
    kept = (
        (table['YCORR'] >= low)
        & (table['YCORR'] < high)
        & ((table['DQ'] & header['SDQFLAGS']) == 0)
        & (wave > 915)
        & (wave < longest)
    )
    for start, stop in AIRGLOW:
        kept &= (wave < start) | (wave > stop)
    return kept


def original_bins(table, kept, exptime_s, step):
    """Bins from the first event; the last is cut; gaps are unknown."""
    edges = np.arange(table['TIME'].min(), min(table['TIME'].max(), exptime_s) + step, step)
    return edges[:-2], np.histogram(table['TIME'][kept], edges, weights=table['EPSILON'][kept])[0][:-1]


def original_background_factor(header, letter):
    """Rows of one background region over those of the source, halved."""
    (low, high), (b_low, b_high) = original_rows(header, letter), original_rows(header, letter, '2')
    return (b_high - b_low) / (high - low) / 2


def original_net(table, header, letter, step=2.0):
    """The mean net rate, count/s."""
    factor = original_background_factor(header, letter)
    kept = [original_selection(table, header, letter, which) for which in ('SP', '1', '2')]
    source, *background = (original_bins(table, item, header['EXPTIME'], step)[1] for item in kept)
    return np.mean(source - factor * sum(background)) / step


@pytest.fixture(scope='module')
def bright(tmp_path_factory):
    """A star over a strong dark: the event list of FUVA, its x1d and our dynamic spectrum."""
    folder = tmp_path_factory.mktemp('bright')
    write_cos(folder, dark=3e-5, segments=('FUVA',))
    path = folder / 'ldefect1q_corrtag_a.fits'
    return path, read_x1d(folder / 'ldefect1q_x1d.fits'), hstlc.dynamic_spectrum(path)


@pytest.fixture(scope='module')
def empty(tmp_path_factory):
    """A strong dark and no source."""
    folder = tmp_path_factory.mktemp('empty')
    write_cos(folder, NOTHING, dark=3e-4, segments=('FUVA',), airglow=0.0)
    return folder / 'ldefect1q_corrtag_a.fits'


def test_a1_events_with_bad_pulse_heights_are_left_out(bright):
    path, _, spectrum = bright
    table, header = events_of(path)
    kept = original_selection(table, header, 'A')
    assert (table['DQ'][kept] & PHA_BIT > 0).sum() > 0.01 * kept.sum()
    row = fits.getdata(path.with_name('ldefect1q_x1d.fits'), 1)[0]
    cells = np.floor(row['WAVELENGTH'] - spectrum.wave0_aa)
    used = (row['DQ_WGT'] > 0) & (cells >= 0) & (cells < spectrum.n_wave)
    assert spectrum.source.n.sum() == round(float(row['GCOUNTS'][used].sum()))


def test_a1_on_a_real_exposure_a_fifth_of_the_originals_events_were_rejected_by_the_archive(shared_data):
    table, header = events_of(shared_data / 'cos/ld9m10ujq_corrtag_a.fits')
    kept = original_selection(table, header, 'A')
    assert kept.sum() == 2310
    assert (table['DQ'][kept] & PHA_BIT > 0).mean() == pytest.approx(0.226, abs=0.001)


@pytest.mark.parametrize('bit', [64, 512, 2048])
def test_a1_a_burst_and_bad_times_are_left_out_too(tmp_path, bit):
    """None of these bits is in SDQFLAGS, so the original keeps the events."""

    def flagged(columns):
        inside = (columns['TIME'] >= 10) & (columns['TIME'] < 20)
        return {**columns, 'DQ': np.where(inside, columns['DQ'] | bit, columns['DQ']).astype(columns['DQ'].dtype)}

    counts, ours = [], []
    for name, arrange in (('as', None), ('flagged', flagged)):
        write_cos(tmp_path / name, segments=('FUVA',), exptime_s=30.0, arrange=arrange)
        path = tmp_path / name / 'ldefect1q_corrtag_a.fits'
        counts.append(original_selection(*events_of(path), 'A').sum())
        spectrum = hstlc.dynamic_spectrum(path)
        ours.append(np.bincount(spectrum.source.time, spectrum.source.n, spectrum.n_time))
    assert counts[1] == counts[0]
    assert ours[0][11:19].min() > 0
    assert ours[1][11:19].max() == 0


def test_a2_rows_are_those_of_the_frame_in_which_the_boxes_are_given(tmp_path):
    """YCORR is before the wavecal's shift: the spectrum lies elsewhere in it, by 16 rows here."""

    def shifted(columns):
        return {**columns, 'YCORR': columns['YCORR'] - 16, 'XCORR': columns['XCORR'] - 300}

    counts, ours = [], []
    for name, arrange in (('as', None), ('shifted', shifted)):
        write_cos(tmp_path / name, segments=('FUVA',), arrange=arrange)
        path = tmp_path / name / 'ldefect1q_corrtag_a.fits'
        counts.append(original_selection(*events_of(path), 'A').sum())
        ours.append(hstlc.dynamic_spectrum(path).source.n.sum())
    assert counts[1] < 0.99 * counts[0]
    assert ours[1] == ours[0]


def test_a3_the_background_is_scaled_by_rows_of_source_over_rows_of_background(empty):
    table, header = events_of(empty)
    source = original_selection(table, header, 'A')
    background = sum(original_selection(table, header, 'A', which).sum() for which in '12')
    inverted = original_background_factor(header, 'A')
    assert inverted == pytest.approx(34 / 38 / 2)  # 39 / 70 would be right
    left = source.sum() - inverted * background
    assert left > 8 * np.sqrt(source.sum() + inverted**2 * background)  # a source where there is none
    ours = hstlc.read(empty, airglow='none')
    net, error = ours['COUNTS'].sum(), np.sqrt(((ours['NET_ERR'] * ours['EXPTIME']) ** 2).sum())
    assert abs(net) < 4 * error


def test_a1_a3_together_almost_double_the_rate_of_a_real_star(shared_data):
    """0.365 count/s, as `lightcurve` 0.6.2 itself gives; the x1d has 0.201 over the same wavelengths, and so have we."""
    path = shared_data / 'cos/ld9m10ujq_corrtag_a.fits'
    assert original_net(*events_of(path), 'A') == pytest.approx(0.36488, abs=1e-5)
    row = fits.getdata(shared_data / 'cos/ld9m10ujq_x1d.fits', 1)[0]
    wave = row['WAVELENGTH']
    good = (row['DQ_WGT'] > 0) & (wave > 915) & (wave < 1800)
    for start, stop in AIRGLOW:
        good &= (wave < start) | (wave >= stop)
    ours = hstlc.read(path, airglow='hstlc')
    net = np.average(ours['NET'], weights=ours['EXPTIME'])
    assert row['NET'][good].sum() == pytest.approx(0.2012, abs=5e-5)
    assert net == pytest.approx(row['NET'][good].sum(), rel=1e-4)


def test_a4_every_event_is_weighed_with_the_sensitivity_at_its_own_wavelength(tmp_path):
    """One mean response for all: where the sensitivity falls by a third the flux of a flat spectrum comes out low."""
    truth = 1.2e-14
    write_cos(tmp_path, segments=('FUVA', 'FUVB'), opt_elem='G160M', cenwave=1600, dark=1e-7, exptime_s=80.0)
    fluxes = []
    for segment in read_x1d(tmp_path / 'ldefect1q_x1d.fits').spectra:
        table, header = events_of(tmp_path / f'ldefect1q_corrtag_{segment.name[-1].lower()}.fits')
        kept = original_selection(table, header, segment.name[-1]) & (table['DQ'] & PHA_BIT == 0)
        known = (segment.flux != 0) & (segment.net != 0)
        response = np.interp(
            table['WAVELENGTH'][kept], segment.wavelength_aa[known], (segment.net / np.where(known, segment.flux, 1))[known]
        )
        columns = round(table['XCORR'][kept].max()) - round(table['XCORR'][kept].min()) + 1
        fluxes.append(table['EPSILON'][kept].sum() / 80.0 / response.mean() / columns)
    assert min(fluxes) < 0.94 * truth
    ours = hstlc.read(tmp_path / 'ldefect1q_corrtag_a.fits')
    mean, error = np.average(ours['FLUX'], weights=ours['EXPTIME']), np.sqrt((ours['FLUX_ERROR'] ** 2).sum()) / len(ours)
    assert abs(mean - truth) < 4 * error
    assert error < 0.01 * truth


def test_a4_background_and_source_are_weighed_alike(tmp_path):
    """A mean response for the source and one per event for its background: of an empty field a negative flux is left."""
    write_cos(tmp_path, NOTHING, segments=('FUVA',), opt_elem='G160M', cenwave=1600, dark=3e-4, airglow=0.0, exptime_s=40.0)
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    segment = read_x1d(tmp_path / 'ldefect1q_x1d.fits').spectra[0]
    table, header = events_of(path)
    known = (segment.flux != 0) & (segment.net != 0)
    response = np.interp(table['WAVELENGTH'], segment.wavelength_aa[known], segment.net[known] / segment.flux[known])
    source = original_selection(table, header, 'A')
    background = original_selection(table, header, 'A', '1') | original_selection(table, header, 'A', '2')
    area = source.sum() / background.sum()  # what is right, so that A3 plays no part
    fluxes = source.sum() / response[source].mean(), area * (1 / response[background]).sum()
    noise = fluxes[0] * np.sqrt(1 / source.sum() + 1 / background.sum())
    assert fluxes[0] - fluxes[1] < -4 * noise
    ours = hstlc.read(path, airglow='none')
    assert abs(ours['FLUX'].mean()) < 4 * np.sqrt((ours['FLUX_ERROR'] ** 2).sum()) / len(ours)


def test_a5_the_band_is_as_wide_as_its_good_columns(bright):
    """Columns from the first to the last event hold those of the airglow windows and bad ones."""
    path, x1d, spectrum = bright
    table, header = events_of(path)
    kept = original_selection(table, header, 'A')
    wavelength = x1d.spectra[0].wavelength_aa
    original = (table['XCORR'][kept].max() - table['XCORR'][kept].min() + 1) * np.median(np.diff(wavelength))
    band = choose_band(spectrum, AIRGLOW)
    good = x1d.spectra[0].dq_weight > 0
    for start, stop in AIRGLOW:
        good &= (wavelength < start) | (wavelength >= stop)
    true = np.gradient(wavelength)[good & (wavelength >= band.wmin_aa) & (wavelength < band.wmax_aa)].sum()
    assert band.width_aa == pytest.approx(true, rel=1e-9)
    assert original > 1.05 * true


def test_a6_no_calibration_is_no_flux(tmp_path):
    """The original divided by 1 where the reference file was missing, and called the counts a flux."""
    write_cos(tmp_path, segments=('FUVA',), x1d=False, exptime_s=20.0)
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    table, header = events_of(path)
    kept = original_selection(table, header, 'A')
    unity = table['EPSILON'][kept].sum() / 20.0 / np.ones(kept.sum()).mean() / np.ptp(table['XCORR'][kept])
    assert unity > 1e6 * STAR.spectrum.continuum
    ours = hstlc.read(path)
    assert np.all(np.isnan(ours['FLUX']))
    assert np.all(ours['QUALITY'] & int(Quality.NOFLUX))
    assert np.all(np.isfinite(ours['NET']))
    assert hstlc.dynamic_spectrum(path).flux_source is FluxSource.NONE


def original_rows_of_table(rows, primary):
    """Rows of a calibration table whose cells are those of the header, wildcards unknown, CENWAVE not asked for."""
    names = ('OPT_ELEM', 'APERTURE', 'SEGMENT')
    return [row for row in rows if all(str(row[name]).strip() == str(primary[name]).strip() for name in names)]


def test_a6_the_stripes_of_nuv_have_a_calibration(tmp_path):
    """The header's SEGMENT is N/A there: the original found no row of that name, and divided by 1."""
    folder = tmp_path / 'nuv'
    truth = 2.5e-14
    write_cos(folder, Source('STAR', spectrum=Spectrum(truth)), write=cos.write_nuv, opt_elem='G185M', cenwave=1921, dark=1e-6)
    path = folder / 'ldefect1q_corrtag.fits'
    primary = fits.getheader(path)
    rows = [{'OPT_ELEM': 'G185M', 'APERTURE': 'PSA', 'SEGMENT': f'NUV{letter}'} for letter in 'ABC']
    assert original_rows_of_table(rows, primary) == []
    table, header = events_of(path)
    kept = original_selection(table, header, 'B', longest=3200)
    unity = table['EPSILON'][kept].sum() / 60.0 / (np.ptp(table['XCORR'][kept]) + 1)
    assert unity > 1e6 * truth
    ours = hstlc.read(path)
    mean, error = np.average(ours['FLUX'], weights=ours['EXPTIME']), np.sqrt((ours['FLUX_ERROR'] ** 2).sum()) / len(ours)
    assert abs(mean - truth) < 4 * error < 0.1 * truth


START = 58108.51215764
BREAK_S = 20.0  # after the start of the exposure the sensitivity is another


def write_time_table(path, rows, jump=1.5):
    """Write a TDSTAB with a break BREAK_S after START."""
    n = len(rows)
    columns = [
        fits.Column('OPT_ELEM', '5A', array=['G130M'] * n),
        fits.Column('CENWAVE', 'J', array=[cenwave for cenwave, _ in rows]),
        fits.Column('APERTURE', '3A', array=[aperture for _, aperture in rows]),
        fits.Column('SEGMENT', '4A', array=['FUVA'] * n),
        fits.Column('NWL', 'J', array=[2] * n),
        fits.Column('NT', 'J', array=[2] * n),
        fits.Column('WAVELENGTH', '2D', array=[[900.0, 2200.0]] * n),
        fits.Column('TIME', '2D', array=[[50000.0, START + BREAK_S / 86400]] * n),
        fits.Column('SLOPE', '4D', dim='(2,2)', array=np.zeros((n, 2, 2))),
        fits.Column('INTERCEPT', '4D', dim='(2,2)', array=[[[1.0, 1.0], [jump + k, jump + k]] for k in range(n)]),
    ]
    hdu = fits.BinTableHDU.from_columns(columns)
    hdu.header['REF_TIME'] = 52000.0
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path, overwrite=True)


def original_time_factor(path, primary, expstart):
    """At the start of the exposure; by name alone; no row: 1."""
    rows = original_rows_of_table(fits.getdata(path, 1), primary)
    if len(rows) > 1:
        raise ValueError('Too many rows found')
    if not rows:
        return 1.0
    segment = np.where(rows[0]['TIME'][: rows[0]['NT']] < expstart)[0].max()
    years = (expstart - fits.getval(path, 'REF_TIME', 1)) / 365.25
    return years * rows[0]['SLOPE'][segment, 0] / 100 + rows[0]['INTERCEPT'][segment, 0]


@pytest.fixture(scope='module')
def calibrated_by_tables(tmp_path_factory):
    """An exposure of 60 s: what a TDSTAB in a folder does to its sensitivity, its primary header, and what is known of it."""
    from hstlc.files.eventlist import open_events
    from hstlc.files.reference import Library
    from hstlc.steps.calibration import calibrate
    from hstlc.steps.regions import plan_extraction

    folder = tmp_path_factory.mktemp('tables')
    write_cos(folder, segments=('FUVA',), start_mjd=START)
    path = folder / 'ldefect1q_corrtag_a.fits'
    with fits.open(folder / 'ldefect1q_x1d.fits', mode='update') as hdus:
        wave, net, flux = (np.array(hdus[1].data[name][0], float) for name in ('WAVELENGTH', 'NET', 'FLUX'))
        hdus[1].data['FLUX'], hdus[1].data['ERROR'] = 0.0, 0.0
    known = flux != 0
    settings = Settings(home=folder)
    place = Paths(settings).references / 'hst/cos'
    place.mkdir(parents=True)
    n = int(known.sum())
    key = {'SEGMENT': ('4A', 'FUVA'), 'OPT_ELEM': ('5A', 'G130M'), 'APERTURE': ('3A', 'PSA'), 'CENWAVE': ('J', 1291)}
    columns = [fits.Column(name, kind, array=[value]) for name, (kind, value) in key.items()]
    curves = {'WAVELENGTH': wave[known], 'SENSITIVITY': net[known] / flux[known]}
    columns += [fits.Column(name, f'{n}D', array=[values]) for name, values in curves.items()]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(place / '19m15490l_phot.fits')
    exposure = describe(open_all((path,)), 'STAR', (folder / 'ldefect1q_x1d.fits',))
    plan = plan_extraction(settings, folder, exposure)

    def factor(tables):
        books = Library(open_events(path), (place, tables))
        bare = replace(plan.regions[0][0], sensitivity=None)
        changed = calibrate(books, ((bare,),), plan.x1d, exposure, 0.05).regions[0][0].sensitivity
        plain = plan.regions[0][0].sensitivity
        ratio = changed[np.isfinite(changed)] / plain[np.isfinite(changed)]
        return float(np.median(ratio))

    return factor, fits.getheader(path), exposure


def test_a7_the_time_dependence_is_that_of_the_middle_of_the_exposure(calibrated_by_tables, tmp_path):
    """The sensitivity breaks 20 s after the start of 60 s: the middle is beyond."""
    factor, primary, exposure = calibrated_by_tables
    table = tmp_path / '0561933ll_tds.fits'
    write_time_table(table, [(1291, 'PSA')])
    assert exposure.expstart_mjd == pytest.approx(START, abs=1e-8)
    assert original_time_factor(table, primary, exposure.expstart_mjd) == 1.0
    assert factor(tmp_path) == pytest.approx(1.5, rel=1e-9)


def test_a7_the_time_dependence_is_that_of_the_central_wavelength(calibrated_by_tables, tmp_path):
    """Today's tables have a row for each; the original gave up on them, or took any aperture for none."""
    factor, primary, exposure = calibrated_by_tables
    table = tmp_path / '0561933ll_tds.fits'
    write_time_table(table, [(1222, 'PSA'), (1291, 'PSA')])
    with pytest.raises(ValueError, match='Too many rows'):
        original_time_factor(table, primary, exposure.expstart_mjd)
    assert factor(tmp_path) == pytest.approx(2.5, rel=1e-9)
    write_time_table(table, [(1222, 'ANY'), (1291, 'ANY')])
    assert original_time_factor(table, primary, exposure.expstart_mjd) == 1.0
    assert factor(tmp_path) == pytest.approx(2.5, rel=1e-9)


def test_a7_on_a_real_table_the_original_finds_no_row(shared_data):
    with fits.open(shared_data / 'lref/calcos_test_tds.fits') as hdus:
        wanted = {'SEGMENT': 'FUVA', 'OPT_ELEM': 'G130M', 'APERTURE': 'PSA', 'CENWAVE': 1096}
        assert original_rows_of_table(hdus[1].data, wanted) == []
        rows = select_rows(hdus, wanted)
        assert [(int(row['CENWAVE']), str(row['SEGMENT']).strip()) for row in rows] == [(1096, 'FUVA')]


def test_a8_bins_begin_with_the_good_time_and_hold_all_of_it(tmp_path):
    """A constant star with gaps: the original's bins dip there, its last bin is missing, 1 s beats with the clock."""
    write_cos(tmp_path, segments=('FUVA',), exptime_s=60.7, gaps_s=((20.5, 23.7), (40.2, 41.4)), dark=1e-7)
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    table, header = events_of(path)
    kept = original_selection(table, header, 'A')
    _, gross = original_bins(table, kept, header['EXPTIME'], 2.0)
    assert gross.min() < 0.5 * np.median(gross)
    assert gross.sum() < 0.999 * table['EPSILON'][kept].sum()
    ticks = np.histogram(0.032 * np.arange(1000), np.arange(0.0, 32.0, 1.0) + 0.064)[0]
    assert set(ticks) == {31, 32}
    ours = hstlc.read(path)
    spectrum = hstlc.dynamic_spectrum(path)
    band = choose_band(spectrum, default_windows(spectrum, 'auto'))
    assert ours['GROSS'].sum() == pytest.approx(spectrum.source.w[band.cells[spectrum.source.wave]].sum(), rel=1e-12)
    assert ours['EXPTIME'].sum() == pytest.approx(
        fits.getdata(path, 'GTI')['STOP'].sum() - fits.getdata(path, 'GTI')['START'].sum()
    )
    assert np.allclose(ours['BINS'] / 0.032, 62, atol=1e-4)
    whole = ours['EXPTIME'] > 0.2
    rate, error = ours['NET'][whole], ours['NET_ERR'][whole]
    assert np.abs((rate - rate.mean()) / error).max() < 5
    assert (ours['EXPTIME'] < 1.9).sum() >= 3


def test_a8_silence_before_the_first_event_is_measured(tmp_path):
    """Bins that begin with an event have one more than they should: of a star with 0.25 count/s the first bin had 1.5, not 0.5."""

    def silent(columns):
        return {name: values[columns['TIME'] > 7.0] for name, values in columns.items()}

    write_cos(tmp_path, segments=('FUVA',), exptime_s=40.0, arrange=silent)
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    table, header = events_of(path)
    times, _ = original_bins(table, original_selection(table, header, 'A'), header['EXPTIME'], 2.0)
    assert times[0] > 7.0
    ours = hstlc.read(path)
    assert ours['TIMES'][0] - ours['BINS'][0] / 2 == pytest.approx(0.032, abs=1e-6)  # where the good time begins
    assert np.all(ours['GROSS'][:3] == 0)
    rng, totals = np.random.default_rng(1), []
    for _ in range(2000):
        faint = {'TIME': np.cumsum(rng.exponential(4.0, 20)), 'EPSILON': np.ones(20)}
        totals.append(original_bins(faint, np.ones(20, bool), 40.0, 2.0)[1][0])
    assert np.mean(totals) == pytest.approx(1.5, abs=0.06)


def only_between(start, stop):
    def arrange(columns):
        inside = (columns['TIME'] >= start) & (columns['TIME'] < stop)
        return {name: values[inside] for name, values in columns.items()}

    return arrange


def start_later(folder, letter, seconds):
    with fits.open(folder / f'ldefect1q_corrtag_{letter}.fits', mode='update') as hdus:
        hdus['EVENTS'].header['EXPSTART'] += seconds / 86400
        return hdus['EVENTS'].header['EXPSTART'] - seconds / 86400


def original_mjd(times, headers):
    """Times since the start of whichever segment comes last, in days of 86399.8 s; of the bins' starts."""
    return headers[-1]['EXPSTART'] + times * ORIGINAL_DAY


@pytest.mark.parametrize('later', [4.0, -4.0])
def test_a9_times_count_from_each_segments_own_start(tmp_path, later):
    """Segment A alone has events, for 3 s; B started at another time. The original is off by the difference."""
    write_cos(tmp_path, exptime_s=40.0, arrange=only_between(20.0, 23.0))
    start = start_later(tmp_path, 'b', later)
    with fits.open(tmp_path / 'ldefect1q_corrtag_b.fits', mode='update') as hdus:
        hdus['EVENTS'].data = hdus['EVENTS'].data[:0]
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    headers = [fits.getheader(tmp_path / f'ldefect1q_corrtag_{letter}.fits', 'EVENTS') for letter in 'ab']
    table, header = events_of(path)
    truth = start + table['TIME'].mean() / 86400
    times, gross = original_bins(table, original_selection(table, header, 'A'), header['EXPTIME'], 0.2)
    original = np.average(original_mjd(times + 0.1, headers), weights=gross)
    assert abs(original - truth) * 86400 > 3.5
    ours = hstlc.read(path)
    assert abs(np.average(ours['MJD'], weights=ours['GROSS']) - truth) * 86400 < 0.5
    common = max(start, start + later / 86400) + 0.032 / 86400  # both segments are open from there
    assert ours['MJDSTART'][0] == pytest.approx(common, abs=1e-3 / 86400)


def test_a9_days_are_whole_and_the_end_is_the_end(tmp_path):
    write_cos(tmp_path, segments=('FUVA',), exptime_s=40.0)
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    table, header = events_of(path)
    stop = header['EXPSTART'] + fits.getdata(path, 'GTI')['STOP'].max() / 86400
    times, _ = original_bins(table, original_selection(table, header, 'A'), header['EXPTIME'], 2.0)
    assert (stop - original_mjd(times, [header]).max()) * 86400 > 2  # EXPEND as the original wrote it
    assert abs((original_mjd(np.array([0.0, 20000.0]), [header])[1] - header['EXPSTART']) * 86400 - 20000) > 0.04
    ours = hstlc.read(path)
    elapsed = (ours['MJD'] - ours['MJD'][0]) * 86400
    assert np.abs(elapsed - np.arange(len(ours)) * 62 * 0.032).max() < 2e-5
    assert ours['MJDSTART'][-1] <= stop <= ours['MJDSTART'][-1] + ours['BINS'][-1] / 86400 + 1e-9
    assert ours.meta['MJD-END'] == pytest.approx(stop, abs=1e-8)


@pytest.mark.parametrize(
    ('flux', 'options'),
    [(2e-17, {}), (1.2e-14, {'gaps_s': ((30.016, 40.0),)})],
    ids=['faint', 'a gap'],
)
def test_a11_a_bin_without_counts_does_not_drop_its_exposure(tmp_path, flux, options):
    """The original dropped a faint exposure, and a bright one with a gap, for one bin without counts."""
    paths = []
    for k in range(3):
        rootname, source = f'ldefect{k + 1}q', Source('STAR', spectrum=Spectrum(flux))
        place = {'segments': ('FUVA',), 'start_mjd': 58108.5 + 0.1 * k, 'dark': 1e-7, 'airglow': 0.0, **options}
        write_cos(tmp_path, source, rootname=rootname, **place)
        paths.append(tmp_path / f'{rootname}_corrtag_a.fits')
    kept = []
    for path in paths:
        table, header = events_of(path)
        _, gross = original_bins(table, original_selection(table, header, 'A'), header['EXPTIME'], 2.0)
        kept.append(not np.any(gross == 0))
    assert not any(kept)
    together = hstlc.composite(paths)
    assert sorted(set(together['DATASET'])) == [1, 2, 3]
    assert together['EXPTIME'].sum() == pytest.approx(sum(hstlc.read(path)['EXPTIME'].sum() for path in paths))
    if not options:
        assert np.any(together['GROSS'] == 0)


def test_a11_wavelengths_are_those_of_good_columns_not_of_noise(bright):
    path, x1d, spectrum = bright
    table, header = events_of(path)
    good = ((table['DQ'] & header['SDQFLAGS']) == 0) & (table['WAVELENGTH'] > 912)
    last = table['WAVELENGTH'][good].max()
    columns = x1d.spectra[0].wavelength_aa[x1d.spectra[0].dq_weight > 0]
    assert abs(spectrum.wmax_aa - columns.max()) <= 1.0
    assert abs(spectrum.wmin_aa - columns.min()) <= 1.0
    without = table['WAVELENGTH'][good & (table['WAVELENGTH'] < last)]
    assert without.max() != last  # one event more or less moves the original's limit


def test_a12_errors_are_finite_and_positive_where_nothing_is_left(empty):
    ours = hstlc.read(empty, airglow='none')
    original = np.sqrt(ours['GROSS'] + ours['BACKGROUND']) / (ours['GROSS'] - ours['BACKGROUND']) * ours['FLUX']
    signal = ours['GROSS'] / np.sqrt(ours['GROSS'] + ours['BACKGROUND'])
    relative = np.asarray(original / ours['FLUX_ERROR'])
    assert np.ptp(np.log10(np.abs(relative))) > 0.3 or np.any(relative < 0)
    assert signal.min() > 5  # detected in every bin, of nothing
    assert np.all(ours['FLUX_ERROR'] > 0)
    pulls = np.asarray(ours['FLUX'] / ours['FLUX_ERROR'])
    assert abs(pulls.std() - 1) < 4 / np.sqrt(2 * len(pulls))
    assert np.abs(ours['SIGNAL_TO_NOISE']).max() < 5


def original_checks(files):
    """Each looked at the first event file alone, in no order of importance."""
    file = files[0]
    with fits.open(file.path) as hdus:
        header, time = hdus['EVENTS'].header, np.array(hdus['EVENTS'].data['TIME'])

    def linear():
        last = time[0]
        for item in time:
            if item < last:
                return 'Non-linear time'
            last = item
        return None

    return {
        'expflag': lambda: None if header['EXPFLAG'] == 'NORMAL' else 'Bad EXPFLAG',
        'linear': linear,
        'empty': lambda: None if len(time) else 'No events',
        'singular': lambda: 'Singular event' if len(set(time.tolist())) == 1 else None,
        'short': lambda: 'Short Exposure' if header['EXPTIME'] < 1 else None,
    }


SETTINGS = {'min_exptime_s': 1.0, 'bad_proposals': (), 'strict_linear': False}


def no_rows(columns):
    return {name: values[:0] for name, values in columns.items()}


def one_jumping_back(columns):
    order = np.r_[len(columns['TIME']) // 2 : len(columns['TIME']), 0 : len(columns['TIME']) // 2]
    return {name: values[order] for name, values in columns.items()}


def test_a13_an_event_list_without_events_is_a_finding(tmp_path):
    """The original asked for the first of no times, unless the check for events happened to come before."""
    write_cos(tmp_path, exptime_s=20.0, arrange=no_rows, x1d=False)
    files = open_all(tuple(tmp_path / f'ldefect1q_corrtag_{letter}.fits' for letter in 'ab'))
    checks, crashed = original_checks(files), 0
    for order in itertools.permutations(checks):
        try:
            next(found for name in order if (found := checks[name]()))
        except IndexError:
            crashed += 1
    assert crashed == 60  # of 120 orders
    found = findings(facts(files, describe(files, 'STAR')), **SETTINGS)
    assert [item.reason for item in found] == [Reason.NO_EVENTS]


def test_a13_the_reason_of_a_rejection_does_not_depend_on_the_order_of_checks_or_files(tmp_path):
    """Short, interrupted and out of order at once: the original's reason was whichever check came first."""
    faults = {'arrange': one_jumping_back, 'x1d': False, 'events': {'EXPFLAG': 'INTERRUPTED'}}
    write_cos(tmp_path, exptime_s=0.8, dark=1e-3, **faults)
    files = open_all(tuple(tmp_path / f'ldefect1q_corrtag_{letter}.fits' for letter in 'ab'))
    checks = original_checks(files)
    reasons = {next(found for name in order if (found := checks[name]())) for order in itertools.permutations(checks)}
    assert reasons == {'Bad EXPFLAG', 'Non-linear time', 'Short Exposure'}
    for either in (files, files[::-1]):
        found = findings(facts(either, describe(either, 'STAR')), **SETTINGS)
        assert [item.reason for item in found] == [Reason.SHORT_EXPOSURE, Reason.BAD_EXPFLAG, Reason.NON_LINEAR_TIME]


def test_a13_one_bad_segment_of_two_rejects_nothing(tmp_path):
    """The original looked at one file, whichever it was given."""
    write_cos(tmp_path, exptime_s=20.0)
    with fits.open(tmp_path / 'ldefect1q_corrtag_a.fits', mode='update') as hdus:
        hdus['EVENTS'].data = hdus['EVENTS'].data[:0]
    files = open_all(tuple(tmp_path / f'ldefect1q_corrtag_{letter}.fits' for letter in 'ab'))
    assert original_checks(files)['empty']() == 'No events'
    assert findings(facts(files, describe(files, 'STAR')), **SETTINGS) == ()
