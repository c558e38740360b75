"""Light curves of emission lines and continuum windows, beside the light curve of an exposure or a composite."""

from collections.abc import Mapping
from pathlib import Path

from hstlc.files.bandfile import write_bands
from hstlc.files.output import sha256
from hstlc.files.tables import load_bands
from hstlc.model import DynamicSpectrum, LightCurve, Product
from hstlc.paths import Paths
from hstlc.science.namedbands import Windows, band_light_curves
from hstlc.settings import Settings

Limits = tuple[float | None, float | None]


def find_bands(
    settings: Settings, spectrum: DynamicSpectrum, whole: LightCurve, windows: Windows, limits_aa: Limits
) -> dict[str, LightCurve]:
    """Return the light curves of the bands that an exposure holds, by name; see `science.namedbands`."""
    return band_light_curves(
        spectrum, load_bands(), whole, windows, limits_aa=limits_aa, step_s=settings.step, min_fracexp=settings.min_fracexp
    )


def save_bands(settings: Settings, curve: Path, bands: Mapping[str, LightCurve]) -> Product | None:
    """Write the band light curves beside a light curve; without any no file is left there."""
    paths = Paths(settings)
    path = paths.bands(paths.relative(curve))
    if not bands:
        path.unlink(missing_ok=True)
        return None
    write_bands(path, bands, doi=settings.doi)
    return Product(path=paths.relative(path), bytes=path.stat().st_size, sha256=sha256(path))
