"""The defects of the original (science.md, appendix A): each is made again here, fails against the truth, and ours does not.

The `original_*` functions do what `lightcurve` 0.6 did, in their own words; they are the wrong way on purpose.
"""

import importlib.util
import shutil

import numpy as np
import pytest
from astropy.io import fits

import hstlc
from hstlc.files.reference import select_rows, time_dependence
from hstlc.files.x1d import read_x1d
from hstlc.model import FluxSource, Quality, TimeDependence
from hstlc.science.band import choose_band, default_windows
from hstlc.science.mama import flat_field
from hstlc.science.reference import time_factor
from hstlc.simulate import cos, stis
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


def original_selection(table, header, letter, which='SP'):
    """Boxes in YCORR, flags of SDQFLAGS alone, wavelengths of the table."""
    low, high = original_rows(header, letter, which)
    wave = table['WAVELENGTH']
    kept = (
        (table['YCORR'] >= low) & (table['YCORR'] < high) & ((table['DQ'] & header['SDQFLAGS']) == 0) & (wave > 915) & (wave < 1800)
    )
    for start, stop in AIRGLOW:
        kept &= (wave < start) | (wave > stop)
    return kept


def original_bins(table, kept, exptime_s, step):
    """Bins from the first event; the last is cut; gaps are unknown."""
    edges = np.arange(table['TIME'].min(), min(table['TIME'].max(), exptime_s) + step, step)
    return edges[:-1], np.histogram(table['TIME'][kept], edges, weights=table['EPSILON'][kept])[0][:-1]


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
    (low, high), (b_low, b_high) = original_rows(header, 'A'), original_rows(header, 'A', '2')
    inverted = (b_high - b_low) / (high - low) / 2
    left = source.sum() - inverted * background
    assert left > 8 * np.sqrt(source.sum() + inverted**2 * background)  # a source where there is none
    ours = hstlc.read(empty, airglow='none')
    net, error = ours['COUNTS'].sum(), np.sqrt(((ours['NET_ERR'] * ours['EXPTIME']) ** 2).sum())
    assert abs(net) < 4 * error


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


def test_a7_the_time_dependence_is_that_of_the_central_wavelength_in_the_middle_of_the_exposure(shared_data):
    wanted = {'SEGMENT': 'FUVA', 'OPT_ELEM': 'G130M', 'APERTURE': 'PSA', 'CENWAVE': 1291}
    with fits.open(shared_data / 'lref/calcos_test_tds.fits') as hdus:
        rows = hdus[1].data
        apertures = {str(item).strip() for item in rows['APERTURE']}
        modes = [(str(row['SEGMENT']).strip(), str(row['OPT_ELEM']).strip()) for row in rows]
        wanted['SEGMENT'], wanted['OPT_ELEM'] = max(set(modes), key=modes.count)
        cenwaves = [int(row['CENWAVE']) for row, mode in zip(rows, modes, strict=True) if mode == max(set(modes), key=modes.count)]
        wanted['CENWAVE'] = max(cenwaves)
        original = [k for k, mode in enumerate(modes) if mode == (wanted['SEGMENT'], wanted['OPT_ELEM'])]
        exact = [k for k in original if str(rows['APERTURE'][k]).strip() == 'PSA']
        assert len(exact) != 1  # no row by the name of the aperture alone, or too many without CENWAVE
        assert apertures == {'ANY'} or len(original) > 1
        assert len(select_rows(hdus, wanted)) >= 1
        assert time_dependence(hdus, wanted) is not None
    change = TimeDependence(
        wavelength_aa=np.array([1200.0, 1500.0]),
        time_mjd=np.array([55000.0, 57000.0]),
        slope=np.array([[-5.0, -5.0], [-20.0, -20.0]]),
        intercept=np.array([[1.0, 1.0], [1.5, 1.5]]),
        reference_mjd=54000.0,
    )
    for mjd, segment in ((54900.0, 0), (56999.99, 0), (57000.01, 1)):  # before the first epoch the original found no row at all
        slope, intercept = change.slope[segment, 0], change.intercept[segment, 0]
        assert time_factor(change, mjd).values[0] == pytest.approx((mjd - 54000.0) / 365.25 * slope / 100 + intercept)


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


def test_a9_times_count_from_each_segments_own_start(tmp_path):
    """The original took the start of the last segment, the start of the last bin as the end, and a rounded day."""
    write_cos(tmp_path, exptime_s=40.0)
    for name, later in (('a', 0.0), ('b', 4.0)):
        with fits.open(tmp_path / f'ldefect1q_corrtag_{name}.fits', mode='update') as hdus:
            hdus['EVENTS'].header['EXPSTART'] += later / 86400
    path = tmp_path / 'ldefect1q_corrtag_a.fits'
    first, last = (fits.getval(tmp_path / f'ldefect1q_corrtag_{name}.fits', 'EXPSTART', 1) for name in 'ab')
    ours = hstlc.read(path)
    original = last + 0.064 * ORIGINAL_DAY
    start = first + (4.0 + 0.032) / 86400  # both segments are open from there
    assert ours['MJDSTART'][0] == pytest.approx(start, abs=1e-3 / 86400)
    assert abs(ORIGINAL_DAY * 86400 - 1) * 1e7 > 20  # 20 s too late after 1e7 s
    elapsed = (ours['MJD'] - ours['MJD'][0]) * 86400
    assert np.abs(elapsed - np.arange(len(ours)) * 62 * 0.032).max() < 2e-5
    stop = max(fits.getdata(path, 'GTI')['STOP'])
    end_of_data = ours['MJDSTART'][-1] + ours['BINS'][-1] / 86400
    assert end_of_data >= first + stop / 86400 - 1e-8
    assert original + (len(ours) - 1) * 2 * ORIGINAL_DAY < end_of_data  # EXPEND as the original wrote it


@pytest.fixture(scope='module')
def glow(tmp_path_factory):
    """A constant star on the FUV-MAMA whose dark grows to four times what it was."""
    folder = tmp_path_factory.mktemp('glow')
    options = {'exptime_s': 240.0, 'seed': 5, 'dark': 60.0, 'dark_ramp': 4.0, 'airglow': 0.0}
    stis.write_first_order(folder, 'odefect10', Source('STAR', spectrum=Spectrum(6e-15)), **options)
    return folder / 'odefect10_tag.fits'


def test_a10_the_source_of_a_stis_exposure_is_not_the_whole_detector(glow):
    time = fits.getdata(glow, 1)['TIME']
    whole = np.histogram(time, [0, 120, 240])[0]
    assert whole[1] > 1.3 * whole[0]  # what the original calls the star
    before = glow.read_bytes()
    ours = hstlc.read(glow, step=120.0)
    assert glow.read_bytes() == before  # the original removed its input
    assert np.all(ours['BACKGROUND'] > 0)
    assert abs(ours['NET'][1] - ours['NET'][0]) < 4 * np.hypot(*ours['NET_ERR'])
    mean = np.average(ours['FLUX'], weights=ours['EXPTIME'])
    assert mean == pytest.approx(6e-15, rel=0.03)


def test_a10_flat_fields_divide():
    pixel = np.ones((1024, 1024))
    pixel[100, 200] = 0.5
    flat = flat_field(pixel, None, None)
    assert 1 / flat[100, 200] == 2.0  # the weight of an event where the detector sees half; the original gave it 0.5


def test_a10_the_trace_of_an_order_is_where_the_x1d_says(tmp_path):
    """EXTRLOCY holds SHIFTA2 already, in low-resolution rows; the original added it and looked in high-resolution ones."""
    options = {'exptime_s': 20.0, 'seed': 5, 'dark': 1.0}
    stis.write_echelle(tmp_path, 'odefect20', Source('STAR', spectrum=Spectrum(8e-14)), **options)
    path = tmp_path / 'odefect20_tag.fits'
    tag, rows = fits.getdata(path, 1), fits.getdata(tmp_path / 'odefect20_x1d.fits', 1)
    shift = fits.getval(tmp_path / 'odefect20_x1d.fits', 'SHIFTA2', 1)
    inside = np.zeros(len(tag), bool)
    for row in rows:
        inside |= np.abs(tag['AXIS2'] - (row['A2CENTER'] + shift)) < row['EXTRSIZE']
    spectrum = hstlc.dynamic_spectrum(path)
    assert spectrum.source.n.sum() > 0.85 * len(tag)
    assert inside.sum() < 0.75 * len(tag)


def test_a10_all_event_tables_are_read(glow, tmp_path):
    path = tmp_path / glow.name
    with fits.open(glow) as hdus:
        half = len(hdus[1].data) // 2
        parts = [
            fits.BinTableHDU(hdus[1].data[where], hdus[1].header, ver=k) for k, where in ((1, slice(half)), (2, slice(half, None)))
        ]
        fits.HDUList([hdus[0], *parts, hdus['GTI']]).writeto(path)
    shutil.copy(glow.with_name('odefect10_x1d.fits'), tmp_path)
    whole, halves = hstlc.dynamic_spectrum(glow), hstlc.dynamic_spectrum(path)
    assert halves.source.n.sum() == whole.source.n.sum()
    assert len(fits.getdata(path, 1)) < 0.6 * len(fits.getdata(glow, 1))


def test_a11_a_bin_without_counts_does_not_drop_its_exposure(tmp_path):
    """Faint exposures of a constant star: those that the original keeps are the lucky ones, or none."""
    paths = []
    for k in range(3):
        rootname = f'odefect{k + 3}0'
        source, start = Source('FAINT', spectrum=Spectrum(1e-16)), 58108.5 + 0.1 * k
        stis.write_first_order(tmp_path, rootname, source, exptime_s=100.0, seed=k, dark=2.0, airglow=0.0, start_mjd=start)
        paths.append(tmp_path / f'{rootname}_tag.fits')
    assert all(np.any(hstlc.read(path)['GROSS'] == 0) for path in paths)  # the original drops them all
    together = hstlc.composite(paths)
    assert sorted(set(together['DATASET'])) == [1, 2, 3]
    assert together['EXPTIME'].sum() == pytest.approx(300.0)
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


def test_a13_an_event_list_without_events_is_a_finding(tmp_path):
    """The original looked at the first and last of no times, in whatever order its checks came."""
    from hstlc.files.exposures import describe, facts, open_all
    from hstlc.model import Reason
    from hstlc.science.checks import findings

    write_cos(tmp_path, exptime_s=20.0, arrange=lambda columns: {name: values[:0] for name, values in columns.items()}, x1d=False)
    files = open_all(tuple(tmp_path / f'ldefect1q_corrtag_{letter}.fits' for letter in 'ab'))
    with pytest.raises(IndexError):
        events_of(files[0].path)[0]['TIME'][0]
    known = facts(files, describe(files, 'STAR'))
    settings = {'min_exptime_s': 1.0, 'bad_proposals': (99001,), 'strict_linear': False}
    reasons = [item.reason for item in findings(known, **settings)]
    assert reasons[0] is Reason.NO_EVENTS
    assert reasons == [item.reason for item in findings(known, **settings)]
    assert Reason.BAD_PROPOSAL in reasons


@pytest.mark.skipif(importlib.util.find_spec('lightcurve') is None, reason='lightcurve 0.6.2 is not installed')
def test_the_original_gives_almost_twice_the_rate_of_the_x1d(shared_data):
    import lightcurve

    path = shared_data / 'cos/ld9m10ujq_corrtag_a.fits'
    table = lightcurve.read(str(path), step=2)
    ours = hstlc.read(path, airglow='hstlc')
    assert np.mean(table['net']) > 1.6 * np.average(ours['NET'], weights=ours['EXPTIME'])
