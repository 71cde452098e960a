// SPDX-License-Identifier: Apache-2.0
function goTo(begin, end) {
  const room = Math.max((end - begin) * 0.1, 0.2);
  zoom(begin - room, end + room);
  $('plots').scrollIntoView();
}

function showHead() {
  const facts = [CONTENT.begin, span(CONTENT.duration), 'from a ' + CONTENT.source].filter(Boolean);
  $('meta').textContent = facts.join(' · ');
  $('verdict').className = CONTENT.outcome;
  $('flaws').append(...CONTENT.flaws.map((flaw) => make('li', null, flaw)));
  $('tiles').append(...CONTENT.tiles.map((tile) => make('div', { class: 'tile' }, make('span', null, tile.label), make('b', null, tile.value), make('small', null, tile.note))));
  for (const stage of CONTENT.stages) {
    const lasted = stage.end - stage.begin, title = `${stage.name}: ${span(lasted)}`;
    const go = () => goTo(stage.begin, stage.end);
    const share = CONTENT.duration ? lasted / CONTENT.duration : 0;
    $('stagebar').append(make('button', { title, role: 'listitem', 'aria-label': title, onclick: go, style: { flexGrow: String(Math.max(lasted, 1e-6)), flexBasis: '0', background: stageColour(stage.name) } }, share > 0.09 ? stage.name : ''));
    $('stagelist').append(make('button', { onclick: go }, make('i', { style: { background: stageColour(stage.name) } }), stage.name, make('b', null, span(lasted))));
  }
}

function showFindings() {
  if (!CONTENT.findings.length) $('findings').replaceWith(make('p', { class: 'none' }, 'Nothing: every rule was kept.'));
  else $('findings').append(...CONTENT.findings.map((one) => make('li', null,
    make('span', { class: 'level ' + one.level }, one.level),
    make('button', { class: 'at', title: 'show it in the plots', onclick: () => goTo(one.time - 1, one.time + 1) }, at(one.time)),
    make('div', null, one.text, one.count > 1 ? make('span', { class: 'times' }, ` (${one.count} times)`) : '', make('div', null,
      ...one.cited.map((cited) => make('span', { class: 'chip' }, cited.title ? `${cited.name} ${cited.title}` : cited.name)))))));
}

function showPaces() {
  const head = ['message', 'rounds', 'each', 'median', 'slowest', '', 'standard', 'we wait', 'late', 'unanswered'];
  const row = (pace) => make('tr', null, make('td', null, pace.name), make('td', null, pace.count), make('td', null, pace.round ? span(pace.round) : ''),
    make('td', null, span(pace.median)), make('td', null, make('button', { class: 'at', onclick: () => goTo(pace.at, pace.at + pace.slowest) }, span(pace.slowest))),
    make('td', null, make('span', { class: 'meter' + (pace.late ? ' over' : ''), title: `${(100 * pace.slowest / pace.standard).toFixed(0)} % of the standard's limit` }, make('i', { style: { width: Math.min(100, 100 * pace.slowest / pace.standard) + '%' } }))),
    make('td', null, span(pace.standard)), make('td', null, span(pace.field)), make('td', null, pace.late || ''), make('td', null, pace.unanswered || ''));
  if (!CONTENT.paces.length) $('paces').replaceWith(make('p', { class: 'none' }, 'No V2G messages were recorded.'));
  else $('paces').append(make('tr', null, ...head.map((text) => make('th', null, text))), ...CONTENT.paces.map(row));
}

function showSides() {
  for (const [side, rows] of Object.entries(CONTENT.sides)) {
    $('who').append(make('div', null, make('h3', null, side), make('dl', null, ...rows.flatMap(([name, value]) => [make('dt', null, name), make('dd', null, value)]))));
  }
}

const ARROWS = { vehicle: 'vehicle →', charger: '← charger', both: 'both ⇄' };

function showStory() {
  CONTENT.story.forEach((stage, n) => {
    const rows = stage.rows.map((row) => make('div', { class: 'row' + (row.flawed ? ' flawed' : '') }, make('time', null, at(row.time)),
      make('span', { class: 'who' }, row.kind === 'state' ? `${row.side} is in` : ARROWS[row.side] || row.kind), make('span', { class: 'name' }, row.name, row.count ? make('span', { class: 'times' }, ` × ${row.count}`) : ''), make('span', { class: 'text' }, row.text)));
    const next = CONTENT.story[n + 1], lasted = (next ? next.time : CONTENT.duration) - stage.time;
    const box = make('details', null, make('summary', null, stage.stage ? make('i', { class: 'swatch', style: { background: stageColour(stage.stage) } }) : '',
      make('b', null, stage.stage || 'before'), make('span', null, `${at(stage.time)} · ${span(lasted)}`)), make('div', { class: 'rows' }, ...rows));
    box.open = rows.length <= 12;
    $('stages').append(box);
  });
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  for (const chart of Plots.all) chart.draw();
}

function listen() {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  $('theme').addEventListener('click', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
  $('search').addEventListener('input', (event) => search(event.target.value));
  $('more').addEventListener('click', showMore);
  $('whole').addEventListener('click', () => zoom(0, CONTENT.duration));
  for (const button of document.querySelectorAll('[data-zoom]')) button.addEventListener('click', () => {
    const middle = (Plots.min + Plots.max) / 2, half = (Plots.max - Plots.min) * Number(button.dataset.zoom) / 2;
    zoom(middle - half, middle + half);
  });
  for (const button of document.querySelectorAll('[data-pan]')) button.addEventListener('click', () => {
    const shift = (Plots.max - Plots.min) * Number(button.dataset.pan);
    zoom(Plots.min + shift, Plots.max + shift);
  });
  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth === width) return;  // a phone's bars come and go
    width = window.innerWidth;
    for (const chart of Plots.all) chart.draw();
  });
  return dark.matches ? 'dark' : 'light';
}

showHead();
showFindings();
showPaces();
showSides();
showStory();
document.documentElement.dataset.theme = listen();
makePlots();
zoom(Plots.min, Plots.max);
search('');
document.body.dataset.ready = 'true';
