// SPDX-License-Identifier: Apache-2.0
import { $, CONFIRM, ask, attempt, confirmed, isAnotherSession, make, show } from '/static/shell.js';

async function load() {
  const told = await attempt(() => ask('/api/computer'));
  if (told) {
    $('version').textContent = told.version;
    show($('clear'), !told.encrypted && !['localhost', '127.0.0.1', '[::1]'].includes(location.hostname));
    $('links').replaceChildren(...told.links.map((link) => make('tr', {},
      make('td', {}, make('span', { class: link.state === 'DOWN' ? 'dot off' : 'dot' }), link.name), make('td', {}, link.addresses.join(' ') || '–', make('br'), make('span', { class: 'dim small mono' }, link.mac)))));
  }
  await wifi();
}

async function wifi() {
  const told = await attempt(() => ask('/api/wifi'));
  if (!told) return;
  show($('why-not'), Boolean(told.why_not), told.why_not);
  show($('wifi'), !told.why_not);
  $('networks').replaceChildren(...told.networks.map((one) => make('tr', {}, make('td', {}, one.ssid), make('td', { class: 'num' }, `${one.signal} %`),
    make('td', { class: 'num' }, one.joined ? 'joined' : make('button', { onclick: () => join(one) }, 'Join')))));
}

async function join(one) {
  const key = one.security ? await confirmed(`Join ${one.ssid}?`, 'Its key:', 'Join', { type: 'password', required: true, minlength: 8, maxlength: 63 }) : await confirmed(`Join ${one.ssid}?`, 'This network is open: everybody can listen.', 'Join') && '';
  if (key !== false && await attempt(() => ask('/api/wifi/join', 'POST', { ssid: one.ssid, key }))) await wifi();
}

$('wifi-reset').onclick = async () => {
  const sure = await confirmed('Forget all networks?', 'This computer leaves the network and opens an access point of its own for setting up.', 'Forget');
  if (sure) await attempt(() => ask('/api/wifi/reset', 'POST', CONFIRM));
};
$('reboot').onclick = async () => {
  const sure = await confirmed('Reboot the computer?', 'The graph is stopped first. It is refused while a session runs.', 'Reboot');
  if (sure) await attempt(() => ask('/api/reboot', 'POST', CONFIRM));
};
$('password').onsubmit = async (event) => {
  event.preventDefault();
  const body = { present: $('present').value, new: $('new').value };
  if (await attempt(() => ask('/api/password', 'POST', body))) { isAnotherSession(); event.target.reset(); }
};
load();
