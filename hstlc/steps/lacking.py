"""Reference files that light curves were made without, and those that are on this machine."""

import os
from pathlib import Path

from hstlc.files.referencefolders import UNUSABLE, reference_folders
from hstlc.model import Instrument, Outcome

NO_REFERENCE = 'W_NOREF'  # followed by a colon and the names of the files


def lacked(outcome: Outcome) -> set[str]:
    """Return the names of the reference files that were not on this machine when a light curve was made."""
    lists = [code.partition(':')[2] for code in outcome.warnings if code.startswith(f'{NO_REFERENCE}:')]
    return {name for text in lists for name in text.split(',') if not name.endswith(UNUSABLE)}


def at_hand(references: Path) -> set[str]:
    """Return the names of everything in the folders where reference files are looked for."""
    folders = {folder for instrume in Instrument for folder in reference_folders(instrume, references, os.environ)}
    return {entry.name for folder in folders if folder.is_dir() for entry in os.scandir(folder)}
