"""The errors that hstlc raises; each message names the file and the remedy.

    HstlcError
        SettingsError        a setting is unknown, missing or of the wrong kind
        InputError           a file of the archive or of the user cannot be used
            UnreadableError      not a FITS file, truncated, or not the product its name says
        StateError           the home directory is not what it should be (locked, foreign, damaged)
        ArchiveError         the archive of MAST does not answer as it should; nothing was changed, try again later
        IncompleteError      some files could not be fetched; the next download tries them again

Bad data that are expected (a short exposure, a closed shutter) are not errors: they are values, see `hstlc.model.Rejection`.
"""

from collections.abc import Sequence


class HstlcError(Exception):
    """Something that a person must act on."""

    exit_code = 1  # of doit, where the error ends a task that was asked for alone


class SettingsError(HstlcError):
    """A setting is unknown, missing or of the wrong kind."""


class InputError(HstlcError):
    """A file cannot be used; the message names it and says what to do."""


class UnreadableError(InputError):
    """A file is not FITS, is truncated, or is not the product that its name says."""


class StateError(HstlcError):
    """The home directory is not what it should be."""


class ArchiveError(HstlcError):
    """The archive does not answer as it should; it may do so later."""

    exit_code = 4


class IncompleteError(HstlcError):
    """Some files could not be fetched."""

    exit_code = 5


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first of many names, for a message."""
    return ', '.join(names[:most]) + (', ...' if len(names) > most else '')
