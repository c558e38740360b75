"""No test talks to another machine: a connection outside loopback fails."""

import ipaddress
import socket

REAL = {'connect': socket.socket.connect, 'connect_ex': socket.socket.connect_ex}


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
    """Refuse connections to other machines from here on; attempts are appended to a list."""

    def guarded(name):
        def connect(self, address):
            if not is_inside(self.family, address):
                if attempts is not None:
                    attempts.append(address)
                raise OutsideError(f'a test tried to reach {address}')
            return REAL[name](self, address)

        return connect

    for name in REAL:
        setattr(socket.socket, name, guarded(name))


def remove():
    """Allow everything again."""
    for name in REAL:
        delattr(socket.socket, name)
