'use strict';
// Draws the report. All that comes from the call is set as textContent: it is text, whatever is in it.

const data = JSON.parse(document.getElementById('data').textContent);
/** A server has many sessions, each with a ladder of its own: report.html#session-2 shows the second one. */
const runs = (data.sessions ?? [data]).filter((run) => run.ladder.rows.length > 0 || !data.sessions);
const shown = Math.max(Number(location.hash.match(/^#session-(\d+)$/)?.[1] ?? runs.length) - 1, 0);
const report = runs[shown] ?? { environment: [['program', '']], summary: '', ladder: { lanes: [], rows: [], texts: [] }, counts: [], series: [] };
const { lanes, rows, texts } = report.ladder;

const TEXTS = {
  en: {
    report: (program) => `A run of ${program}`,
    ladder: 'The ladder of the call',
    hint: 'Time goes down: 1 ms of waiting is 8 pixels, and longer than 10 ms is folded. Press ↓ and ↑, or click a row, to see what travelled.',
    counts: 'What passed the sockets',
    countsHint: 'Of each kind the first ones are in the ladder; all are counted.',
    summary: 'As in the terminal',
    elsewhere: 'in another program',
    server: 'server',
    kinds: { call: 'calls', state: 'states', signaling: 'signaling', STUN: 'STUN, TURN', check: 'checks', DTLS: 'DTLS', RTP: 'RTP', RTCP: 'RTCP' },
    columns: ['who', '', 'what', 'number', 'bytes', 'in the ladder'],
    directions: { sent: 'sent', received: 'received', call: 'did' },
    arrived: (time) => `arrived ${time} later`,
    lost: 'did not arrive',
    answered: (time) => `answers the request of ${time} before`,
    page: 'page',
  },
  ko: {
    report: (program) => `${program} 실행 기록`,
    ladder: '통화의 사다리',
    hint: '시간은 아래로 흐른다. 기다린 1 ms가 8픽셀이고, 10 ms보다 긴 틈은 접었다. ↓와 ↑를 누르거나 줄을 누르면 오간 내용이 보인다. 이벤트와 표준의 필드는 트레이스에서처럼 영어이고, 세션 설명의 해설도 영어다.',
    counts: '소켓을 지나간 것',
    countsHint: '종류마다 처음 몇 개가 사다리에 있고, 수는 모두 셌다.',
    summary: '터미널에 나온 그대로',
    elsewhere: '다른 프로그램에 있음',
    server: '서버',
    kinds: { call: '호출', state: '상태', signaling: '시그널링', STUN: 'STUN, TURN', check: '연결성 검사', DTLS: 'DTLS', RTP: 'RTP', RTCP: 'RTCP' },
    columns: ['누가', '', '무엇을', '수', '바이트', '사다리에'],
    directions: { sent: '보냄', received: '받음', call: '함' },
    arrived: (time) => `${time} 뒤에 도착`,
    lost: '도착하지 않았다',
    answered: (time) => `${time} 전의 요청에 대한 응답`,
    page: '페이지',
    lines: {
      'ice-ufrag of the receiver : of the sender': '받는 쪽의 ice-ufrag : 보내는 쪽의 ice-ufrag',
      'of the candidate that this check may reveal: peer-reflexive': '이 검사로 드러날 수도 있는 peer-reflexive 후보의 우선순위',
      'nominates this pair': '이 쌍을 지명한다',
      'the sender nominates': '보내는 쪽이 지명한다',
      'the receiver nominates': '받는 쪽이 지명한다',
      'how the answering side sees the asking one': '응답하는 쪽에서 본, 요청한 쪽의 주소',
      'what arrives there is relayed': '이 주소에 도착한 것은 전달된다',
      'of the other peer': '상대 피어의 주소',
      'proves that the sender knows the password': '보내는 쪽이 비밀번호를 안다는 증거',
      'a checksum: this is STUN and no other protocol': '체크섬: 다른 프로토콜이 아니라 STUN이다',
      'encrypted (SRTCP), except its first header': '첫 헤더 말고는 암호화되어 있다(SRTCP)',
      'the payload is encrypted (SRTP)': '페이로드는 암호화되어 있다(SRTP)',
    },
  },
};
const say = TEXTS[document.documentElement.lang] ?? TEXTS.en;

const find = (selector) => document.querySelector(selector);

/** Makes an element of a class, with text or children. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function duration(ms) {
  if (ms < 1) return `${ms.toFixed(3)} ms`;
  if (ms < 100) return `${ms.toFixed(2)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(3)} s`;
}

// --- The frame of the page

const environment = new Map(report.environment);
document.title = say.report(environment.get('program').split(' ')[0]);
find('h1').textContent = say.report(environment.get('program').split(' ')[0]);
find('.environment').textContent = report.environment
  .map(([name, value]) => `${name}: ${value}`).join('   ·   ');
find('.summary').textContent = report.summary;
for (const element of document.querySelectorAll('[data-text]')) element.textContent = say[element.dataset.text];

function drawSessions() {
  if (runs.length < 2) return;
  const choice = make('select', 'sessions', ...runs.map((run) => make('option', '', `${run.name}: ${run.ended}`)));
  choice.selectedIndex = shown;
  choice.addEventListener('change', () => {
    location.hash = `session-${choice.selectedIndex + 1}`;
    location.reload();
  });
  find('header').append(choice);
}

// --- The ladder

/** A narrow column at either side, so that the first and the last line have room for their marks. */
const columns = `8px repeat(${Math.max(lanes.length - 1, 1)}, 1fr) 8px`;
const FOLDED = 10;
const PIXELS = 8;

function drawLanes() {
  const heads = find('.lanes');
  // A server's name stands above its line, in the middle of the two columns beside it.
  heads.style.gridTemplateColumns = `repeat(${lanes.length}, 1fr)`;
  lanes.forEach((lane, index) => {
    const inside = index > 0 && index < lanes.length - 1;
    const [name, ...address] = inside ? lane.name.split(' ') : [lane.name];
    const note = inside ? address.join(' ') : lane.observed ? '' : say.elsewhere;
    heads.append(make('span', '', name, make('small', '', note)));
  });
  const lines = find('.lines');
  lines.style.gridTemplateColumns = columns;
  lanes.forEach((_, index) => {
    const line = make('span', 'line');
    line.style.gridColumn = index + 2;
    lines.append(line);
  });
}

function mark(row) {
  const number = row.number ? [make('span', 'number', row.number)] : [];
  const comesBack = row.to !== null && row.to === row.from;
  const isPoint = row.to === null || comesBack;
  const element = make('span', `mark ${isPoint ? row.kind === 'state' ? 'state' : 'call' : 'arrow'}`, ...number, ' ', comesBack ? `↩ ${row.label}` : row.label);
  element.style.setProperty('--kind', `var(--${row.kind})`);
  if (isPoint) {
    element.style.gridColumn = '2 / -2';
    if (row.from === null) element.classList.add('at-page');
    else if (row.from === lanes.length - 1) element.classList.add('at-end');
    return element;
  }
  const [left, right] = [Math.min(row.from, row.to), Math.max(row.from, row.to)];
  element.style.gridColumn = `${left + 2} / ${right + 2}`;
  element.classList.add(row.to === right ? 'to-right' : 'to-left');
  element.classList.toggle('lost', row.lost);
  element.classList.toggle('nominates', row.nominates);
  return element;
}

/** Waiting time above a row: drawn to scale, or folded. */
function gapBefore(ms) {
  if (ms > FOLDED) return make('div', 'gap', make('span', '', `⋮ ${duration(ms)}`));
  const gap = make('div', '');
  gap.style.height = `${ms * PIXELS}px`;
  return gap;
}

const rowElements = rows.map((row, index) => {
  const across = make('span', 'across');
  across.style.gridTemplateColumns = columns;
  across.append(mark(row));
  const element = make('button', 'row', make('time', '', duration(row.at_ms)), across);
  element.type = 'button';
  element.addEventListener('click', () => choose(index));
  return element;
});

function drawRows() {
  find('.rows').append(...rows.map((row, index) => {
    const before = index > 0 ? rows[index - 1].at_ms : row.at_ms;
    return make('li', '', gapBefore(row.at_ms - before), rowElements[index]);
  }));
}

const hidden = new Set();

function drawFilters() {
  for (const [kind, name] of Object.entries(say.kinds)) {
    const number = rows.filter((row) => row.kind === kind).length;
    if (number === 0) continue;
    const box = make('input', '');
    box.type = 'checkbox';
    box.checked = true;
    box.addEventListener('change', () => {
      box.checked ? hidden.delete(kind) : hidden.add(kind);
      rows.forEach((row, index) => { rowElements[index].parentElement.hidden = hidden.has(row.kind); });
    });
    const colour = make('i', '');
    colour.style.setProperty('--kind', `var(--${kind})`);
    find('.filters').append(make('label', '', box, colour, `${name} (${number})`));
  }
}

// --- The inspector

let chosen = 0;

/** The states of all machines after a row: `{machine: {lane: state}}`. */
function statesAfter(index) {
  const states = new Map();
  for (const { from, state } of rows.slice(0, index + 1)) {
    if (!state) continue;
    const [machine, entered] = state;
    if (!states.has(machine)) states.set(machine, new Map());
    states.get(machine).set(from, entered);
  }
  return states;
}

function judge(state) {
  if (['connected', 'stable', 'complete', 'live'].includes(state)) return 'good';
  if (['failed', 'disconnected'].includes(state)) return 'bad';
  return ['closed', 'ended'].includes(state) ? 'over' : '';
}

function drawStates() {
  const peers = lanes.map((_, lane) => lane).filter((lane) => rows.some((row) => row.state && row.from === lane));
  const ofPage = rows.some((row) => row.state && row.from === null) ? [null] : [];
  const changed = rows[chosen].state?.[0];
  const states = statesAfter(chosen);
  const head = [...peers.map((lane) => lanes[lane].name), ...ofPage.map(() => say.page)];
  const machines = [...new Set(rows.filter((row) => row.state).map((row) => row.state[0]))];
  find('.states').replaceChildren(
    make('thead', '', make('tr', '', make('th', ''), ...head.map((name) => make('th', '', name)))),
    make('tbody', '', ...machines.map((machine) => make('tr', '', make('th', '', machine),
      ...[...peers, ...ofPage].map((lane) => {
        const state = states.get(machine)?.get(lane) ?? '';
        const isChange = machine === changed && lane === rows[chosen].from;
        return make('td', `${judge(state)} ${isChange ? 'changed' : ''}`, state);
      })))));
}

function facts(row) {
  const name = (lane) => (lane === null ? say.page : lanes[lane].name);
  const known = [row.to === null ? name(row.from) : `${name(row.from)} → ${name(row.to)}`, duration(row.at_ms)];
  if (row.arrived_ms !== null) known.push(say.arrived(duration(row.arrived_ms - row.at_ms)));
  if (row.lost) known.push(say.lost);
  if (row.answers !== null) known.push(say.answered(duration(row.at_ms - rows[row.answers].at_ms)));
  if (row.route) known.push(row.route.join(' → '));
  return known.join('  ·  ');
}

/** A line, in the language of the page where it is the page's own. If it is too long, it goes on below its beginning. */
function textLine(text) {
  const element = make('div', '', say.lines?.[text.trim()] ?? (text.trim() || '\u00a0'));
  element.style.paddingLeft = `${2 + text.search(/\S|$/) / 2}ch`;
  return element;
}

function choose(index, scrolls = false) {
  rowElements[chosen].classList.remove('chosen');
  for (const element of rowElements) element.classList.remove('related');
  chosen = index;
  const row = rows[index];
  rowElements[index].classList.add('chosen');
  rows.forEach((other, at) => {
    if (other.answers === index || row.answers === at) rowElements[at].classList.add('related');
  });
  if (scrolls) rowElements[index].scrollIntoView({ block: 'nearest' });
  find('.position').value = index;
  find('.count').textContent = `${index + 1} / ${rows.length}`;
  find('.label').textContent = [row.number, row.label].filter(Boolean).join('  ');
  find('.facts').textContent = facts(row);
  find('.text').replaceChildren(...(row.text === null ? [] : texts[row.text].split('\n').map(textLine)));
  drawStates();
}

/** The next row in a direction that no filter hides. */
function step(by) {
  let index = chosen + by;
  while (rows[index] && hidden.has(rows[index].kind)) index += by;
  if (rows[index]) choose(index, true);
}

function listen() {
  find('.position').max = rows.length - 1;
  find('.position').addEventListener('input', (event) => choose(Number(event.target.value), true));
  find('.previous').addEventListener('click', () => step(-1));
  find('.next').addEventListener('click', () => step(1));
  document.addEventListener('keydown', (event) => {
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey || event.target.type === 'range') return;
    event.preventDefault();
    step(by);
  });
}

// --- What passed the sockets

function drawCounts() {
  const line = (count) => make('tr', '',
    make('td', '', count.peer), make('td', '', say.directions[count.kind]), make('td', '', count.name),
    ...[count.total, count.bytes, count.kept].map((number) => make('td', 'amount', number.toLocaleString(document.documentElement.lang))));
  const counts = report.counts.filter((count) => count.kind !== 'call');
  find('.counts').append(
    make('thead', '', make('tr', '', ...say.columns.map((name) => make('th', '', name)))),
    make('tbody', '', ...counts.map(line)));
}

drawSessions();
drawLanes();
drawRows();
drawFilters();
drawCounts();
if (rows.length > 0) {
  listen();
  // report.html#12 shows the twelfth row.
  const linked = Number(location.hash.slice(1)) - 1;
  choose(rows[linked] ? linked : 0, Boolean(rows[linked]));
}
