"""No test talks to another machine: a connection outside loopback fails, and so does a question for the address of a name."""

import ipaddress
import socket

REAL = {name: getattr(socket.socket, name) for name in ('connect', 'connect_ex', 'sendto')}
LOOK_UP = socket.getaddrinfo


class OutsideError(AssertionError):
    """A test tried to reach another machine; not an OSError, so that no code takes it for a server that is down."""


def is_inside(family, address):
    """Whether an address of `socket.connect` is on this machine."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True  # a socket of this machine's file system
    host = address[0]
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host.partition('%')[0]).is_loopback
    except ValueError:
        return False


def install(attempts=None):
    """Refuse connections, packets and questions for addresses to other machines from here on; attempts are appended to a list."""

    def refuse(address):
        if attempts is not None:
            attempts.append(address)
        raise OutsideError(f'a test tried to reach {address}')

    def guarded(name):
        def call(self, *arguments):
            address = arguments[-1]  # sendto takes bytes and perhaps flags before it
            if not is_inside(self.family, address):
                refuse(address)
            return REAL[name](self, *arguments)

        return call

    def look_up(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        own = name in (None, '', '0.0.0.0', '::', socket.gethostname())
        if not own and not is_address(name) and not is_inside(socket.AF_INET, (name,)):
            refuse(name)
        return LOOK_UP(host, *arguments, **options)

    for name in REAL:
        setattr(socket.socket, name, guarded(name))
    socket.getaddrinfo = look_up


def is_address(host):
    """Whether a host is given as numbers: to look it up asks nobody."""
    try:
        ipaddress.ip_address(host.partition('%')[0])
    except ValueError:
        return False
    return True


def remove():
    """Allow everything again."""
    for name in REAL:
        delattr(socket.socket, name)
    socket.getaddrinfo = LOOK_UP
