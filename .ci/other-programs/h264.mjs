// H.264 for peers that neither encode nor decode: they send a clip and record what comes.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { LENGTH, sleep } from './whip.mjs';

const START_CODE = Buffer.from([0, 0, 0, 1]);
const ACCESS_UNIT_DELIMITER = 9;
const FRAME_RATE = 30;

/** The access units of the clip, each as Annex B; every one begins with its delimiter. */
function accessUnits() {
  const units = [];
  const clip = readFileSync(process.env.CLIP);
  for (let at = clip.indexOf(START_CODE); at >= 0;) {
    const next = clip.indexOf(START_CODE, at + 4);
    const nalUnit = clip.subarray(at, next < 0 ? clip.length : next);
    if ((nalUnit[4] & 0x1f) === ACCESS_UNIT_DELIMITER) units.push([]);
    units.at(-1).push(nalUnit);
    at = next;
  }
  return units.map((nalUnits) => Buffer.concat(nalUnits));
}

/** Sends the clip by `send(accessUnit, timestamp)` as long as a row lasts, or until `stopped()`; returns how many frames. */
export async function sendClip(send, stopped = () => false, length = LENGTH) {
  const units = accessUnits();
  const began = performance.now();
  let sent = 0;
  while (sent * 1000 < length * FRAME_RATE && !stopped()) {
    send(units[sent % units.length], (sent * 90000) / FRAME_RATE);
    sent += 1;
    await sleep(Math.max(0, began + (sent * 1000) / FRAME_RATE - performance.now()));
  }
  return sent;
}

/** Writes the access units that arrive whole and in order into the file that is decoded later (RFC 6184 §5). */
export class Recording {
  unit = [];
  whole = true;
  last = null;

  constructor() {
    writeFileSync(process.env.RECORDING, '');
  }

  /** Takes one RTP packet. */
  packet({ sequenceNumber, marker, payload }) {
    if (this.last !== null && sequenceNumber !== ((this.last + 1) & 0xffff)) this.whole = false;
    this.last = sequenceNumber;
    if (payload.length === 0) return;
    const type = payload[0] & 0x1f;
    if (type === 28) {
      if (payload[1] & 0x80) this.unit.push(START_CODE, Buffer.from([(payload[0] & 0xe0) | (payload[1] & 0x1f)]));
      this.unit.push(payload.subarray(2));
    } else if (type === 24) {
      for (let at = 1; at + 2 <= payload.length;) {
        const length = payload.readUInt16BE(at);
        this.unit.push(START_CODE, payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    } else {
      this.unit.push(START_CODE, payload);
    }
    if (!marker) return;
    if (this.whole) appendFileSync(process.env.RECORDING, Buffer.concat(this.unit));
    [this.unit, this.whole] = [[], true];
  }
}
