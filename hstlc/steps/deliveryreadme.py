"""The read-me file of a delivery: contact, date, version, references, columns, flags."""

from hstlc import __version__
from hstlc.files.columns import COLUMNS
from hstlc.files.headers import LICENSE, LICENSE_URL
from hstlc.files.products import PROVENANCE_COLUMNS
from hstlc.model import QUALITY_MEANINGS
from hstlc.settings import Settings

NAME = 'hlsp_hstlc_readme.md'
INTRODUCTION = """\
Ultraviolet light curves from public COS and STIS TIME-TAG observations of the Hubble Space Telescope: background-subtracted, and
calibrated in flux. Each file holds all exposures of one target in one configuration (grating or mirror, central wavelength,
aperture), over the wavelengths that they share. Made by hstlc from event lists of the archive.
"""
FILES = """\
| File | Content |
|---|---|
| `hlsp_hstlc_hst_<instrument>_<target>_<element>-<wavelength>-<aperture>_v<version>_lc.fits` | a light curve |
| the same with `_preview.png` | its picture |
| `hlsp_hstlc_hst_cos-stis_all_multi_v<version>_cat.fits`, `.ecsv`, `.csv` | catalog of these light curves, columns of ObsCore |
| `hlsp_hstlc_hst_cos-stis_all_multi_v<version>_list.csv` | every file: size, SHA-256, source exposures, versions before |

A light-curve file has the extensions `LIGHTCURVE` (one row per time bin), `GTI` (good time intervals, seconds since MJDREF) and
`PROVENANCE` (one row per exposure). Times are UTC at the telescope; `BJD_TDB` is barycentric. Zero-count bins are measurements and
stay; a bin without good time has no row.

When the numbers of a light curve change, because its data were calibrated anew or exposures were added, its version rises. The
list has the versions before as superseded.
"""


def readme(settings: Settings, *, day: str, version: int, products: int) -> str:
    """Return the text of the read-me file.

    Parameters
    ----------
    settings : Settings
        They give contact, DOI, reference and site.
    day : str
        Of the last change, ISO 8601.
    version : int
        Of the delivery.
    products : int
        Number of light curves.
    """
    facts = (
        ('Contact', settings.contact), ('Date', day), ('Version', f'v{version}, made by hstlc {__version__}'),
        ('Light curves', str(products)), ('DOI', settings.doi), ('Reference', settings.reference), ('Site', settings.site_url),
        ('Licence', f'{LICENSE}, {LICENSE_URL}'),
    )  # fmt: skip
    parts = [
        '# HSTLC: Hubble Space Telescope Light Curves\n',
        INTRODUCTION,
        '\n'.join(f'- {name}: {value}' for name, value in facts if value) + '\n',
        '## Files\n',
        FILES,
        '## Columns of LIGHTCURVE\n',
        _table(('Column', 'Unit', 'Meaning'), [(f'`{one.name}`', one.unit or '', one.meaning) for one in COLUMNS]),
        '`NET_ERR` and `FLUX_ERR` are the errors to use; `ERROR` is that of the original hstlc.\n',
        '## Bits of QUALITY\n',
        _table(('Bit', 'Name', 'Meaning'), [(str(int(bit)), f'`{bit.name}`', text) for bit, text in QUALITY_MEANINGS.items()]),
        '## Columns of PROVENANCE\n',
        ', '.join(f'`{name}`' for name, _, _ in PROVENANCE_COLUMNS) + '\n',
    ]
    return '\n'.join(parts)


def _table(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [names, tuple('---' for _ in names), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines) + '\n'
