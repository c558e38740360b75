import io
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from archive_builders import HOSTILE, exposure, light_curve
from matplotlib import image

from hstlc.figures import periodogram, static
from hstlc.figures.canvas import _furnished


@dataclass
class Range:
    periods_s: np.ndarray
    power: np.ndarray
    mean: float
    three_sigma: float
    significant_s: np.ndarray


def pixels(content):
    return image.imread(io.BytesIO(content))


@pytest.mark.parametrize('calibrated', [True, False])
def test_the_same_light_curve_gives_the_same_bytes(calibrated):
    lc = light_curve([exposure('l1', exptime=100.0)], calibrated=calibrated)
    one = static.light_curve_png(lc, HOSTILE)
    other = light_curve([exposure('l2', exptime=900.0)])
    assert static.light_curve_png(other, 'other') != one
    assert static.light_curve_png(lc, HOSTILE) == one
    assert b'Software' not in one
    assert pixels(one).shape[:2] == (528, 960)


def test_thumbnail_is_small_and_transparent():
    picture = pixels(static.thumbnail_png(light_curve([exposure('l1')], shape='flare')))
    assert picture.shape == (120, 320, 4)
    assert picture[0, 0, 3] == 0
    assert picture[..., 3].max() == 1


def test_nothing_to_draw_is_said_and_not_an_error():
    lc = light_curve([exposure('l1', exptime=20.0)])
    lc.exptime_s[:] = 0.0
    assert pixels(static.light_curve_png(lc, 'empty')).shape[2] == 4


def test_periodogram_marks_what_stands_out():
    periods = np.linspace(3600, 36000, 500)
    power = np.where(np.arange(500) == 250, 0.9, 0.01)
    quiet = Range(periods, np.full(500, 0.01), 0.01, 0.02, np.array([]))
    peak = Range(periods, power, 0.02, 0.1, periods[250:251])
    drawn = periodogram.periodogram_png([peak], 'one')
    assert drawn == periodogram.periodogram_png([peak], 'one')
    assert drawn != periodogram.periodogram_png([quiet], 'one')
    assert periodogram.periodogram_png([], 'none')


def test_a_picture_does_not_depend_on_what_was_drawn_before():
    empty = light_curve([exposure('l1', exptime=20.0)])
    empty.exptime_s[:] = 0.0
    long = light_curve([exposure('l1', exptime=9000.0), exposure('l2', exptime=100.0)], calibrated=True, shape='flare')
    rate = light_curve([exposure('l3', exptime=300.0)], calibrated=False)
    periods = np.linspace(60, 36000, 500)
    ranges = [Range(periods / k, np.linspace(0, k, 500), 0.02 * k, 0.1, periods[:k] / k) for k in (1, 5, 60)]
    draws = [
        *(
            partial(draw, lc)
            for lc in (empty, long, rate)
            for draw in (partial(static.light_curve_png, text='x'), static.thumbnail_png)
        ),
        *(partial(periodogram.periodogram_png, ranges[k:n], 'x') for k, n in ((0, 1), (1, 2), (0, 3), (2, 2))),
    ]
    first = []
    for draw in draws:
        _furnished.cache_clear()
        first.append(draw())
    assert len(set(first)) == len(first)
    for order in (range(len(draws)), reversed(range(len(draws)))):
        for k in order:
            assert draws[k]() == first[k]
