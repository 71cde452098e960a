// SPDX-License-Identifier: Apache-2.0
// The live log: what is new is asked for once a second; filters are the server's.
import { $, ask, make } from '/static/shell.js';

const MOST = 2000;
let after = 0;
let following = true;
let round = 0;

const filters = () => new URLSearchParams({ level: $('level').value, node: $('node').value, text: $('text').value });

async function more(mine) {
  if (document.hidden) return;
  const query = filters();
  query.set('after', after);
  const lines = await ask(`/api/log?${query}`).catch(() => []);
  if (mine !== round || !lines.length) return;
  after = lines[lines.length - 1].number;
  const list = $('lines');
  list.append(...lines.map(row));
  while (list.childElementCount > MOST) list.firstElementChild.remove();
  if (following) list.scrollTop = list.scrollHeight;
}

function row(one) {
  const when = new Date(one.time * 1000);
  const clock = `${when.toLocaleTimeString([], { hour12: false })}.${String(when.getMilliseconds()).padStart(3, '0')}`;
  return make('div', { class: `line ${one.level}` }, make('span', { class: 'when' }, clock), make('span', {}, one.level),
    make('span', { class: 'node' }, one.node), make('span', { class: 'text' }, one.text));
}

async function again() {
  round += 1;
  after = 0;
  $('lines').replaceChildren();
  $('download').href = `/api/log.txt?${filters()}`;
  await more(round);
}

function follow(on) {
  following = on;
  $('follow').setAttribute('aria-pressed', on);
  $('follow').textContent = on ? 'Following' : 'Follow';
  if (on) $('lines').scrollTop = $('lines').scrollHeight;
}

$('follow').onclick = () => follow(!following);
$('lines').onwheel = () => { const list = $('lines'); follow(list.scrollHeight - list.scrollTop - list.clientHeight < 30); };
for (const id of ['level', 'node', 'text']) $(id).oninput = again;
setInterval(() => more(round), 1000);
again();
