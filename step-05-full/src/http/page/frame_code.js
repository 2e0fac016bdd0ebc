// The number in the frame: step-01-capture/src/source/pattern/frame_code.rs, for a canvas.
//
// 20 by 2 cells in the lower right corner, black for 0 and white for 1: 32 bits of number, 8 bits of check.

const COLUMNS = 20;
const ROWS = 2;

function area(width, height) {
  const cell = Math.min(Math.floor(width / 40), 32) & ~1;
  if (cell < 4 || height < 3 * (ROWS + 2) * cell) return null;
  return { cell, left: width - (COLUMNS + 1) * cell, top: height - (ROWS + 1) * cell };
}

function check(number) {
  let crc = 0xff;
  for (const shift of [24, 16, 8, 0]) {
    crc ^= (number >>> shift) & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
  }
  return crc;
}

/** Writes a number of 32 bits into a canvas. */
export function paint(context, number) {
  const { width, height } = context.canvas;
  const { cell, left, top } = area(width, height);
  const word = (BigInt(number >>> 0) << 8n) | BigInt(check(number));
  for (let index = 0; index < COLUMNS * ROWS; index++) {
    const bit = (word >> BigInt(COLUMNS * ROWS - 1 - index)) & 1n;
    context.fillStyle = bit ? '#fff' : '#000';
    context.fillRect(left + (index % COLUMNS) * cell, top + Math.floor(index / COLUMNS) * cell, cell, cell);
  }
}

let canvas;

/** The number in the frame that a video shows now; null when there is none. */
export function read(video) {
  const code = area(video.videoWidth, video.videoHeight);
  if (!code) return null;
  canvas ??= document.createElement('canvas');
  const { cell, left, top } = code;
  const [width, height] = [COLUMNS * cell, ROWS * cell];
  if (canvas.width !== width) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, left, top, width, height, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height).data;
  let word = 0n;
  for (let index = 0; index < COLUMNS * ROWS; index++) {
    // One pixel from the middle of the cell: at its edges the encoder mixes neighbours.
    const x = (index % COLUMNS) * cell + cell / 2;
    const y = Math.floor(index / COLUMNS) * cell + cell / 2;
    const brightness = pixels[(y * width + x) * 4 + 1];
    if (brightness > 96 && brightness < 160) return null;
    word = (word << 1n) | (brightness >= 160 ? 1n : 0n);
  }
  const number = Number(word >> 8n);
  return Number(word & 0xffn) === check(number) ? number : null;
}
