// SPDX-License-Identifier: Apache-2.0
// The live page: one snapshot twice a second over a WebSocket, and the buttons.
import { $, CONFIRM, ask, attempt, confirmed, make, show } from '/static/shell.js';
import { Chart } from '/static/chart.js';

const STAGES = {
  IDLE: 'Not plugged in', MODEM_SEARCH: 'Looking for the modem', SLAC: 'Matching (SLAC)', AVLN: 'Joining the line',
  SDP: 'Looking for the other side', TCP: 'Connecting', APP_PROTOCOL: 'Agreeing on a protocol', SESSION_SETUP: 'Session setup',
  SERVICE_DISCOVERY: 'Service discovery', SERVICE_SELECTION: 'Service selection', AUTHORIZATION: 'Authorization',
  CHARGE_PARAMETERS: 'Charge parameters', CONNECTOR_LOCK: 'Locking the plug', CABLE_CHECK: 'Cable check', PRECHARGE: 'Precharge',
  START: 'Starting', CHARGE_LOOP: 'Charging', STOP: 'Stopping', WELDING_DETECTION: 'Welding detection',
  SESSION_STOP: 'Ending the session', FINISHED: 'Finished', SAFE_END: 'Safe end', FAILED: 'Failed',
};
const PROTOCOLS = { din: 'DIN 70121' };
const RUNGS = ['Modem', 'SLAC', 'AVLN', 'SDP', 'TCP', 'Application'];
const SLAC = ['not wanted now', 'matching', 'joining', 'matched', 'failed', 'skipped'];
const MODEM = ['none is used', 'searching', 'found', 'setting the key', 'restarting', 'ready', 'linked', 'failed', 'inactive'];
const SIDES = { '/pev': 'Vehicle', '/evse': 'Charger' };
const GOOD = ['CHARGE_LOOP', 'FINISHED'];
const HOUR = 3600;
const CIRCLE = 2 * Math.PI * 60;

let history = {};
let chosen = '';
let latest;

const digits = (value, count) => (value === null || value === undefined ? '–' : value.toFixed(count));

function choose(sides) {
  const names = sides.map((side) => side.name);
  if (!names.includes(chosen)) chosen = names[0];
  const tabs = $('sides');
  show(tabs, names.length > 1);
  if (tabs.childElementCount !== names.length) {
    tabs.replaceChildren(...names.map((name) => make('button', { 'data-side': name, onclick: () => { chosen = name; draw(latest); } }, SIDES[name] ?? name)));
  }
  for (const tab of tabs.children) tab.setAttribute('aria-pressed', tab.dataset.side === chosen);
  return sides.find((side) => side.name === chosen);
}

function draw(told) {
  latest = told;
  const side = choose(told.sides);
  session(side, told);
  graph(told.graph, told.busy);
  rungs(side.charging_link);
  slac(side.slac_status);
  modem(side);
  findings(told.diagnostics);
}

function session(side, { graph: launch, busy }) {
  const state = side.state;
  show($('stage'), true, state ? STAGES[state.stage_name] ?? state.stage_name : launch.running ? 'Waiting for the session node' : 'The graph is down');
  show($('reason'), true, state?.reason || (GOOD.includes(state?.stage_name) ? `by ${PROTOCOLS[state.protocol] ?? state.protocol}` : busy));
  const soc = state?.soc ?? null;
  $('soc').textContent = soc === null ? '–' : `${(soc * 100).toFixed(1)} %`;
  $('ring').style.strokeDasharray = CIRCLE;
  $('ring').style.strokeDashoffset = CIRCLE * (1 - (soc ?? 0));
  const [volts, amperes] = [state?.present_voltage ?? null, state?.present_current ?? null];
  $('voltage').textContent = digits(volts, 1);
  $('current').textContent = digits(amperes, 1);
  $('power').textContent = volts === null || amperes === null ? '–' : digits(volts * amperes / 1000, 1);
  $('energy').textContent = digits(state && state.energy !== null ? state.energy / 1000 : null, 2);
  $('target').textContent = digits(state?.target_current, 1);
  $('remaining').textContent = digits(state && state.remaining_time !== null ? state.remaining_time / 60 : null, 0);
  const latched = ['FAILED', 'SAFE_END'].includes(state?.stage_name);
  show($('stop'), Boolean(state?.active));
  show($('emergency'), Boolean(state?.active));
  show($('limit'), Boolean(state?.active) && side.name === '/pev');
  show($('reset'), latched && !state.active);
  show($('session-buttons'), Boolean(state?.active) || latched);
}

function graph(launch, busy) {
  $('graph-dot').className = `dot ${launch.running ? launch.stopping ? 'warn' : '' : 'off'}`;
  const since = launch.since && new Date(launch.since * 1000).toLocaleTimeString();
  $('graph-state').textContent = launch.stopping ? 'stopping …' : launch.running ? `runs since ${since}` : 'is down';
  $('graph-launch').textContent = `${launch.launch} ${launch.arguments}`;
  show($('graph-start'), !launch.running);
  show($('graph-stop'), launch.running);
  show($('graph-restart'), launch.running);
  for (const button of [$('graph-start'), $('graph-restart')]) {
    button.disabled = Boolean(busy);
    button.title = busy;
  }
  show($('ended'), Boolean(launch.ended), launch.ended && `The graph has ended: ${launch.ended}`);
}

function rungs(link) {
  const list = $('rungs');
  if (!list.childElementCount) list.append(...RUNGS.map((name) => make('li', {}, name)));
  RUNGS.forEach((_, index) => {
    const layer = link?.layers?.[index];
    const up = link && link.reached > index;
    list.children[index].className = up ? 'up' : layer?.level === 3 ? 'bad' : layer?.level === 1 ? 'warn' : '';
    list.children[index].title = layer?.reason ?? '';
  });
}

let profile = '-';
function slac(status) {
  $('slac-state').textContent = status ? `${SLAC[status.state] ?? status.state}${status.reason ? `: ${status.reason}` : ''}` : '–';
  rows($('chargers'), (status?.chargers ?? []).map((mac, index) => [mac, `${digits(status.attenuation[index], 1)} dB`]));
  const groups = status?.attenuation_profile ?? [], now = JSON.stringify(groups);
  if (now === profile) return;
  profile = now;
  attenuation.options.y.range = [0, Math.max(20, ...groups) * 1.1];
  const points = groups.map((value, group) => [group + 1, value]);
  attenuation.show(groups.length ? [{ label: 'dB by carrier group', colour: '--accent', kind: 'bars', text: String, points }] : [], 0, groups.length + 1);
}

function modem(side) {
  const [one, transport] = [side.modem_status, side.transport_status];
  rows($('modem'), one ? [
    ['Modem', `${MODEM[one.state] ?? one.state}${one.reason ? `: ${one.reason}` : ''}`],
    ['Interface', one.interface || '–'], ['Address', one.mac || '–'], ['Firmware', one.firmware || '–'],
    ['Other modem', one.remote_mac || '–'], ['Other side', transport?.remote_address || '–'],
    ['Security', transport?.security_chosen || '–'],
  ] : [['Modem', '–']]);
}

function rows(table, pairs) {
  const text = JSON.stringify(pairs);
  if (table.dataset.text === text) return;
  table.dataset.text = text;
  table.replaceChildren(...pairs.map(([name, value]) => make('tr', {}, make('td', {}, name), make('td', {}, value))));
}

function findings(some) {
  const list = $('findings');
  const text = JSON.stringify(some.map((one) => [one.name, one.level, one.message]));
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  const dot = (level) => `dot ${['', 'warn', 'bad', 'off'][level] ?? 'off'}`;
  list.replaceChildren(...(some.length
    ? some.map((one) => make('li', {}, make('span', { class: dot(one.level) }), make('span', {}, one.name), make('span', {}, one.message)))
    : [make('li', {}, make('span', { class: 'dot off' }), make('span', {}, 'No node tells anything.'))]));
}

// Charts

function remember(told) {
  for (const { name, state } of told.sides) {
    if (!state) continue;
    const points = history[name] ??= [];
    if (!points.length || told.time - points[points.length - 1][0] >= .9) {
      points.push([told.time, state.soc, state.present_voltage, state.present_current]);
    }
    while (points.length && points[0][0] < told.time - HOUR) points.shift();
  }
}

const clock = (time) => new Date(time * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const linked = [];
const COURSES = [['soc', 'State of charge', '--accent', '%', 1, 100], ['voltage', 'Voltage', '--volt', 'V', 2, 1], ['current', 'Current', '--ampere', 'A', 3, 1]]
  .map(([id, label, colour, unit, index, factor]) => {
    const chart = new Chart($(`chart-${id}`), { empty: 'nothing measured yet', linked, x: { text: clock, ticks: (begin, end) => [begin, end] },
      y: { least: unit === '%' ? 2 : 10, text: (value) => `${value} ${unit}` } });
    linked.push(chart);
    return { chart, index, factor, series: { label, colour, gap: 10, end: true, text: (value) => `${value.toFixed(1)} ${unit}` } };
  });
const attenuation = new Chart($('attenuation'), { empty: 'no attenuation profile yet', x: { text: (value, exact) => (exact ? `group ${Math.round(value)}` : String(value)) }, y: { text: String } });

function charts() {
  const told = history[chosen] ?? [];
  if (!told.length) return;
  const begin = told[0][0], end = Math.max(told[told.length - 1][0], begin + 60);
  for (const { chart, index, factor, series } of COURSES) {
    const points = told.map((one) => [one[0], one[index] === null ? null : one[index] * factor]);
    chart.show([{ ...series, points }], begin, end);
  }
}

// The stream

let pause = 500;
async function listen() {
  try {
    history = await ask('/api/history');
  } catch { /* the socket tells whether anybody is there */ }
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/live/stream`);
  socket.onmessage = (message) => {
    pause = 500;
    show($('lost'), false);
    const told = JSON.parse(message.data);
    remember(told);
    draw(told);
    if (!document.hidden) charts();
  };
  socket.onclose = async () => {
    show($('lost'), true);
    setTimeout(listen, pause);
    pause = Math.min(pause * 2, 8000);
  };
}

// Buttons

const press = (path, body) => attempt(() => ask(`/api${path}`, 'POST', body));
$('stop').onclick = async () => await confirmed('Stop the charge?', 'The current goes down, the contactors open, and the plug is released.', 'Stop') && press('/charge/stop', CONFIRM);
$('emergency').onclick = () => press('/charge/emergency-stop');
$('reset').onclick = async () => await confirmed('Reset?', 'What was latched by an emergency stop or a suspected weld is let go. Look at the cause first. Nothing starts by that: a charge then begins with a new plug-in or a goal.', 'Reset') && press('/charge/reset', CONFIRM);
$('limit').onclick = async () => {
  const most = latest.sides.find((side) => side.name === chosen).state.vehicle_max_current;
  const told = await confirmed('Lower the limit', `A for the rest of this charge; at most ${digits(most, 0)}, and only downwards.`, 'Lower', { type: 'number', min: 1, max: most, step: 'any', required: true });
  if (told) await press('/charge/limits', { max_current: Number(told) });
};
$('graph-start').onclick = async () => await confirmed('Start the graph?', 'A vehicle that is plugged in may be charged from then on.', 'Start') && press('/graph/start', CONFIRM);
$('graph-stop').onclick = async () => await confirmed('Stop the graph?', 'A session that runs ends safely first.', 'Stop') && press('/graph/stop', CONFIRM);
$('graph-restart').onclick = async () => await confirmed('Restart the graph?', 'Parameters that were saved count from then on.', 'Restart') && press('/graph/restart', CONFIRM);

listen();
