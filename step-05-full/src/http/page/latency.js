// The age of the frames that this browser shows. It can be measured for the test pattern, whose frames have a number.
//
// The program returns the number and the age of its newest frame, and its frames come at an even pace. So no common clock
// is needed; the error is half the round trip of one small request.

import { read } from './frame_code.js';

const MEASUREMENTS = 1000;

export class Latency {
  constructor(video, token) {
    this.video = video;
    this.token = token;
    this.values = [];
    this.running = 'requestVideoFrameCallback' in video;
    if (!this.running) return;
    this.ask();
    this.timer = setInterval(() => this.ask(), 1000);
    this.next();
  }

  async ask() {
    const asked = performance.now();
    try {
      const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
      const { number, age_ms, frame_rate } = await (await fetch('/latest-frame', { headers })).json();
      const answered = performance.now();
      if (number === null || answered - asked > 50) return;
      this.reference = { number, at: (asked + answered) / 2 - age_ms, interval: 1000 / frame_rate };
    } catch {
      // The server is gone: the states show it.
    }
  }

  next() {
    this.video.requestVideoFrameCallback(() => {
      if (!this.running) return;
      const now = performance.now();
      const number = this.reference && read(this.video);
      if (Number.isInteger(number)) {
        const captured = this.reference.at + (number - this.reference.number) * this.reference.interval;
        const latency = now - captured;
        if (latency > 0 && latency < 10000) this.values.push(latency);
        if (this.values.length > MEASUREMENTS) this.values.shift();
      }
      this.next();
    });
  }

  /** Half of the frames were no older, in milliseconds. */
  median() {
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  }

  stop() {
    this.running = false;
    clearInterval(this.timer);
  }
}
