"""Errors of few counts: against astropy's intervals, their coverage, and what files and composites make of them."""

import numpy as np
import pytest
from astropy.stats import poisson_conf_interval
from builders import make_lightcurve

import hstlc
from hstlc.files.products import read_lightcurve, write_lightcurve
from hstlc.model import AsymmetricErrors
from hstlc.science.composite import combine
from hstlc.science.lowcounts import LOW_COUNTS, few_counts, poisson_errors
from hstlc.science.sums import Sums
from hstlc.simulate import cos
from hstlc.simulate.source import Source
from hstlc.simulate.spectrum import Spectrum


def test_intervals_are_those_of_astropy():
    n = np.arange(0.0, 30.0)
    low, high = poisson_errors(n)
    interval = poisson_conf_interval(n, 'frequentist-confidence')
    assert n - low == pytest.approx(interval[0], abs=1e-6)
    assert n + high == pytest.approx(interval[1], abs=1e-6)
    assert high[0] == pytest.approx(1.841, abs=5e-4)
    assert low[0] == 0


def weighted(rng, mean, bins, weights):
    """Return the sums of events of unequal weights, `mean` of them in each bin."""
    n = rng.poisson(mean, bins)
    bin_of = np.repeat(np.arange(bins), n)
    w, f = (rng.choice(values, len(bin_of)) for values in weights)
    return Sums(n=n, **{name: np.bincount(bin_of, item, bins) for name, item in (('w', w), ('w2', w**2), ('f', f), ('f2', f**2))})


COUNTS, FLUX = (0.9, 1.1), (1e-13, 2e-13)


@pytest.mark.parametrize(('mean', 'least'), [(0.5, 0.85), (1.0, 0.85), (3.0, 0.72), (6.0, 0.70), (40.0, 0.66)])
def test_intervals_hold_the_truth_as_often_as_they_should(mean, least):
    """At least 68 %, and more where counts are whole numbers and few; the symmetric error of few counts holds it too rarely."""
    rng = np.random.default_rng(4)
    source = weighted(rng, mean + 0.5, 20_000, (COUNTS, FLUX))
    background = weighted(rng, 2.0, 20_000, ((0.25,), (0.375e-13,)))
    errors = few_counts(source, background, (1.0, 1.0))
    for net, low, high, truth in (
        (source.w - background.w, errors.counts_low, errors.counts_high, mean),
        (source.f - background.f, errors.band_flux_low, errors.band_flux_high, mean * 1.5e-13),
    ):
        inside = (net - low <= truth) & (truth <= net + high)
        assert least <= inside.mean() <= 0.97


def test_many_counts_have_the_same_error_in_both_directions():
    rng = np.random.default_rng(5)
    source, background = weighted(rng, 12.0, 500, (COUNTS, FLUX)), weighted(rng, 5.0, 500, (COUNTS, FLUX))
    errors, many = few_counts(source, background, (0.5, 0.4)), source.n >= LOW_COUNTS
    assert 100 < many.sum() < 500
    for low, high, variance in (
        (errors.counts_low, errors.counts_high, source.w2 + 0.25 * background.w2),
        (errors.band_flux_low, errors.band_flux_high, source.f2 + 0.16 * background.f2),
    ):
        assert low[many] == pytest.approx(np.sqrt(variance[many]), rel=1e-12)
        assert high[many] == pytest.approx(np.sqrt(variance[many]), rel=1e-12)
        assert np.all(high[~many] > low[~many])


def test_nothing_at_all_has_no_flux_error():
    nothing = Sums(n=np.zeros(3, np.int64), **dict.fromkeys(('w', 'w2', 'f', 'f2'), np.zeros(3)))
    errors = few_counts(nothing, nothing, (1.0, 1.0))
    assert errors.counts_high == pytest.approx(1.841, abs=5e-4)
    assert np.all(errors.counts_low == 0)
    assert np.all(errors.band_flux_low == 0)
    assert np.all(np.isnan(errors.band_flux_high))


def test_a_faint_exposure_has_them_in_its_columns(tmp_path):
    cos.write_fuv(tmp_path, 'lfaint01q', Source('FAINT', spectrum=Spectrum(2e-17)), exptime_s=60.0, seed=1, segments=('FUVA',))
    table = hstlc.read(tmp_path / 'lfaint01q_corrtag_a.fits')
    empty, many = np.array(table['N_SRC'] == 0), np.array(table['N_SRC'] >= LOW_COUNTS)
    assert empty.any()
    assert not many.any()
    for name in ('NET', 'FLUX'):
        symmetric, low, high = (np.array(table[f'{name}_ERR{side}']) for side in ('', '_LO', '_HI'))
        assert low[empty] == pytest.approx(symmetric[empty])  # that of the background
        assert np.all(high[empty] > 1.5 * np.max(symmetric[empty]))
        assert np.all(high > low)
        assert np.all(np.isfinite(high))
    assert np.all(table['NET_ERR_HI'][empty] > 1.84 / table['EXPTIME'][empty])


def test_they_survive_the_disk_and_old_files_are_read_without(tmp_path):
    from astropy.io import fits

    side = {name: np.arange(1.0, 6.0) * k for k, name in enumerate(AsymmetricErrors.__dataclass_fields__, start=1)}
    curve = make_lightcurve([0, 1, 4, 20, 2], errors=AsymmetricErrors(**side))
    write_lightcurve(tmp_path / 'x_curve.fits', curve)
    again = read_lightcurve(tmp_path / 'x_curve.fits')
    for name, values in side.items():
        assert getattr(again.both_errors, name) == pytest.approx(values, rel=1e-12)
    with fits.open(tmp_path / 'x_curve.fits', mode='update') as hdus:
        for name in ('NET_ERR_LO', 'NET_ERR_HI', 'FLUX_ERR_LO', 'FLUX_ERR_HI'):
            hdus[1].columns.del_col(name)
    old = read_lightcurve(tmp_path / 'x_curve.fits')
    assert old.errors is None
    assert old.both_errors.counts_low == pytest.approx(np.sqrt(curve.variance))


def test_those_of_a_composite_are_densities_over_each_members_own_width():
    one = make_lightcurve([1, 2, 3])
    errors = AsymmetricErrors(**{name: np.ones(3) for name in AsymmetricErrors.__dataclass_fields__})
    wide, narrow = (make_lightcurve([1, 2, 3], errors=errors, band_width_aa=width) for width in (120.0, 40.0))
    both = combine([wide, narrow])
    assert both.band_width_aa == 80.0
    assert both.both_errors.band_flux_low / both.band_width_aa == pytest.approx([1 / 120] * 3 + [1 / 40] * 3)
    assert both.both_errors.counts_high == pytest.approx(np.ones(6))
    assert combine([one]).both_errors.counts_low == pytest.approx(np.sqrt(one.variance))
