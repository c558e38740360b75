"""One archive file per target with its products."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from hstlc.files.output import replacing

EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can state: the same products give the same bytes
MODE = 0o100644 << 16
BLOCK = 1 << 20


def write_bundle(bundle: Path, folder: str, products: Sequence[Path]) -> None:
    """Write files into a zip file, uncompressed, in a folder of their own; without files it is removed.

    Parameters
    ----------
    bundle : Path
        The zip file; replaced whole, and only if its content changes.
    folder : str
        Name of the folder in it.
    products : sequence of Path
        The files.
    """
    if not products:
        bundle.unlink(missing_ok=True)
        return
    with replacing(bundle) as part, zipfile.ZipFile(part, 'w', zipfile.ZIP_STORED) as archive:
        for product in sorted(products):
            entry = zipfile.ZipInfo(f'{folder}/{product.name}', EARLIEST)
            entry.external_attr = MODE
            entry.file_size = product.stat().st_size  # decides whether it needs the format for large files
            with product.open('rb') as source, archive.open(entry, 'w') as target:
                while block := source.read(BLOCK):
                    target.write(block)
