// SPDX-License-Identifier: Apache-2.0
import { $, ask, attempt, make, show, size, when } from '/static/shell.js';

const some = await attempt(() => ask('/api/sessions')) ?? [];
show($('none'), !some.length);
$('sessions').replaceChildren(...some.map((one) => make('tr', {},
  make('td', {}, when(one.time)), make('td', {}, one.name), make('td', { class: 'num' }, size(one.octets)),
  make('td', { class: 'num' }, one.report ? make('a', { href: `/api/sessions/${one.name}/report`, target: '_blank', rel: 'noopener' }, 'Report') : '', ' ',
    make('a', { href: `/api/sessions/${one.name}/bag.tar`, download: true }, 'Download')))));
