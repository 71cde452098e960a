// SPDX-License-Identifier: Apache-2.0
// Settings: the parameters as the nodes declare them, and what is changed of them.
import { $, CONFIRM, ask, attempt, confirmed, make, show, toast } from '/static/shell.js';

const changes = new Map(); // 'node name' → {node, name, value}
let told = { parameters: [] };

async function load() {
  told = await attempt(() => ask('/api/parameters')) ?? told;
  changes.clear();
  show($('restore'), told.previous);
  $('about').textContent = told.parameters.length
    ? `${told.parameters.length} parameters of ${new Set(told.parameters.map((one) => one.node)).size} nodes${told.live ? '' : ', as they were last told'}.`
    : 'The nodes tell their parameters once the graph has run: start it on the live page.';
  show($('note'), told.restart_needed, 'What was saved counts from the next start of the graph on.');
  draw();
}

function draw() {
  const wanted = $('search').value.toLowerCase();
  const shown = told.parameters.filter((one) => `${one.node} ${one.name} ${one.about}`.toLowerCase().includes(wanted));
  const open = new Set([...document.querySelectorAll('details[open]')].map((one) => one.dataset.node));
  $('nodes').replaceChildren(...[...new Set(shown.map((one) => one.node))].map((node) => {
    const own = shown.filter((one) => one.node === node);
    return make('details', { class: 'card node', 'data-node': node, open: Boolean(wanted) || open.has(node) },
      make('summary', {}, node, ' ', make('span', { class: 'dim small' }, `${own.length}`)), ...own.map(row));
  }));
  bar();
}

function row(one) {
  const key = `${one.node} ${one.name}`;
  const value = changes.has(key) ? changes.get(key).value : one.saved ?? one.value;
  const line = make('div', { class: 'parameter', 'data-name': key },
    make('div', {}, make('div', { class: 'name' }, one.name), ' ', make('span', { class: one.read_only ? 'tag' : 'tag now' }, when(one)),
      one.pending ? make('span', { class: 'tag pending' }, `runs with ${one.value}`) : null),
    make('div', { class: 'dim small' }, one.about, bounds(one)),
    make('div', { class: 'field' }, field(one, value, (changed) => change(line, one, changed)), make('span', { class: 'dim small' }, one.unit),
      one.saved === null ? null : make('button', { class: 'plain', title: 'back to the default', onclick: () => { changes.set(key, { node: one.node, name: one.name, value: null }); line.classList.add('changed'); bar(); } }, '↺')));
  line.classList.toggle('changed', changes.has(key));
  return line;
}

const when = (one) => (one.read_only ? 'from the next start' : one.change === 'LOWER' ? 'at once; in a session only lower' : 'at once');
const bounds = (one) => (one.low === null ? '' : ` (${one.low} to ${one.high})`);

function field(one, value, changed) {
  const label = { 'aria-label': `${one.node} ${one.name}` };
  if (one.kind === 'bool') {
    const box = make('input', { type: 'checkbox', ...label, onchange: () => changed(box.checked) });
    box.checked = Boolean(value);
    return box;
  }
  if (one.choices.length) {
    const list = make('select', { ...label, onchange: () => changed(list.value) }, ...one.choices.map((choice) => make('option', {}, choice)));
    list.value = value;
    return list;
  }
  if (one.kind === 'list') return make('span', { class: 'dim' }, 'in the file');
  const number = one.kind === 'int' || one.kind === 'float';
  const limits = number ? { type: 'number', step: one.kind === 'int' ? 1 : 'any', min: one.low, max: one.high } : { maxlength: 1000 };
  const input = make('input', { value, ...limits, ...label, oninput: () => changed(number ? input.valueAsNumber : input.value) });
  if (value === null) input.placeholder = 'not set';
  return input;
}

function change(line, one, value) {
  const key = `${one.node} ${one.name}`;
  if (value === (one.saved ?? one.value) || Number.isNaN(value)) changes.delete(key);
  else changes.set(key, { node: one.node, name: one.name, value });
  line.classList.toggle('changed', changes.has(key));
  bar();
}

function bar() {
  show($('savebar'), changes.size > 0);
  $('count').textContent = changes.size === 1 ? 'one change' : `${changes.size} changes`;
}

$('save').onclick = async () => {
  const answer = await attempt(() => ask('/api/parameters', 'PUT', { changes: [...changes.values()] }));
  if (!answer) return;
  const [now, later] = [answer.applied.length, answer.at_next_start.length];
  toast(!later ? 'It counts from now on.' : now ? `Applied now: ${now}; from the next start of the graph on: ${later}.` : 'It counts from the next start of the graph on.');
  await load();
};
$('discard').onclick = () => { changes.clear(); draw(); };
$('restore').onclick = async () => {
  const sure = await confirmed('Take the last change back?', 'The parameter file before it counts again from the next start of the graph on.', 'Take back');
  if (sure && await attempt(() => ask('/api/parameters/restore', 'POST', CONFIRM))) await load();
};
$('search').oninput = draw;
load();
