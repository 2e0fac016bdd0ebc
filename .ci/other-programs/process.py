"""A process with its lines of output."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time


class Failed(Exception):
    """A call that did not come about, in words for the table."""


class Process:
    """A process with its lines, which ends when its block does."""

    def __init__(self, command, environment=None):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, **(environment or {})}, start_new_session=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def line(self, until):
        """The next line; none at the end."""
        try:
            return self.lines.get(timeout=max(0.1, until - time.monotonic()))
        except queue.Empty:
            raise Failed("silent for too long") from None

    def answer(self, until, key=None):
        """The next line of JSON, or the next that has `key`."""
        while (line := self.line(until)) is not None:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if "error" in said:
                raise Failed(said["error"])
            if key is None or key in said:
                return said
        raise Failed(self.last_words())

    def last_words(self):
        self.log.seek(0)
        lines = [line for line in self.log.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"ended with {self.process.wait(10)}"

    def ends(self, patience=10):
        self.process.wait(patience)
        return self.process.returncode

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (signal.SIGTERM, signal.SIGKILL):
            # The group is the process's own: a browser has children.
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(3)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process.wait()
        self.log.close()
