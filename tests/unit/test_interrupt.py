"""Signals as a flag."""

import os
import signal

import pytest

from gomanager.errors import Interrupted
from gomanager.interrupt import Interrupt, interruptible


def test_first_signal_sets_the_flag_and_second_makes_it_urgent():
    times = iter([10.0, 10.1, 11.0])
    flag = Interrupt(clock=lambda: next(times))
    flag.check()
    flag.receive(signal.SIGTERM)
    flag.receive(signal.SIGTERM)  # timeout(1) signals its child, then the group
    assert (flag.signum, flag.urgent) == (signal.SIGTERM, False)
    flag.receive(signal.SIGINT)
    assert (flag.signum, flag.urgent) == (signal.SIGTERM, True)
    with pytest.raises(Interrupted) as raised:
        flag.check()
    assert raised.value.exit_code == 143


def test_a_closed_terminal_is_a_termination():
    flag = Interrupt()
    flag.receive(signal.SIGHUP)
    assert flag.signum == signal.SIGTERM


def test_handlers_come_and_go():
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as flag:
        os.kill(os.getpid(), signal.SIGINT)
        assert flag.signum == signal.SIGINT
    assert signal.getsignal(signal.SIGINT) is before


def test_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as flag:
            os.kill(os.getpid(), signal.SIGHUP)
            assert flag.signum is None
    finally:
        signal.signal(signal.SIGHUP, before)
