// SPDX-License-Identifier: Apache-2.0
// The plots over time share one range of x: zooming one zooms all.
const Plots = { all: [], over: [], min: 0, max: CONTENT.duration || 1 };
const COLOURS = ['--accent', '--power', '--soc', '--bad', '--amperes'];
const ANSWERS = { CurrentDemand: '--amperes', PreCharge: '--power', CableCheck: '--odd', PowerDelivery: '--bad' };
const LIMITS = [[250, 'CurrentDemand: 250 ms'], [2000, 'all others: 2 s']];

const fixed = (unit, digits) => (value) => value.toFixed(digits) + ' ' + unit;

function zoom(min, max) {
  const least = Math.max(CONTENT.duration / 20000, 0.01);
  const width = Math.min(Math.max(max - min, least), CONTENT.duration || 1);
  Plots.min = Math.min(Math.max(min, 0), (CONTENT.duration || 1) - width);
  Plots.max = Plots.min + width;
  for (const chart of Plots.over) chart.show(chart.series, Plots.min, Plots.max);
  const whole = width >= CONTENT.duration;
  $('range').textContent = whole ? '' : `${at(Plots.min)} to ${at(Plots.max)} (${span(width)} of ${span(CONTENT.duration)})`;
  document.body.dataset.range = `${Plots.min} ${Plots.max}`;
}

/** Make a plot of the series that hold anything; without any its place is hidden. */
function plot(id, series, options) {
  const known = series.filter((one) => one.points.length);
  $(id).hidden = !known.length;
  if (!known.length) return null;
  const chart = new Chart($(id), options);
  chart.series = known;
  Plots.all.push(chart);
  return chart;
}

function overTime(id, series, options) {
  const chart = plot(id, series, { ...options, linked: Plots.over, select: zoom, whole: () => zoom(0, CONTENT.duration),
    x: { text: (value, exact) => exact ? at(value) : value + ' s' },
    bands: CONTENT.stages.map((stage) => ({ ...stage, fill: () => stageColour(stage.name, colour('--shade')) })) });
  if (chart) Plots.over.push(chart);
}

function line(column, label, hue, text, { factor = 1, dash } = {}) {
  const values = CONTENT.series[column];
  const points = CONTENT.series.time.map((time, n) => [time, values[n] === null ? null : values[n] * factor]);
  return { label, colour: hue, text, dash, fill: !dash, width: dash ? 1.3 : 1.8, points: points.filter(([, value]) => value !== null) };
}

const asked = (column, text) => line(column, 'asked for', '--target', text, { dash: [6, 4] });

function makeAnswers() {
  const kinds = [...Object.keys(ANSWERS), 'other'].map((kind) => ({ label: kind, colour: ANSWERS[kind] ?? '--accent', kind: 'points', text: fixed('ms', 1),
    points: CONTENT.responses.filter(([, name]) => (name in ANSWERS ? name : 'other') === kind).map(([time, , waited]) => [time, waited * 1000]) }));
  const waits = CONTENT.responses.map(([, , waited]) => waited * 1000);
  const [least, most] = waits.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, 0]);
  const range = [Math.max(0.1, Math.min(5, least * 0.8)), Math.max(3000, most * 1.5)];
  overTime('plot-answers', kinds, { limits: LIMITS, y: { log: true, range, text: (value) => value >= 1000 ? value / 1000 + ' s' : value + ' ms' } });
}

function makeAttenuation() {
  const found = CONTENT.attenuation.filter((one) => one.groups.length);
  if (!found.length) { $('plot-attenuation').replaceWith(make('p', { class: 'none' }, 'No CM_ATTEN_CHAR.IND with a profile was recorded.')); return; }
  const groups = Math.max(...found.map((one) => one.groups.length)), most = Math.max(20, ...found.flatMap((one) => one.groups));
  const chart = plot('plot-attenuation', found.map((one, n) => ({ label: `${one.charger}${one.matched ? ', matched' : ''}, mean ${one.mean.toFixed(1)} dB`,
    colour: COLOURS[n % COLOURS.length], kind: found.length === 1 ? 'bars' : 'line', text: fixed('dB', 0), points: one.groups.map((value, group) => [group + 1, value]) })),
  { y: { range: [0, most * 1.1], text: (value) => value + ' dB' }, x: { text: (value, exact) => exact ? `carrier group ${Math.round(value)}` : String(value) } });
  chart.show(chart.series, 0.2, groups + 0.8);
}

function makePlots() {
  overTime('plot-volts', [line('voltage', 'present', '--volts', fixed('V', 1)), asked('target_voltage', fixed('V', 1))], { y: { least: 2, text: (value) => value + ' V' } });
  overTime('plot-amperes', [line('current', 'present', '--amperes', fixed('A', 1)), asked('target_current', fixed('A', 1))], { y: { least: 2, text: (value) => value + ' A' } });
  overTime('plot-power', [line('power', 'power', '--power', fixed('kW', 2), { factor: 0.001 })], { y: { text: (value) => value + ' kW' } });
  overTime('plot-soc', [line('soc', 'state of charge', '--soc', fixed('%', 0), { factor: 100 })], { y: { least: 2, text: (value) => value + ' %' } });
  $('plots').hidden = !Plots.over.length;
  makeAnswers();
  makeAttenuation();
}
