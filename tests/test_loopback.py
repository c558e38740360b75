"""The guard of `no_network`: this machine can be reached, others cannot."""

import socket
import subprocess
import sys

import loopback
import pytest
from downloading import environ

TRY = 'import socket; socket.create_connection(("192.0.2.1", 9), 0.1)'  # TEST-NET-1: belongs to nobody


@pytest.mark.parametrize('call', ['connect', 'connect_ex'])
@pytest.mark.parametrize(('family', 'address'), [(socket.AF_INET, ('192.0.2.1', 9)), (socket.AF_INET6, ('2001:db8::1', 9, 0, 0))])
def test_other_machines_are_out_of_reach(call, family, address):
    attempts = []
    loopback.install(attempts)  # in the place of the fixture's, which would fail this test
    with socket.socket(family) as one, pytest.raises(loopback.OutsideError, match='a test tried to reach'):
        getattr(one, call)(address)
    assert attempts == [address]


def test_packets_and_names_do_not_leave_this_machine_either():
    attempts = []
    loopback.install(attempts)
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        with pytest.raises(loopback.OutsideError):
            one.sendto(b'x', ('192.0.2.1', 9))
        with pytest.raises(loopback.OutsideError):
            one.sendto(b'x', 0, ('192.0.2.1', 9))
        one.sendto(b'x', ('127.0.0.1', 9))
    with pytest.raises(loopback.OutsideError):
        socket.getaddrinfo('mast.stsci.edu', 443)
    assert attempts == [('192.0.2.1', 9)] * 2 + ['mast.stsci.edu']
    for host in ('localhost', '127.0.0.1', b'localhost', '::1', None, socket.gethostname()):
        assert socket.getaddrinfo(host, 80)


def test_this_machine_can_be_reached():
    with socket.create_server(('127.0.0.1', 0)) as server, socket.create_connection(server.getsockname()) as one:
        assert one.getpeername() == server.getsockname()
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b'x')
        assert other.recv(1) == b'x'


HOSTS = {'127.0.0.1': True, '127.9.9.9': True, '::1': True, 'localhost': True, 'example.org': False, '0.0.0.0': False}


@pytest.mark.parametrize(('host', 'inside'), HOSTS.items())
def test_what_is_inside(host, inside):
    assert loopback.is_inside(socket.AF_INET, (host, 80)) is inside


def test_programs_that_tests_start_are_guarded_too(tmp_path):
    done = subprocess.run([sys.executable, '-c', TRY], env=environ(tmp_path / 'home'), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "OutsideError: a test tried to reach ('192.0.2.1', 9)" in done.stderr
