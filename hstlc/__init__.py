"""hstlc: ultraviolet light curves from Hubble COS and STIS TIME-TAG observations."""

from typing import TYPE_CHECKING, Any

__version__ = '0.1.0'
__all__ = ['__version__', 'composite', 'dynamic_spectrum', 'read', 'statistics']

if TYPE_CHECKING:
    from hstlc.api import composite, dynamic_spectrum, read, statistics


def __getattr__(name: str) -> Any:
    """Load the functions for interactive use when one is asked for: importing hstlc alone costs nothing."""
    if name in __all__:
        from hstlc import api

        return getattr(api, name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
