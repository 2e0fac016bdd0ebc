"""Calls step 05 with programs that nobody here wrote, counts frames, and prints a table.

    calls.py PROGRAM WORK [--table FILE] [--against FILE] [--only NAME]... [--skip NAME=REASON]...

PROGRAM is the built step-05-full, WORK the folder in which check.sh installed the other programs. check.sh says the
rest.

A peer is a command with a role: `publish URL` and `watch URL` are the clients of --serve, `takes` and `gives` the servers of
--publish and --watch. It prints lines of JSON: a server first says its "url"; the last line has the frames that it "sent"
or "decoded", "recorded" when it wrote H.264 that is still to be decoded, or its "error".
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from another_machine import CALLS, another_machine
from process import Failed, Process

SECONDS = 6
LIMIT = 95
# A peer gives up by itself after 10 s without a connection; this is for one that does not.
PATIENCE = SECONDS + 20
WAYS = {
    "publish": "it publishes to --serve",
    "watch": "it watches --serve",
    "takes": "--publish to it",
    "gives": "--watch it",
}
ALL = "publish watch takes gives"
PEERS = [
    ("FFmpeg", "bash {here}/ffmpeg_peer.sh", "publish"),
    ("aiortc", "{work}/venv/bin/python {here}/aiortc_peer.py", ALL),
    ("werift", "node {work}/werift_peer.mjs", ALL),
    ("node-datachannel", "node {work}/node_datachannel_peer.mjs", ALL),
    # Debian's GStreamer is known to Debian's Python alone.
    ("GStreamer", "/usr/bin/python3 {here}/gstreamer_peer.py", ALL),
    ("pion", "{work}/pion_peer", ALL),
    ("Chromium", "node {work}/browser_peer.mjs chromium {chromium}", ALL),
    ("Firefox", "node {work}/browser_peer.mjs firefox {firefox}", ALL),
]
HEAD = ["Program", "Way", "Audio", "Sent", "Decoded", "In 100", "Verdict"]
WIDTHS = [24, 31, 3, 4, 4, 5, 0]


class Calls:
    def __init__(self, program, work, folder):
        self.program = program
        self.report = f"{folder}/report.json"
        self.environment = {
            "FFMPEG": ffmpeg(work),
            "CLIP": f"{folder}/clip.h264",
            "RECORDING": f"{folder}/recording.h264",
            "SECONDS_OF_VIDEO": str(SECONDS),
        }
        self.ffmpeg = self.environment["FFMPEG"]
        self.make_clip()

    def make_clip(self):
        """What peers send that have no encoder. Delimiters, because some real encoders write them."""
        subprocess.run(
            [self.ffmpeg, "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=size=640x480:rate=30:duration={SECONDS}",
             "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency",
             "-g", "30", "-b:v", "1500k", "-x264-params", "aud=1:slices=1", "-f", "h264", self.environment["CLIP"]],
            check=True, stdin=subprocess.DEVNULL, timeout=60,
        )

    def start(self, *arguments):
        if os.path.exists(self.report):
            os.remove(self.report)
        return Process([self.program, *arguments, "--display", "none", "--report", self.report])

    def figures(self):
        """Our own figures of the one session."""
        with open(self.report) as file:
            sessions = json.load(file)["sessions"]
        if not sessions:
            raise Failed("no session came about")
        return sessions[0]

    def decoded(self, said):
        if "decoded" in said:
            return said["decoded"]
        recording = self.environment["RECORDING"]
        command = [self.ffmpeg, "-loglevel", "error", "-f", "h264", "-i", recording, "-f", "null", "-progress", "-", "-"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        frames = re.findall(r"^frame=(\d+)$", done.stdout, re.MULTILINE)
        return int(frames[-1]) if frames else 0

    def row(self, peer, role, audio):
        """One call: the frames sent and decoded."""
        until = time.monotonic() + PATIENCE
        options = ["--audio"] if audio else []
        if role in ("publish", "watch"):
            with self.start("--serve", "127.0.0.1:0", "--source", "pattern") as ours:
                base = re.search(r"http://[^ /]+", ours.line(until) or "")
                if not base:
                    raise Failed(ours.last_words())
                endpoint = base.group() + {"publish": "/whip", "watch": "/whep"}[role]
                with Process([*peer, role, endpoint, *options], self.environment) as theirs:
                    said = theirs.answer(until)
                ours.interrupt()
                ours.ends()
        else:
            with Process([*peer, role], self.environment) as theirs:
                url = theirs.answer(until, "url")["url"]
                arguments = {"takes": ["--publish", url, "--source", "pattern"], "gives": ["--watch", url]}[role]
                # It counts from its beginning.
                with self.start(*arguments, "--seconds", str(SECONDS + 1)) as ours:
                    try:
                        if ours.ends(PATIENCE) != 0:
                            raise Failed(ours.last_words())
                    except subprocess.TimeoutExpired:
                        raise Failed(f"the program did not end after {SECONDS + 1} s") from None
                    except Failed:
                        # What the peer says of the same call comes first.
                        theirs.interrupt()
                        theirs.answer(time.monotonic() + 3)
                        raise
                said = theirs.answer(until)
        figures = self.figures()
        if figures["setup_ms"] is None:
            raise Failed("not connected")
        frames = figures["frames"]
        if role in ("publish", "gives"):
            return said["sent"], frames["decoded"]
        return frames["sent"], self.decoded(said)


def ffmpeg(work):
    path = f"{work}/venv/bin/python"
    found = subprocess.run(
        [path, "-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"],
        capture_output=True, text=True, check=True, timeout=60,
    )
    return found.stdout.strip()


def short(text, length=100):
    text = " ".join(text.split()).replace("|", "/")
    return text if len(text) <= length else text[: length - 1] + "…"


def rows_of(calls, places, name, command, roles, skipped):
    """One row after the other: program, way, audio, sent, decoded, in 100, verdict."""
    if skipped:
        yield [name, "", "", "", "", "", f"SKIPPED: {short(skipped)}"]
        return
    peer = command.format(**places).split()
    with Process([*peer, "version"], calls.environment) as process:
        said = process.answer(time.monotonic() + PATIENCE)
    version = said["version"]
    if "skipped" in said:
        yield [f"{name} {version}", "", "", "", "", "", f"SKIPPED: {said['skipped']}"]
        return
    for role in roles.split():
        # A server cannot offer what the program does not ask for.
        for audio in (False, True) if role in ("publish", "watch") else (False,):
            row = [f"{name} {version}", WAYS[role], "yes" if audio else "no"]
            try:
                sent, decoded = calls.row(peer, role, audio)
                share = 100 * decoded / sent if sent else 0
                verdict = "passed" if share >= LIMIT else "FAILED"
                yield [*row, str(sent), str(decoded), f"{share:.1f}", verdict]
            except (Failed, subprocess.TimeoutExpired) as error:
                yield [*row, "", "", "", f"FAILED: {short(str(error))}"]
    if name == "FFmpeg":
        yield from_another_machine(calls, f"{name} {version}")


def from_another_machine(calls, version):
    """The row of FFmpeg's calls from another network namespace: a call counts like a frame elsewhere."""
    row = [version, "20 times from another namespace", "no"]
    if os.geteuid() != 0 or not shutil.which("ip"):
        return [*row, "", "", "", "SKIPPED: a network namespace needs root and iproute2"]
    try:
        figures = another_machine(calls.program, calls.report, calls.ffmpeg)
    except (Failed, subprocess.TimeoutExpired) as error:
        return [*row, "", "", "", f"FAILED: {short(str(error))}"]
    sent, decoded = (sum(column) for column in zip(*figures))
    good = sum(100 * decoded >= LIMIT * sent for sent, decoded in figures)
    connected = sum(decoded > 0 for _, decoded in figures)
    verdict = "passed" if good == CALLS else "FAILED"
    return [*row, str(sent), str(decoded), f"{100 * decoded / sent:.1f}", f"{verdict}: {good} of {CALLS} calls, {connected} connected"]


def as_markdown(rows):
    """The table, as legible as text as it is as Markdown."""
    widths = [max(len(row[column]) for row in [HEAD, *rows]) for column in range(len(HEAD))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths)] for row in [HEAD, *rows]]
    lines.insert(1, ["-" * width for width in widths])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def outcomes(rows):
    """What of a table must not change from run to run: not the figures, and not the versions, which others raise."""
    return {(row[0].split(" ")[0], *row[1:3]): row[-1].split(":")[0] for row in rows if not row[-1].startswith("SKIPPED")}


def is_up_to_date(rows, path):
    """Whether the table in a file has the outcomes of this run, as far as both have them."""
    with open(path) as file:
        written = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in file][2:]
    then, now = outcomes(written), outcomes(rows)
    for key in now:
        if then.get(key) != now[key]:
            print(f"{path} says {then.get(key, 'nothing')} of \"{', '.join(key)}\", and this run says {now[key]}")
    if all(then.get(key) == now[key] for key in now):
        return True
    print(f"{path} is not of this program: write it with .ci/other-programs/check.sh --table {path}, then cargo run -p docs")
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("work")
    parser.add_argument("--table")
    parser.add_argument("--against")
    parser.add_argument("--only", action="append")
    parser.add_argument("--skip", action="append", default=[])
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    for row in run(arguments):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, WIDTHS)).rstrip(), flush=True)
        rows.append(row)
    if arguments.table:
        with open(arguments.table, "w") as file:
            file.write(as_markdown(rows))
    failed = any(row[-1].startswith("FAILED") for row in rows)
    return failed or bool(arguments.against) and not is_up_to_date(rows, arguments.against)


def run(arguments):
    """All rows, one after the other."""
    skipped = dict(skip.split("=", 1) for skip in arguments.skip)
    places = {
        "here": os.path.dirname(os.path.abspath(__file__)),
        "work": arguments.work,
        "chromium": installed("chromium", "chromium-browser", "google-chrome"),
        "firefox": installed("firefox-esr", "firefox"),
    }
    with tempfile.TemporaryDirectory() as folder:
        calls = Calls(arguments.program, arguments.work, folder)
        for name, command, roles in PEERS:
            if not arguments.only or name in arguments.only:
                yield from rows_of(calls, places, name, command, roles, skipped.get(name))


def installed(*names):
    return next(filter(None, map(shutil.which, names)), None)


sys.exit(main())
