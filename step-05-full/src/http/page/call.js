// From Call to Hang Up: one session in which this browser watches, and one in which it sends, if it has a video.

import { HttpSession } from './http_session.js';

/** The received video is set up first; the sent one waits for it, but no longer (milliseconds). */
const WATCH_TIMEOUT = 500;

export class Call {
  /** `on` as for HttpSession, and `on.track(stream)`. */
  constructor(localStream, token, on) {
    this.localStream = localStream;
    this.open = (name, path) => new HttpSession(name, `${location.origin}${path}`, token, on);
    this.watch = this.open('watch  ', '/whep');
    preferH264(this.watch.pc.addTransceiver('video', { direction: 'recvonly' }), RTCRtpReceiver);
    this.watch.pc.addEventListener('track', ({ track, receiver }) => {
      // A call shows each frame at once; a jitter buffer would delay it.
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      on.track(new MediaStream([track]));
    });
  }

  get sessions() {
    return [this.watch, this.publish].filter(Boolean);
  }

  async start() {
    await this.watch.start();
    await connected(this.watch.pc, WATCH_TIMEOUT);
    const [track] = this.localStream?.getVideoTracks() ?? [];
    if (!track || this.watch.closed) return;
    this.publish = this.open('publish', '/whip');
    preferH264(this.publish.pc.addTransceiver(track, { direction: 'sendonly', streams: [this.localStream] }), RTCRtpSender);
    await this.publish.start();
  }

  async hangUp() {
    await Promise.all(this.sessions.map((session) => session.close()));
  }
}

function connected(pc, timeout) {
  return new Promise((resolve) => {
    const check = () => pc.connectionState === 'connected' && resolve();
    pc.addEventListener('connectionstatechange', check);
    setTimeout(resolve, timeout);
    check();
  });
}

/** The program has no other codec than H.264, so the offer needs no other. */
function preferH264(transceiver, kind) {
  const codecs = kind.getCapabilities?.('video')?.codecs ?? [];
  const h264 = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'video/h264');
  if (codecs.length && !h264.length) throw new DOMException('no H.264 among the codecs', 'NotSupportedError');
  transceiver.setCodecPreferences?.(h264);
}
