"""Processes for races and crashes: what each needs is imported once, and each is still one of its own."""

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.crash.driver", "tests.races.driver"])

__all__ = ["Connection", "ForkServerProcess", "processes"]
