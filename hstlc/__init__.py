"""hstlc: ultraviolet light curves from Hubble COS and STIS TIME-TAG observations."""

__version__ = '0.1.0'
