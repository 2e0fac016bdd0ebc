// Draws the Mermaid sequence diagrams of the book, without a network and without Mermaid's megabytes.
//
// Knows what the chapters use: participant, messages (->> and -->>), notes, loop and opt. A diagram with anything else
// stays the text that it was. How it looks is in book.css; each participant has two columns of a grid, so that its
// lifeline is the line between them.

'use strict';

(() => {
  const MESSAGE = /^(\w+)(-->>|->>)(\w+): (.+)$/;
  const NOTE = /^Note over (\w+)(?:,(\w+))?: (.+)$/;
  const PARTICIPANT = /^participant (\w+)(?: as (.+))?$/;
  const FRAME = /^(loop|opt) (.+)$/;

  function element(kind, text = '') {
    const made = document.createElement('div');
    made.className = kind;
    made.textContent = text;
    return made;
  }

  function diagram(source) {
    const [first, ...lines] = source.split('\n').map((line) => line.trim()).filter(Boolean);
    if (first !== 'sequenceDiagram') return null;
    const names = new Map();
    const figure = element('sequence');
    const open = [element('sequence-rows')];

    const lifeline = (id) => 2 * [...names.keys()].indexOf(id) + 2;
    // One below the other, in the order of the time.
    const row = (made, from, to) => {
      const rows = open.at(-1);
      made.style.gridArea = `${rows.childElementCount + 1} / ${from} / auto / ${to}`;
      rows.append(made);
    };
    const known = (...ids) => ids.every((id) => names.has(id));

    for (const line of lines) {
      let found;
      if ((found = line.match(PARTICIPANT))) {
        names.set(found[1], found[2] ?? found[1]);
      } else if ((found = line.match(MESSAGE)) && known(found[1], found[3])) {
        const [, from, arrow, to, text] = found;
        const [a, b] = [lifeline(from), lifeline(to)];
        const made = element(`sequence-message${arrow === '-->>' ? ' answer' : ''}`, text);
        made.setAttribute('aria-label', `${names.get(from)} to ${names.get(to)}: ${text}`);
        made.classList.add(a === b ? 'self' : a < b ? 'right' : 'left');
        const isLast = a > 2 && a === 2 * names.size;
        if (a === b && isLast) made.classList.add('last');
        if (a === b) row(made, isLast ? a - 3 : a, isLast ? a : a + 3);
        else row(made, Math.min(a, b), Math.max(a, b));
      } else if ((found = line.match(NOTE)) && known(found[1], found[2] ?? found[1])) {
        const ends = [lifeline(found[1]), lifeline(found[2] ?? found[1])];
        row(element('sequence-note', found[3]), Math.min(...ends) - 1, Math.max(...ends) + 1);
      } else if ((found = line.match(FRAME))) {
        const frame = element('sequence-rows sequence-frame');
        frame.append(element('sequence-label', `${found[1]}: ${found[2]}`));
        row(frame, 1, -1);
        open.push(frame);
      } else if (line === 'end' && open.length > 1) {
        open.pop();
      } else {
        return null;
      }
    }
    if (open.length > 1 || names.size === 0) return null;

    const lifelines = element('sequence-lifelines');
    const heads = element('sequence-rows');
    for (const [id, name] of names) {
      const head = element('sequence-participant', name);
      head.style.gridColumn = `${lifeline(id) - 1} / ${lifeline(id) + 1}`;
      heads.append(head);
      const life = element('sequence-lifeline');
      life.style.gridColumn = `${lifeline(id)} / span 1`;
      lifelines.append(life);
    }
    const sheet = element('sequence-sheet');
    sheet.style.setProperty('--columns', 2 * names.size);
    sheet.append(lifelines, heads, open[0]);
    figure.append(sheet);
    return figure;
  }

  for (const code of document.querySelectorAll('code.language-mermaid')) {
    const drawn = diagram(code.textContent);
    if (drawn) code.closest('pre').replaceWith(drawn);
  }
})();
