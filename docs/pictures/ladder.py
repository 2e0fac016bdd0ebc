#!/usr/bin/env python3
"""Draws docs/pictures/ladder-LAB.svg: the part of a lab's ladder that differs from a healthy call, from a run of the lab.

    docs/pictures/ladder.py    (the programs of steps 03 and 05 must be built)

The data is that of the page (`--report FILE.json`). A drawing is 380 units wide, so that its text can be read on a phone,
and follows the reader's light or dark colours. Labs that are not here have no ladder of their own: step 02 writes no report,
in step 04 the table of calls is the ladder, and what `bandwidth` and `jitter` change is in the plots.
"""
import json
import os
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
PROGRAMS = Path(os.environ.get('CARGO_TARGET_DIR', FOLDER.parent.parent / 'target')) / 'debug'
WIDTH, LEFT, RIGHT, ROW, HEAD = 380, 66, 366, 25, 30
STYLE = """
  svg { --paper: #faf9f6; --ink: #1d2129; --soft: #646a73; --rule: #dcd9d2; --call: #1d2129; --state: #2f7d32;
        --signaling: #8439b5; --STUN: #a65a00; --check: #0b62c4; --RTP: #c2284e; --RTCP: #766300; --bad: #c62828 }
  @media (prefers-color-scheme: dark) { svg { --paper: #15181d; --ink: #e6e4df; --soft: #9aa1ab; --rule: #343a44;
        --call: #e6e4df; --state: #7fcf83; --signaling: #cf9df2; --STUN: #edaa55; --check: #74b4ff; --RTP: #ff8da5;
        --RTCP: #d9c55b; --bad: #ff8a80 } }
  text { font: 12px system-ui, sans-serif; fill: var(--kind, var(--ink)) }
  .small { font-size: 10.5px; fill: var(--soft) } .bold { font-weight: 600 } .bad { fill: var(--bad); font-weight: 700 }
  .lane { stroke: var(--rule) } .arrow { stroke: var(--kind); stroke-width: 1.5; fill: none } .lost { stroke-dasharray: 4 3 }
  .tip { fill: var(--kind) }
"""


def states(*machines):
    return lambda row: row['state'] is not None and row['state'][0] in machines


def kind(*kinds):
    return lambda row: row['kind'] in kinds


def any_of(*tests):
    return lambda row: any(test(row) for test in tests)


# What is shown of a lab: the step, the rows, from the first to the last row that fits, how many at most, and which lanes.
LABS = {
    'no-candidates': ('03-ice', any_of(kind('signaling'), states('ice')), 'offer', '=> failed', 9, None),
    'wrong-peer': ('03-ice', any_of(kind('signaling', 'check'), states('ice')), 'candidate', '=> failed', 10, None),
    'early-candidate': ('03-ice', any_of(kind('signaling'), lambda row: row['to'] is None and row['from'] == 1
                                         and row['label'][:5] in ('addIc', 'a cal', 'setRe')), 'addIce', 'addIce', 7, None),
    'stun-down': ('03-ice', any_of(kind('STUN'), states('ice', 'gathering')), 'Binding', 'complete', 9, [0, 1]),
    'turn-wrong-password': ('03-ice', any_of(kind('STUN'), states('gathering')), 'Allocate', 'complete', 8, [0, 1]),
    'relay-only': ('03-ice', any_of(kind('check'), states('ice')), 'disconnected', '=> failed', 9, None),
    'loss=10': ('05-full', kind('RTP', 'RTCP'), 'RTP, the first', None, 9, None),
    'no-keyframe': ('05-full', lambda row: row['label'].startswith(('RTP', 'PLI', 'key frame')), 'RTP', 'key frame decoded', 9, None),
}


def run(step, lab):
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / 'report.json'
        subprocess.run([PROGRAMS / f'step-{step}', '--source', 'pattern', '--display', 'none', '--lab', lab, '--report', report],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads(report.read_text())['ladder']


def duration(ms):
    return f'{ms:.2f} ms' if ms < 100 else f'{ms:.0f} ms' if ms < 1000 else f'{ms / 1000:.2f} s'


def excerpt(rows, test, first, last, most):
    """The rows that are shown, and for those that are left out how many they are."""
    rows = [row for row in rows if test(row)]
    start = next(i for i, row in enumerate(rows) if first in row['label'])
    end = max((i for i, row in enumerate(rows) if last and last in row['label']), default=len(rows) - 1)
    rows = rows[start:end + 1]
    if len(rows) <= most:
        return rows
    tail = 2 if last else 0
    return rows[:most - tail] + [len(rows) - most] + rows[len(rows) - tail:]


def mark(row, y, lanes):
    """The SVG of one row: a point at a lane, or an arrow between two."""
    color = f'style="--kind: var(--{row["kind"]})"'
    label = escape(' '.join(filter(None, [row['number'], row['label'].split(', in a channel')[0]])))
    start, end = lanes[row['from']], lanes[row['to']] if row['to'] is not None else None
    if end is None or start == end:
        anchor, x = ('start', start + 9) if start < WIDTH / 2 else ('end', start - 9)
        back = '' if end is None else '↩ '
        return (f'<g {color}><circle class="tip" cx="{start}" cy="{y - 4}" r="4"/>'
                f'<text x="{x}" y="{y}" text-anchor="{anchor}">{back}{label}</text></g>')
    way = 1 if end > start else -1
    tip = end - way * (end - start) * way * 0.18 if row['lost'] else end
    parts = [f'<text x="{(start + end) / 2}" y="{y - 4}" text-anchor="middle"{" class=" + chr(34) + "bold" + chr(34) if row["nominates"] else ""}>{label}</text>',
             f'<path class="arrow{" lost" if row["lost"] else ""}" d="M{start} {y + 2}H{tip:.0f}"/>']
    if row['lost']:
        parts.append(f'<text class="bad" x="{tip:.0f}" y="{y + 6}" text-anchor="middle">✕</text>')
    else:
        parts.append(f'<path class="tip" d="M{end} {y + 2}l{-8 * way} -4v8z"/>')
    return f'<g {color}>' + ''.join(parts) + '</g>'


def draw(lab):
    step, test, first, last, most, lanes_shown = LABS[lab]
    ladder = run(step, lab)
    shown = lanes_shown or range(len(ladder['lanes']))
    lanes = {lane: LEFT + (RIGHT - LEFT) * i / (len(shown) - 1) for i, lane in enumerate(shown)}
    rows = [row for row in ladder['rows'] if {row['from'], row['to']} - {None} <= set(lanes)]
    rows = excerpt(rows, test, first, last, most)
    parts, y = [], HEAD
    before = None
    for row in rows:
        y += ROW
        if isinstance(row, int):
            parts.append(f'<text class="small" x="{(LEFT + RIGHT) / 2}" y="{y}" text-anchor="middle">⋮ {row} more</text>')
            continue
        time = duration(row['at_ms'])
        if time != before:
            parts.append(f'<text class="small" x="{LEFT - 9}" y="{y}" text-anchor="end">{time}</text>')
        before = time
        parts.append(mark(row, y, lanes))
    height = y + 16
    heads = []
    for i, (lane, x) in enumerate(lanes.items()):
        anchor = 'start' if i == 0 else 'end' if i == len(lanes) - 1 else 'middle'
        name = escape(ladder['lanes'][lane]['name'].split(' ')[0])
        heads.append(f'<line class="lane" x1="{x}" y1="{HEAD - 4}" x2="{x}" y2="{height - 6}"/>'
                     f'<text class="bold" x="{x}" y="{HEAD - 11}" text-anchor="{anchor}">{name}</text>')
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
           f'aria-label="{escape(lab)}">\n<style>{STYLE}</style>\n<rect fill="var(--paper)" width="{WIDTH}" height="{height}" rx="6"/>\n'
           + '\n'.join(heads + parts) + '\n</svg>\n')
    (FOLDER / f'ladder-{lab.split("=")[0]}.svg').write_text(svg)


for name in LABS:
    draw(name)
