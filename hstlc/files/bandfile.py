"""Band light curves: one table like LIGHTCURVE for each emission line and continuum window, in one file."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hstlc.errors import UnreadableError
from hstlc.files.bintable import primary, save
from hstlc.files.fitsfile import open_fits
from hstlc.files.headers import primary_cards
from hstlc.files.products import curve_table, gti_table, light_curves_of, provenance_table
from hstlc.model import LightCurve, Provenance

SUFFIX = '_bands.fits'


def extension_name(band: str) -> str:
    """Return the name of a band's extension: upper-case letters, digits and underscores."""
    return re.sub(r'[^A-Z0-9]+', '_', band.upper()).strip('_')


def write_bands(path: Path, curves: Mapping[str, LightCurve], *, doi: str = '') -> None:
    """Write the light curves of bands, by name; all of the same exposures, bins and good time.

    Parameters
    ----------
    path : Path
        The file; replaced whole, and only if its content changes.
    curves : mapping
        At least one, each of at least one bin.
    doi : str
        Written as keyword DOI when given.
    """
    first = next(iter(curves.values()))
    head = primary([*primary_cards(first, path.name, doi), ('NBANDS', len(curves), 'number of bands')])
    tables = [
        curve_table(curve, extension_name(name), after=(('BANDNAME', name, 'name of the band'),)) for name, curve in curves.items()
    ]
    save(path, head, *tables, gti_table(first), provenance_table(_over_all(list(curves.values()))))


def _over_all(curves: list[LightCurve]) -> tuple[Provenance, ...]:
    """Return the exposures with the wavelengths from the first band's start to the last one's end."""
    rows = zip(*(curve.provenance for curve in curves), strict=True)
    return tuple(
        replace(
            same[0],
            minwave_aa=min((row.minwave_aa for row in same if row.minwave_aa is not None), default=None),
            maxwave_aa=max((row.maxwave_aa for row in same if row.maxwave_aa is not None), default=None),
            warnings=tuple(dict.fromkeys(code for row in same for code in row.warnings)),
        )
        for same in rows
    )


def read_bands(path: Path) -> dict[str, LightCurve]:
    """Read the light curves that `write_bands` wrote, by name of the band.

    Raises
    ------
    UnreadableError
        The file is missing, damaged or holds no bands.
    """
    with open_fits(path, 'band light curves of hstlc', 'delete it and run doit again') as hdus:
        found = {str(hdu.header['BANDNAME']): hdu.name for hdu in hdus[1:] if 'BANDNAME' in hdu.header}
        if not found:
            raise UnreadableError(f'{path} holds no light curves of bands')
        return dict(zip(found, light_curves_of(hdus, found.values()), strict=True))
