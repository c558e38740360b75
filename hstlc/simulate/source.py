"""Imaginary sources: how their brightness varies with time, and what they are."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from hstlc.model.arrays import Floats
from hstlc.simulate.spectrum import Spectrum

DAY_S = 86400.0


class Variation(Protocol):
    """How bright a source is at a time, relative to its spectrum."""

    def relative(self, mjd: Floats) -> Floats:
        """Return the brightness at Modified Julian Dates (UTC, at the telescope); 1 is the spectrum's own."""


@dataclass(frozen=True)
class Constant:
    """A source that does not vary."""

    def relative(self, mjd: Floats) -> Floats:
        """Return ones."""
        return np.ones_like(mjd)


@dataclass(frozen=True)
class Sinusoid:
    """1 + amplitude sin(2 pi (t - epoch) / period)."""

    period_s: float  # from crest to crest
    amplitude: float  # relative to the mean
    epoch_mjd: float = 58000.0  # where it rises through its mean

    def relative(self, mjd: Floats) -> Floats:
        """Return the brightness; never negative."""
        phase = (mjd - self.epoch_mjd) * DAY_S / self.period_s
        return np.maximum(1 + self.amplitude * np.sin(2 * np.pi * (phase - np.floor(phase))), 0)


@dataclass(frozen=True)
class Flares:
    """A quiet source with flares that rise fast and decay exponentially."""

    onsets_mjd: tuple[float, ...]  # when each begins to rise
    peaks: tuple[float, ...]  # added brightness at each peak, in units of the quiet one
    rise_s: float = 8.0  # from onset to peak, linear
    decay_s: float = 60.0  # to 1/e of the peak

    def relative(self, mjd: Floats) -> Floats:
        """Return the brightness; the quiet one is 1."""
        total = np.ones_like(mjd)
        for onset, peak in zip(self.onsets_mjd, self.peaks, strict=True):
            since = (mjd - onset) * DAY_S
            rise = np.clip(since / self.rise_s, 0, 1)
            total += peak * rise * np.exp(-np.clip(since - self.rise_s, 0, 50 * self.decay_s) / self.decay_s)
        return total


@dataclass(frozen=True)
class Eclipses:
    """Eclipses or transits: the depth, with linear ingress and egress, around every epoch + n period."""

    period_s: float  # from one eclipse to the next
    duration_s: float  # first to last contact
    depth: float  # part of the light that is lost, 0 to 1
    ingress_s: float = 30.0  # how long the fading takes, and the brightening
    epoch_mjd: float = 58000.0  # a mid-eclipse

    def relative(self, mjd: Floats) -> Floats:
        """Return the brightness; 1 outside eclipse."""
        phase = (mjd - self.epoch_mjd) * DAY_S / self.period_s
        distance = np.abs(phase - np.round(phase)) * self.period_s
        return 1 - self.depth * np.clip((self.duration_s / 2 - distance) / self.ingress_s, 0, 1)


@dataclass(frozen=True)
class Source:
    """A target of the imaginary archive. An empty field has a spectrum of zero."""

    name: str  # TARGNAME
    ra_deg: float = 150.0  # ICRS
    dec_deg: float = 2.2  # ICRS
    spectrum: Spectrum = field(default_factory=Spectrum)  # when the brightness is 1
    variation: Variation = field(default_factory=Constant)  # of the brightness with time
    description: str = 'STAR'  # TARDESCR

    def relative(self, start_mjd: float, time_s: Floats) -> Floats:
        """Return the brightness `time_s` seconds after `start_mjd`."""
        return self.variation.relative(start_mjd + time_s / DAY_S)
