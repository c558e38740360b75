"""Addresses of the public services, and the rule that they are encrypted."""

import ipaddress
import re
from urllib.parse import quote, urlsplit

from hstlc.errors import SettingsError
from hstlc.mast.records import ArchiveFile

REFERENCE_NAME = re.compile(r'[A-Za-z0-9_.-]+\.fits')


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host or '').is_loopback
    except ValueError:
        return False


def is_secure(address: str) -> bool:
    """Whether an address is encrypted."""
    return urlsplit(address).scheme == 'https'


def require_secure(address: str) -> str:
    """Return an address that is https, or http on this machine.

    Raises
    ------
    SettingsError
        It is neither; or it holds a password, which would be seen in logs and in the manifest.
    """
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f'the address of {parts.hostname} must hold no user and no password: they would be seen in logs')
    if parts.hostname and (parts.scheme == 'https' or (parts.scheme == 'http' and is_loopback(parts.hostname))):
        return address
    raise SettingsError(f'the address {address.partition("?")[0]!r} must begin with https://')


def mast_address(server: str, file: ArchiveFile) -> str:
    """Return where MAST offers a file of Hubble."""
    return f'{server.rstrip("/")}/search/hst/api/v0.1/retrieve_product?product_name={quote(file.uri)}'


def s3_address(server: str, file: ArchiveFile) -> str:
    """Return where the public bucket holds a file: under the exposure that made it, not under its association."""
    return f'{server.rstrip("/")}/hst/public/{file.rootname[:4]}/{file.rootname}/{quote(file.name)}'


def crds_address(server: str, name: str) -> str:
    """Return where CRDS offers a reference file by its name."""
    return f'{server.rstrip("/")}/unchecked_get/references/hst/{quote(name)}'
