"""Whether a host is heard; with a real sshd in test_transport.py."""

import time

from flaskwright.ssh.keepalive import Pulse


class Silent:
    """A transport that nothing comes from."""

    def __init__(self):
        self.packetizer, self.asked = self, 0

    def read_message(self):
        return "a message"

    def is_active(self):
        return True

    def global_request(self, kind, wait):
        self.asked += 1


def test_whatever_comes_is_a_sign_of_life():
    transport = Silent()
    with Pulse(transport, each=0.01) as listening:
        while transport.asked < 5:
            time.sleep(0.01)
        silent = listening.silence()
        assert transport.packetizer.read_message() == "a message"
        assert listening.silence() < silent
    assert transport.read_message.__func__ is Silent.read_message
