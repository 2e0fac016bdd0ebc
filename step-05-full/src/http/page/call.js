// From Call to Hang Up: one session in which this browser watches, and one in which it sends, if it has a video.

import { HttpSession } from './http_session.js';

export class Call {
  /** `on` as for HttpSession, and `on.track(stream)`. */
  constructor(localStream, token, on) {
    const base = location.origin;
    this.watch = new HttpSession('watch  ', `${base}/whep`, token, on);
    this.watch.pc.addTransceiver('video', { direction: 'recvonly' });
    this.watch.pc.addEventListener('track', ({ track, receiver }) => {
      // Show each picture as soon as it is there: this is a call, not a film.
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      on.track(new MediaStream([track]));
    });
    this.sessions = [this.watch];
    const [track] = localStream?.getVideoTracks() ?? [];
    if (track) {
      this.publish = new HttpSession('publish', `${base}/whip`, token, on);
      this.publish.pc.addTransceiver(track, { direction: 'sendonly', streams: [localStream] });
      this.sessions.push(this.publish);
    }
  }

  async start() {
    await Promise.all(this.sessions.map((session) => session.start()));
  }

  async hangUp() {
    await Promise.all(this.sessions.map((session) => session.close()));
  }
}
