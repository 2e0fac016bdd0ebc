'use strict';
// Plots the figures of a call over time, with uPlot. It comes after the script of the page.

const PLOT_TEXTS = {
  en: {
    heading: 'The call over time',
    hint: 'Seconds since the program began. Move over a plot to read its values; drag to zoom, double-click to zoom out.',
    leftOut: (number) => `${number} later measurements are not kept.`,
    time: 'time',
    frames: 'Frames a second', captured: 'captured', sent: 'sent', decoded: 'decoded',
    bitrate: 'Bitrate of H.264, kbit/s', asked: 'asked for',
    latency: 'Latency from capture to decoded, ms', latencies: 'How many frames took so long', milliseconds: 'ms', frame: 'frames',
    sizes: 'Frame sizes, kB', other: 'frame', key: 'key frame',
    repair: 'Repairs in each second', lost: 'RTP lost', nack: 'NACK', pli: 'PLI', again: 'RTP sent again',
    roundTrip: 'Round trip of the checks, ms', check: 'check',
  },
  ko: {
    heading: '시간에 따른 통화',
    hint: '프로그램을 시작한 뒤의 초. 그래프 위로 움직이면 값이 보이고, 끌면 확대되고, 두 번 누르면 되돌아온다.',
    leftOut: (number) => `이후의 측정값 ${number}개는 남기지 않았다.`,
    time: '시각',
    frames: '초당 프레임', captured: '캡처', sent: '송신', decoded: '디코딩',
    bitrate: 'H.264의 비트레이트, kbit/s', asked: '요청',
    latency: '캡처에서 디코딩까지의 지연, ms', latencies: '지연별 프레임 수', milliseconds: 'ms', frame: '프레임',
    sizes: '프레임 크기, kB', other: '프레임', key: '키 프레임',
    repair: '초당 복구', lost: '잃은 RTP', nack: 'NACK', pli: 'PLI', again: '다시 보낸 RTP',
    roundTrip: '연결 검사의 왕복 시간, ms', check: '검사',
  },
};
const plotText = PLOT_TEXTS[document.documentElement.lang] ?? PLOT_TEXTS.en;
const plots = [];
/** All plots over time begin and end together. */
const sampled = report.series.filter((series) => series.times.length > 0);
const span = [
  Math.floor(Math.min(...sampled.map((series) => series.times[0] / 1e4))),
  Math.max(1, ...sampled.map((series) => series.times.at(-1) / 1e4)),
];

/** The samples of a figure as [[seconds], [values]]. */
function samples(...names) {
  const points = report.series.filter((series) => names.includes(series.name))
    .flatMap((series) => series.times.map((time, index) => [time / 1e4, series.values[index]]));
  points.sort((a, b) => a[0] - b[0]);
  return [points.map((point) => point[0]), points.map((point) => point[1])];
}

/** Sums of a figure in each whole second since `began`, each at the middle of its second. */
function perSecond([times, values], began, weight) {
  // A last second that is all but whole counts as one.
  const whole = Math.floor((times.at(-1) ?? 0) - began + 0.1);
  const sums = Array(Math.max(whole, 0)).fill(0);
  times.forEach((time, index) => {
    const second = Math.floor(time - began);
    if (second >= 0 && second < sums.length) sums[second] += weight(values[index]);
  });
  return [sums.map((_, second) => began + second + 0.5), sums];
}

/** How many packets of a name there were in each second, at all peers. */
function packets(kind, ...names) {
  const seconds = [];
  for (const count of report.counts.filter((it) => it.kind === kind && names.includes(it.name))) {
    count.seconds.forEach(([number], second) => { seconds[second] = (seconds[second] ?? 0) + number; });
  }
  return Array.from(seconds, (number) => number ?? 0);
}

/** Resolves a colour of the page, which differs by day and by night. */
function colour(name) {
  const probe = document.body.appendChild(make('i', ''));
  probe.style.color = `var(--${name})`;
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** Draws lines [label, colour, look, table of [x, y]] over a common x. */
function plot(title, lines, { x = plotText.time, isTime = true } = {}) {
  const drawn = lines.filter(([, , , [xs]]) => xs.length > 0);
  if (drawn.length === 0) return;
  const figure = make('figure', 'plot', make('figcaption', '', title));
  find('.plots').append(figure);
  const axis = { stroke: () => colour('muted'), grid: { stroke: () => colour('rule'), width: 1 }, ticks: { show: false } };
  const series = drawn.map(([label, name, look]) => ({
    label, stroke: () => colour(name), width: 1.5, points: { show: false }, ...look(name),
  }));
  const options = {
    width: figure.clientWidth, height: 190,
    scales: { x: { time: false, ...(isTime && { range: () => span }) }, y: { range: (_, __, max) => [0, (max || 1) * 1.08] } },
    axes: [{ ...axis, size: 28 }, { ...axis, size: 46 }],
    cursor: isTime ? { sync: { key: 'time' } } : {},
    series: [{ label: x, value: (_, value) => value?.toFixed(2) ?? '–' }, ...series],
  };
  plots.push([figure, new uPlot(options, uPlot.join(drawn.map(([, , , table]) => table)), figure)]);
}

const line = () => ({ spanGaps: true });
/** Where two lines are one, both are seen. */
const dashes = () => ({ spanGaps: true, dash: [6, 5] });
const dots = (name) => ({ paths: () => null, points: { show: true, size: 4, fill: () => colour(name), stroke: () => colour(name) } });
const bars = (name) => ({ paths: uPlot.paths.bars({ size: [0.8, 40] }), fill: () => colour(name) });

function drawPlots() {
  const sent = samples('frame sent, bytes', 'key frame sent, bytes');
  const decoded = samples('frame decoded, bytes');
  const began = Math.min(sent[0][0] ?? Infinity, decoded[0][0] ?? Infinity);
  const kilobits = (bytes) => (bytes * 8) / 1000;
  const one = () => 1;
  plot(plotText.frames, [
    [plotText.captured, 'muted', line, perSecond(samples('frames captured'), began, Number)],
    [plotText.sent, 'check', line, perSecond(sent, began, one)],
    [plotText.decoded, 'RTP', dashes, perSecond(decoded, began, one)],
  ]);
  const [askedAt, asked] = samples('bitrate asked for, bit/s');
  const until = Math.max(sent[0].at(-1) ?? began, began);
  plot(plotText.bitrate, [
    [plotText.asked, 'muted', () => ({ paths: uPlot.paths.stepped({ align: 1 }) }),
      asked.length ? [[...askedAt, until], [...asked, asked.at(-1)].map((bits) => bits / 1000)] : [[], []]],
    [plotText.sent, 'check', line, perSecond(sent, began, kilobits)],
    [plotText.decoded, 'RTP', dashes, perSecond(decoded, began, kilobits)],
  ]);
  const latency = samples('latency, ms');
  plot(plotText.latency, [[plotText.milliseconds, 'RTP', dots, latency]]);
  plot(plotText.latencies, [[plotText.frame, 'RTP', bars, histogram(latency[1])]], { x: plotText.milliseconds, isTime: false });
  const kilobytes = ([times, bytes]) => [times, bytes.map((it) => it / 1000)];
  plot(plotText.sizes, [
    [plotText.other, 'check', dots, kilobytes(samples('frame sent, bytes'))],
    [plotText.key, 'STUN', dots, kilobytes(samples('key frame sent, bytes'))],
  ]);
  drawRepairs();
  plot(plotText.roundTrip, [[plotText.check, 'DTLS', dots, samples('round trip, ms')]]);
}

/** How many packets of each second never came. One that is still on its way at the end of a second is not lost. */
function lostPackets(sent, received) {
  let missing = 0;
  const behind = sent.map((number, second) => { missing += number - (received[second] ?? 0); return missing; });
  for (let second = behind.length - 2; second >= 0; second -= 1) behind[second] = Math.min(behind[second], behind[second + 1]);
  return behind.map((number, second) => Math.max(number - (behind[second - 1] ?? 0), 0));
}

/** Packets lost, asked for and sent again. What another program loses is not known here. */
function drawRepairs() {
  const media = ['RTP', 'RTP again', 'RTP, relayed', 'RTP again, relayed'];
  const [sent, received] = [packets('sent', ...media), packets('received', ...media)];
  const bothSeen = sent.length > 0 && received.length > 0;
  const rows = [
    [plotText.lost, 'bad', bothSeen ? lostPackets(sent, received) : []],
    [plotText.nack, 'RTCP', packets('sent', 'NACK', 'NACK, relayed')],
    [plotText.again, 'check', packets('sent', 'RTP again', 'RTP again, relayed')],
    [plotText.pli, 'STUN', packets('sent', 'PLI', 'PLI, relayed')],
  ];
  const seconds = Math.max(sent.length, received.length);
  const table = (numbers) => [Array.from({ length: seconds }, (_, second) => second + 0.5),
    Array.from({ length: seconds }, (_, second) => numbers[second] ?? 0)];
  plot(plotText.repair, rows.map(([label, name, numbers]) => [label, name, line, table(numbers)]));
}

/** About twenty bars of equal width up to the longest latency but one in a hundred. */
function histogram(values) {
  if (values.length === 0) return [[], []];
  const sorted = [...values].sort((a, b) => a - b);
  const width = Math.max(sorted[Math.floor(sorted.length * 0.99)] / 20, 0.05);
  const numbers = Array(21).fill(0);
  for (const value of values) numbers[Math.min(Math.floor(value / width), 20)] += 1;
  return [numbers.map((_, bar) => (bar + 0.5) * width), numbers];
}

/** Draws anew where the width has changed. */
function resize() {
  for (const [figure, drawing] of plots) {
    if (drawing.width !== figure.clientWidth) drawing.setSize({ width: figure.clientWidth, height: drawing.height });
  }
}

function recolour() {
  for (const [, drawing] of plots) drawing.redraw();
}

/** On paper it is day. */
function redrawAs(scheme) {
  document.documentElement.style.colorScheme = scheme;
  resize();
  recolour();
}

if (report.series.some((series) => series.times.length > 0)) {
  const section = make('section', '', make('h2', '', plotText.heading), make('p', 'hint', plotText.hint), make('div', 'plots'));
  find('main').after(section);
  drawPlots();
  const leftOut = Math.max(...report.series.map((series) => series.left_out));
  if (leftOut > 0) section.append(make('p', 'hint', plotText.leftOut(leftOut)));
  new ResizeObserver(resize).observe(section);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
  addEventListener('beforeprint', () => redrawAs('light'));
  addEventListener('afterprint', () => redrawAs(''));
}
