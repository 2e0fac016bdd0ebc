// From Call to Hang Up: one session in which this browser watches, and one in which it sends, if it has a video.

import { HttpSession } from './http_session.js';

export class Call {
  /** `on` as for HttpSession, and `on.track(stream)`. */
  constructor(localStream, token, on) {
    const base = location.origin;
    this.watch = new HttpSession('watch  ', `${base}/whep`, token, on);
    preferH264(this.watch.pc.addTransceiver('video', { direction: 'recvonly' }), RTCRtpReceiver);
    this.watch.pc.addEventListener('track', ({ track, receiver }) => {
      // Show each picture as soon as it is there: this is a call, not a film.
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      on.track(new MediaStream([track]));
    });
    this.sessions = [this.watch];
    const [track] = localStream?.getVideoTracks() ?? [];
    if (track) {
      this.publish = new HttpSession('publish', `${base}/whip`, token, on);
      preferH264(this.publish.pc.addTransceiver(track, { direction: 'sendonly', streams: [localStream] }), RTCRtpSender);
      this.sessions.push(this.publish);
    }
  }

  /** The picture that the reader waits for comes first. */
  async start() {
    for (const session of this.sessions) await session.start();
  }

  async hangUp() {
    await Promise.all(this.sessions.map((session) => session.close()));
  }
}

/** The program speaks H.264 alone: an offer of nothing else is shorter, to read and to answer. */
function preferH264(transceiver, kind) {
  const codecs = kind.getCapabilities?.('video')?.codecs ?? [];
  const h264 = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'video/h264');
  if (codecs.length && !h264.length) throw new DOMException('no H.264 among the codecs', 'NotSupportedError');
  transceiver.setCodecPreferences?.(h264);
}
