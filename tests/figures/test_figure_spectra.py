import io

import numpy as np
import pytest
from archive_builders import exposure
from matplotlib import image

from hstlc.figures.canvas import _furnished
from hstlc.figures.spectra import dynamic_spectrum_png, picture
from hstlc.model import Cells, DynamicSpectrum, FluxSource


def spectrum(n_time=100, line=165, live=1.0):
    """Return a dynamic spectrum of 1 Angstrom cells: a line of 20 counts upon 1, a background of 0.1, column 45 missing."""
    n_wave = 260
    time, wave = np.divmod(np.arange(n_time * n_wave), n_wave)

    def cells(w):
        return Cells(time=time.astype(np.int32), wave=wave.astype(np.int16), n=np.ones(len(w), np.int32), w=w, w2=w, f=w, f2=w)

    return DynamicSpectrum(
        exposure=exposure('l1'), t0_mjd=55555.0, start_s=0.0, step_s=1.0, live_s=np.full(n_time, live),
        bjd_offset_s=np.zeros(n_time), sun_alt_deg=np.zeros(n_time), quality=np.zeros(n_time, np.int64), wave0_aa=1170.0,
        wave_step_aa=1.0, good_width_aa=np.where(np.arange(n_wave) == 45, 0.0, 1.0), x1d_background=np.full(n_wave, np.nan),
        x1d_background_flux=np.full(n_wave, np.nan), source=cells(np.where(wave == line, 20.0, 1.0)),
        background=cells(np.full(len(time), 0.1)), gti_s=np.array([[0.0, n_time]]), flux_source=FluxSource.X1D, hstpos='NONE',
        time_error_s=0.0, wmin_aa=1170.0, wmax_aa=1430.0,
    )  # fmt: skip


def test_the_spectrum_beside_is_the_mean_rate_of_all_exposures():
    found = picture([spectrum(), spectrum(n_time=50, live=0.5)], 2, (1170.0, 1430.0))
    seconds, counts = 100 + 25, 150
    assert found.spectrum[165] == pytest.approx(19.9 * counts / seconds)
    assert found.spectrum[10] == pytest.approx(0.9 * counts / seconds)
    assert np.flatnonzero(~np.isfinite(found.spectrum)).tolist() == [45]


def test_no_count_is_lost_by_binning_in_time():
    found = picture([spectrum(n_time=1000)], 1, (1170.0, 1430.0))
    (rates,), (edges,) = found.rates, found.times_s
    assert len(rates) == 480
    live = np.bincount(np.arange(1000) * 480 // 1000)
    assert np.dot(rates[:, 165], live) == pytest.approx(19.9 * 1000)
    assert edges[-1] == 1000


def test_gaps_between_exposures_are_closed_but_seen():
    found = picture([spectrum(), spectrum()], 2, (1170.0, 1430.0))
    assert found.times_s[0][-1] < found.times_s[1][0] < 1.1 * found.times_s[0][-1]


def test_the_same_spectrum_gives_the_same_bytes_and_airglow_does_not_hide_it():
    found = picture([spectrum()], 1, (1170.0, 1430.0))
    one = dynamic_spectrum_png(found, 'one')
    assert image.imread(io.BytesIO(one)).shape[:2] == (432, 960)
    assert dynamic_spectrum_png(found, 'one') == one
    assert dynamic_spectrum_png(found, 'one', [(1330.0, 1340.0)]) != one


def test_a_spectrum_does_not_depend_on_what_was_drawn_before():
    found = [picture(list(members), len(members), (1170.0, 1430.0)) for members in ([spectrum()], [spectrum(50), spectrum(1000)])]
    first = []
    for one in found:
        _furnished.cache_clear()
        first.append(dynamic_spectrum_png(one, 'x'))
    assert [dynamic_spectrum_png(one, 'x') for one in found] == first


def test_where_nothing_was_measured_there_is_no_picture():
    assert picture([], 0, (1170.0, 1430.0)) is None
    assert picture([spectrum()], 1, (2000.0, 2100.0)) is None
