import base64
import dataclasses

import numpy as np
import pytest
from archive_builders import exposure, light_curve

from hstlc.figures.columns import closed_time, columns, payload, rebinned, usable
from hstlc.model import Quality


def unpacked(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype=np.dtype(dtype))


@pytest.fixture
def curve():
    return light_curve([exposure(f'l{k}', start=55555.0 + 10 * k, exptime=301.0) for k in range(3)], shape='sinusoid')


def test_rebinning_keeps_every_count_and_every_second(curve):
    cols = columns(curve)
    for factor in (2, 3, 7, 1000):
        wide = rebinned(cols, factor)
        for name in ('live_s', 'gross', 'background', 'variance'):
            assert getattr(wide, name).sum() == pytest.approx(getattr(cols, name).sum(), rel=1e-12)


def test_rebinning_never_joins_two_exposures(curve):
    wide = rebinned(columns(curve), 1000)
    assert wide.dataset.tolist() == [1, 2, 3]
    for k in (1, 2, 3):
        assert wide.gross[k - 1] == curve.gross[curve.dataset == k].sum()


def test_rebinned_flux_is_the_mean_over_live_time(curve):
    wide = rebinned(columns(curve), 5)
    first = slice(0, 5)
    assert wide.flux[0] == pytest.approx(np.average(curve.flux[first], weights=curve.exptime_s[first]), rel=1e-12)
    assert wide.time_s[0] == pytest.approx(curve.times_s[first].mean())


def test_too_many_points_are_binned_and_the_payload_says_so(curve):
    cols = columns(curve, max_points=100)
    assert len(cols) <= 153  # a remainder per exposure
    assert cols.gross.sum() == curve.gross.sum()
    assert payload(curve)['factor'] == 1


def test_closed_gaps_keep_order_and_distances(curve):
    cols = columns(curve)
    shift, edges = closed_time(cols)
    x = cols.time_s + shift[cols.dataset - 1]
    assert np.all(np.diff(x) > 0)
    assert x[0] == 0
    assert len(edges) == 2
    for k, edge in enumerate(edges, 1):
        assert x[cols.dataset == k].max() < edge < x[cols.dataset == k + 1].min()


def test_payload_decodes_to_the_numbers_of_the_light_curve(curve):
    loaded = payload(curve)
    floats = {name: unpacked(text, '<f4') for name, text in loaded['floats'].items()}
    for name, expected in (
        ('gross', curve.gross),
        ('background', curve.background),
        ('flux', curve.flux),
        ('time_s', curve.times_s),
    ):
        np.testing.assert_allclose(floats[name], expected, rtol=1e-6)
    np.testing.assert_array_equal(unpacked(loaded['ints']['dataset'], '<u2'), curve.dataset)
    starts = np.array([one['start_mjd'] for one in loaded['exposures']])
    mjd = starts[curve.dataset - 1] + floats['time_s'].astype(float) / 86400
    np.testing.assert_allclose(mjd, curve.mjd, rtol=0, atol=2e-3 / 86400)


def test_low_exposure_is_not_drawn(curve):
    quality = curve.quality.copy()
    quality[3] = Quality.LOWEXP
    good = usable(columns(dataclasses.replace(curve, quality=quality)))
    assert not good[3]
    assert good[2]
