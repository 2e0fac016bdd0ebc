// getStats(): how well the call goes (W3C webrtc-stats).

/** The figures of one session, compared with those of a moment ago. */
export async function statistics(pc, before) {
  const report = [...(await pc.getStats()).values()];
  const of = (type) => report.find((entry) => entry.type === type && (!entry.kind || entry.kind === 'video'));
  const media = of('inbound-rtp') ?? of('outbound-rtp');
  const pair = report.find((entry) => entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded');
  if (!media) return before;
  const far = of('remote-inbound-rtp');
  const bytes = media.bytesReceived ?? media.bytesSent ?? 0;
  const lost = media.packetsLost ?? far?.packetsLost ?? 0;
  const packets = (media.packetsReceived ?? media.packetsSent ?? 0) + Math.max(lost, 0);
  const figures = {
    at: performance.now(),
    frames: media.framesDecoded ?? media.framesEncoded ?? 0,
    bytes,
    lost: packets ? (100 * Math.max(lost, 0)) / packets : 0,
    roundTrip: pair?.currentRoundTripTime ?? far?.roundTripTime,
  };
  const seconds = (figures.at - (before?.at ?? figures.at)) / 1000;
  if (seconds > 0) {
    figures.framesPerSecond = (figures.frames - before.frames) / seconds;
    figures.kilobits = (8 * (bytes - before.bytes)) / seconds / 1000;
  }
  return figures;
}

/** The cells of one row of the table. */
export function cells(figures, latency) {
  const show = (value, unit = '', digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) + unit : '-');
  if (!figures) return ['-', '-', '-', '-', '-', '-'];
  return [
    show(figures.frames),
    show(figures.framesPerSecond, '', 1),
    show(figures.kilobits),
    show(figures.roundTrip * 1000, ' ms', 1),
    show(figures.lost, ' %', 1),
    show(latency, ' ms', 1),
  ];
}
