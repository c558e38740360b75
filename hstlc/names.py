"""Keys and targets to the names of files: built here and never parsed back."""

import functools
import hashlib
import re
import unicodedata

from hstlc.model import GroupKey

MAX_TARGET = 30
MAX_DIRECTORY = 60
MAX_PART = 40  # of a composite's optical element and aperture
MAX_FIELD = 20  # of a delivered name's instrument and optical element
NOT_A_TARGET = ('index', 'machine', 'site', 'guide')  # what tasks beside those of targets are called
SUFFIX_LENGTH = 4  # hexadecimal digits that tell sanitised names apart


def curve_stem(rootname: str) -> str:
    """Return the file name, without ending, of an individual light curve."""
    return f'{rootname}_curve'


@functools.cache
def composite_stem(key: GroupKey) -> str:
    """Return the file name, without ending, of a composite light curve."""
    parts = (
        'hlsp_hstlc_hst', f'{key.instrume.lower()}-{key.detector.lower()}', file_form(key.targname),
        _plain_part(key.opt_elem), str(key.cenwave), _plain_part(key.aperture), 'v1_sci',
    )  # fmt: skip
    return '_'.join(parts)


def delivered_name(key: GroupKey, version: int, kind: str = 'lc', ending: str = 'fits') -> str:
    """Return the file name of a composite as MAST's rules have it: at most nine fields.

    Parameters
    ----------
    key : GroupKey
        The configuration.
    version : int
        From 1.
    kind, ending : str
        Product type, `lc` or `preview`, and the ending without its dot.
    """
    detector = key.detector.lower().removesuffix('-mama')
    return f'hlsp_hstlc_hst_{key.instrume.lower()}-{detector}_{file_form(key.targname)}_{_element(key)}_v{version}_{kind}.{ending}'


def _element(key: GroupKey) -> str:
    """Return grating, wavelength and aperture as one field; digits of a hash where it had to be cut."""
    whole = '-'.join((_plain_part(key.opt_elem), str(key.cenwave), _plain_part(key.aperture)))
    plain = re.sub('-{2,}', '-', whole.replace('.', ''))
    if len(plain) <= MAX_FIELD:
        return plain
    return f'{plain[: MAX_FIELD - SUFFIX_LENGTH - 1].rstrip("+-")}-{_digest(whole)}'


def collection_name(version: int, kind: str, ending: str) -> str:
    """Return the file name of the list (`list`) or the catalog (`cat`) of a delivery."""
    return f'hlsp_hstlc_hst_cos-stis_all_multi_v{version}_{kind}.{ending}'


def _plain_part(text: str) -> str:
    """Return text as part of a file name; digits of a hash where different texts could meet, but for the usual N/A."""
    lower = text.lower()
    clean = re.sub(r'[^a-z0-9.+-]+', '-', lower).strip('-.+') or 'none'
    if lower in (clean, 'n/a', '') and len(clean) <= MAX_PART:
        return clean
    return f'{clean[: MAX_PART - SUFFIX_LENGTH - 1]}-{_digest(lower)}'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:SUFFIX_LENGTH]


def file_form(targname: str) -> str:
    """Return a target's name as file names and page addresses use it.

    Lower-case ASCII of at most 30 characters from a-z 0-9 + . -, alphanumeric at both ends, with a letter; where two
    different names could meet, or a task of other pages, four digits of a hash keep them apart.
    """
    lower = targname.strip().lower()
    ascii_form = unicodedata.normalize('NFKD', lower).encode('ascii', 'ignore').decode()
    clean = re.sub(r'-{2,}', '-', re.sub(r'[^a-z0-9+.-]+', '-', ascii_form)).strip('+.-')
    lossy = clean != lower or clean in NOT_A_TARGET
    if len(clean) < 2 or not re.search('[a-z]', clean):
        clean = f'obj-{clean}'.strip('-')
    if lossy or len(clean) > MAX_TARGET:
        clean = clean[: MAX_TARGET - SUFFIX_LENGTH - 1].rstrip('+.-')
        return f'{clean}-{_digest(lower)}'
    return clean


@functools.cache
def directory_name(targname: str) -> str:
    """Return a target's name as the directories in filesystem/ and outputs/ carry it: the name itself, made safe."""
    safe = re.sub(r'[/\\\x00-\x1f\x7f]', '_', targname.strip())
    safe = re.sub(r'^\.+', '_', safe) or '_'
    if safe.lower() == 'composite':  # outputs/composite holds the composites
        safe = f'{safe}_'
    if safe != targname or len(safe.encode()) > MAX_DIRECTORY:
        cut = safe.encode()[: MAX_DIRECTORY - SUFFIX_LENGTH - 1].decode('utf-8', 'ignore')
        return f'{cut}-{_digest(targname)}'
    return safe
