"""Draws the pictures of content/caveats.md and content/data.md from simulated exposures: python -m tests.caveat_figures."""

import tempfile
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from astropy.io import fits
from astropy.timeseries import LombScargle
from PIL import Image

import hstlc
from hstlc.model import Linearity
from hstlc.science.mama import dead_time_factor
from hstlc.simulate import cos, stis
from hstlc.simulate.source import Flares, Source
from hstlc.simulate.spectrum import Spectrum, emission_lines

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / 'content' / 'images'
COLOURS = 64
ORBIT_S = 5717.8
DAY_S = 86400.0
SUNSET = {'ra_deg': 290.0, 'dec_deg': 2.2}  # where Hubble sees the Sun set in the middle of an exposure of MJD 58000
TAU_S = 2.8e-7  # dead time of a MAMA


def save(figure, name):
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / 'figure.png'
        figure.savefig(path, dpi=100)
        plt.close(figure)
        Image.open(path).convert('RGB').quantize(COLOURS).save(PICTURES / f'{name}.png', optimize=True)


def panels(number, height=3.0, **options):
    return plt.subplots(number, sharex=True, figsize=(7, height), layout='constrained', **options)


def airglow(folder):
    star = Source('SIM-STAR', spectrum=Spectrum(4e-16), **SUNSET)
    cos.write_fuv(folder, 'lsim70a1q', star, exptime_s=1000.0, seed=5, start_mjd=58000.0, segments=('FUVB',), airglow=3.0)
    path = folder / 'lsim70a1q_corrtag_b.fits'
    kept, out = (hstlc.read(path, step=20, airglow=windows) for windows in ('none', 'auto'))
    figure, (above, below) = panels(2, 4.0)
    above.step(kept['TIMES'], kept['NET'], where='mid', color='C1', label='Lyman alpha and O I in the band')
    above.step(out['TIMES'], out['NET'], where='mid', color='C0', label='as hstlc makes it')
    above.set(ylabel='NET, counts/s', ylim=(0, None))
    above.legend(frameon=False)
    below.plot(out['TIMES'], out['AIRGLOW'], color='C1')
    below.set(ylabel='AIRGLOW, counts/s', xlabel='seconds since the start', ylim=(0, None))
    save(figure, 'caveats-airglow')


def orbit(folder):
    """Ten exposures in ten orbits, each half a day side and half a night."""
    curves = {'none': [], 'auto': []}
    for k in range(10):
        name = f'lsim71a{k}q'
        star = Source('SIM-STAR', spectrum=Spectrum(1e-15), **SUNSET)
        start = 58000.0 + k * ORBIT_S / DAY_S
        cos.write_fuv(folder, name, star, exptime_s=1200.0, seed=9, start_mjd=start, segments=('FUVB',))
        for windows, found in curves.items():
            found.append(hstlc.read(folder / f'{name}_corrtag_b.fits', step=30, airglow=windows))
    frequency = np.linspace(1 / 40000, 1 / 1500, 4000)
    figure, axes = panels(1)
    for windows, colour, label in (('none', 'C1', 'with airglow in the band'), ('auto', 'C0', 'as hstlc makes it')):
        mjd, net, error = (np.concatenate([one[name] for one in curves[windows]]) for name in ('MJD', 'NET', 'NET_ERR'))
        axes.plot(1 / frequency / 60, LombScargle(mjd * DAY_S, net, error).power(frequency), color=colour, label=label, lw=0.9)
    axes.axvline(ORBIT_S / 60, lw=0.6, color='0.4', ls=':')
    axes.set(xscale='log', xlabel='period, minutes', ylabel='Lomb-Scargle power', ylim=(0, None))
    axes.minorticks_off()
    axes.set_xticks([30, 48, 96, 200, 500], ['30', '48', '96', '200', '500'])
    axes.legend(frameon=False)
    save(figure, 'caveats-orbit')


def dark_glow(folder):
    star = Source('SIM-STAR', spectrum=Spectrum(2e-16))
    stis.write_first_order(folder, 'osim72010', star, exptime_s=1400.0, seed=2, dark=60.0, dark_ramp=5.0)
    curve = hstlc.read(folder / 'osim72010_tag.fits', step=40)
    figure, axes = panels(1)
    for name, colour in (('GROSS', 'C1'), ('BACKGROUND', '0.5')):
        axes.step(curve['TIMES'], curve[name] / curve['EXPTIME'], where='mid', color=colour, label=name)
    axes.errorbar(curve['TIMES'], curve['NET'], curve['NET_ERR'], fmt='o', ms=3, color='C0', label='NET')
    axes.set(xlabel='seconds since the start', ylabel='counts/s', ylim=(0, None))
    axes.legend(frameon=False)
    save(figure, 'caveats-dark-glow')
    print('dark glow: NET, first third and last third', curve['NET'][:12].mean(), curve['NET'][-12:].mean())


def dead_time():
    """A bright star flares: what a MAMA counts, and what is made of it."""
    rng = np.random.default_rng(1)
    seconds = np.arange(0.5, 300)
    flare = Flares((100 / DAY_S,), (5.0,), decay_s=40.0)
    true = 6e4 * flare.relative(seconds / DAY_S)
    seen = rng.poisson(true * np.exp(-true * TAU_S)).astype(float)
    factor = dead_time_factor(seen, Linearity(tau_s=TAU_S, global_limit=2.7e5))
    figure, (above, below) = panels(2, 4.0)
    above.plot(seconds, true, color='0.5', lw=3, alpha=0.5, label='true')
    above.plot(seconds, seen, color='C1', lw=0.9, label='counted')
    above.plot(seconds, seen * factor, color='C0', lw=0.9, label='corrected')
    above.set(ylabel='counts/s')
    above.legend(frameon=False)
    below.plot(seconds, 100 * (1 - seen / true), color='C1', lw=0.9)
    below.plot(seconds, 100 * (1 - seen * factor / true), color='C0', lw=0.9)
    below.set(xlabel='seconds since the start', ylabel='lost, %')
    save(figure, 'caveats-dead-time')
    print('dead time: lost at rest and at the peak, %', *np.round(100 * (1 - np.exp(-TAU_S * true[[0, true.argmax()]])), 1))


def partial_bins(folder):
    star = Source('SIM-STAR', spectrum=Spectrum(2e-15))
    gaps = ((63.0, 97.0), (171.0, 183.0))
    cos.write_fuv(folder, 'lsim73a1q', star, exptime_s=257.0, seed=3, segments=('FUVA',), gaps_s=gaps)
    curve = hstlc.read(folder / 'lsim73a1q_corrtag_a.fits', step=10)
    part = curve['FRACEXP'] < 0.999
    figure, (above, below) = panels(2, 4.0)
    for axes, name, error in ((above, 'COUNTS', 'ERROR'), (below, 'NET', 'NET_ERR')):
        for rows, colour, label in ((~part, 'C0', 'whole bins'), (part, 'C1', 'partial bins')):
            axes.errorbar(curve['TIMES'][rows], curve[name][rows], curve[error][rows], fmt='o', ms=3, color=colour, label=label)
        axes.set(ylim=(0, None))
        for start, stop in gaps:
            axes.axvspan(start, stop, color='0.9')
    above.set(ylabel='COUNTS per bin')
    above.legend(frameon=False, loc='lower right')
    below.set(ylabel='NET, counts/s', xlabel='seconds since the start')
    save(figure, 'caveats-partial-bins')


def event_list(folder):
    """What a TIME-TAG file holds: events on the detector, in time, and in wavelength."""
    star = Source('SIM-FLARE-STAR', spectrum=Spectrum(1e-15, lines=emission_lines(2e-14)), variation=Flares((58000.001,), (6.0,)))
    cos.write_fuv(folder, 'lsim74a1q', star, exptime_s=240.0, seed=4, start_mjd=58000.0, segments=('FUVA',))
    events = fits.getdata(folder / 'lsim74a1q_corrtag_a.fits', 'EVENTS')
    x, y, time = (events[name] for name in ('XFULL', 'YFULL', 'TIME'))
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout='constrained', width_ratios=(2, 1))
    left.plot(x[::3], y[::3], ',', color='C0', alpha=0.6)
    left.set(xlabel='along the spectrum, pixels', ylabel='across, pixels', ylim=(300, 700))
    right.hist(time, np.arange(0, 241, 2), histtype='step', color='C0')
    right.set(xlabel='seconds since the start', ylabel='events in 2 s')
    save(figure, 'data-events')
    light_curve(folder / 'lsim74a1q_corrtag_a.fits')


def light_curve(path):
    curve = hstlc.read(path, step=4)
    figure, axes = panels(1)
    for name, colour in (('GROSS', 'C1'), ('BACKGROUND', '0.5'), ('COUNTS', 'C0')):
        axes.step(curve['TIMES'], curve[name], where='mid', color=colour, label=name, lw=1)
    axes.set(xlabel='seconds since the start', ylabel='counts per bin of 3.97 s', ylim=(0, None))
    axes.legend(frameon=False)
    save(figure, 'data-light-curve')


def main():
    mpl.use('Agg')
    plt.rcParams.update({'font.size': 9, 'axes.spines.top': False, 'axes.spines.right': False})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for draw in (airglow, orbit, dark_glow, partial_bins, event_list):
            draw(folder)
        dead_time()


if __name__ == '__main__':
    main()
