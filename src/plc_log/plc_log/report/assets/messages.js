// SPDX-License-Identifier: Apache-2.0
// Every message is searched by its name, its side, its paths and its values: all words must be there.
const Messages = { shown: 0, found: [], words: [], texts: [] };
const PORTION = 100;
const BRIEF = ['ResponseCode', 'EVRESSSOC', 'EVTargetVoltage', 'EVTargetCurrent', 'EVSEPresentVoltage', 'EVSEPresentCurrent',
  'EVSEProcessing', 'EVSEStatusCode', 'EVSENotification', 'EVSEIsolationStatus', 'EVErrorCode', 'ReadyToChargeState'];
const LABELS = { EVRESSSOC: 'SoC', EVTargetVoltage: 'target', EVTargetCurrent: 'target', EVSEPresentVoltage: 'present', EVSEPresentCurrent: 'present', EVSEIsolationStatus: 'isolation' };
const PLAIN = new Set(['None', 'NO_ERROR', 'EVSE_Ready', 'Valid']);

// A value that all messages of a shape share stands in the shape, the others in the row, in order.
function valuesOf(shape, row) {
  let place = 2;
  return shape.paths.map((path) => path.length > 2 ? path[2] : row[place++]);
}

const leafOf = (path) => path.slice(path.lastIndexOf('.') + 1);

function briefOf(shape, row) {
  const parts = [], values = valuesOf(shape, row);
  shape.paths.forEach(([path, unit], n) => {
    const leaf = leafOf(path), value = values[n];
    if (!BRIEF.includes(leaf) || PLAIN.has(value)) return;
    parts.push(`${LABELS[leaf] ? LABELS[leaf] + ' ' : ''}${value}${leaf === 'EVRESSSOC' ? ' %' : unit ? ' ' + unit : ''}`);
  });
  return parts.join(' · ');
}

function textOf(row) {
  const shape = CONTENT.messages.shapes[row[1]];
  const values = valuesOf(shape, row);
  const told = shape.paths.map(([path, unit], n) => `${path} ${leafOf(path) === 'EVRESSSOC' ? 'soc ' : ''}${values[n]} ${unit}`);
  return `${shape.name} ${shape.side} ${told.join(' ')}`.toLowerCase();
}

function marked(text) {
  const word = Messages.words.find((one) => one.length > 1 && text.toLowerCase().includes(one));
  if (!word) return [text];
  const from = text.toLowerCase().indexOf(word);
  return [text.slice(0, from), make('mark', null, text.slice(from, from + word.length)), text.slice(from + word.length)];
}

function entry(row) {
  const shape = CONTENT.messages.shapes[row[1]];
  const line = make('details', null, make('summary', null, make('time', null, at(row[0])), make('span', { class: 'side' }, shape.side),
    make('b', { class: 'name' }, ...marked(shape.name)), make('span', { class: 'brief' }, ...marked(briefOf(shape, row)))));
  line.addEventListener('toggle', () => { if (line.open && line.children.length < 2) line.append(leaves(shape, row)); });
  return line;
}

function leaves(shape, row) {
  const list = make('dl'), values = valuesOf(shape, row);
  shape.paths.forEach(([path, unit], n) => list.append(make('dt', null, ...marked(path)), make('dd', null, ...marked(`${values[n]}${unit ? ' ' + unit : ''}`))));
  return list;
}

function showMore() {
  const next = Messages.found.slice(Messages.shown, Messages.shown + PORTION);
  $('list').append(...next.map(entry));
  Messages.shown += next.length;
  $('more').hidden = Messages.shown >= Messages.found.length;
}

function search(text) {
  const rows = CONTENT.messages.rows;
  if (text.trim() && !Messages.texts.length) Messages.texts = rows.map(textOf);
  Messages.words = text.toLowerCase().split(/\s+/).filter(Boolean);
  Messages.found = Messages.words.length ? rows.filter((_, n) => Messages.words.every((word) => Messages.texts[n].includes(word))) : rows;
  Messages.shown = 0;
  $('list').replaceChildren();
  $('found').textContent = `${Messages.found.length} of ${rows.length}`;
  showMore();
}
