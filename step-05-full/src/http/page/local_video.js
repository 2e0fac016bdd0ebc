// 1-2: the video of this browser.

import { paint } from './frame_code.js';

const WIDTH = 640;
const HEIGHT = 480;
const INTERVAL = 1000 / 30;

/** The camera; or, for a page that was opened as /?camera=pattern, frames with the time painted into them. */
export async function localVideo() {
  if (new URLSearchParams(location.search).get('camera') === 'pattern') return pattern();
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DOMException('getUserMedia() is only there on https pages and on localhost', 'SecureContextError');
  }
  return navigator.mediaDevices.getUserMedia({ video: { width: WIDTH, height: HEIGHT } });
}

/** The program reads the time in each frame and computes its latency, if both use the same clock. */
function pattern() {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext('2d', { alpha: false });
  const stream = canvas.captureStream();
  let count = 0;
  const draw = () => {
    count += 1;
    context.fillStyle = '#345';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = '#fc3';
    context.fillRect((count * 4) % WIDTH, 120, 60, 120);
    paint(context, Math.floor(performance.timeOrigin + performance.now()) % 2 ** 32);
  };
  draw();
  const timer = setInterval(draw, INTERVAL);
  const [track] = stream.getVideoTracks();
  const stop = track.stop.bind(track);
  track.stop = () => {
    clearInterval(timer);
    stop();
  };
  return stream;
}
