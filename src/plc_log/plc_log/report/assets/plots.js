// SPDX-License-Identifier: Apache-2.0
// The plots over time share one range of x: zooming one zooms all.
const Plots = { all: [], over: [], min: 0, max: CONTENT.duration || 1 };

function shadeStages(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const stage of CONTENT.stages) {
    const left = Math.max(plot.valToPos(stage.begin, 'x', true), bbox.left);
    const right = Math.min(plot.valToPos(stage.end, 'x', true), bbox.left + bbox.width);
    if (right <= left) continue;
    ctx.fillStyle = stageColour(stage.name, style('--shade'));
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    nameStage(ctx, stage.name, left, right, bbox.top);
  }
  ctx.restore();
}

function nameStage(ctx, name, left, right, top) {
  const ratio = window.devicePixelRatio || 1;
  ctx.font = `${10 * ratio}px system-ui, sans-serif`;
  if (right - left < ctx.measureText(name).width + 12 * ratio) return;
  ctx.fillStyle = style('--quiet');
  ctx.fillText(name, left + 6 * ratio, top + 13 * ratio);
}

function axes(label, grid) {
  const line = { stroke: style('--grid'), width: 1 };
  const common = { stroke: style('--quiet'), grid: line, ticks: line, font: '12px system-ui, sans-serif' };
  return [{ ...common, size: 34, values: (_, values) => values.map((v) => v + ' s') },
    { ...common, size: 62, label, labelSize: 16, labelFont: '12px system-ui, sans-serif', labelGap: 0, ...grid }];
}

function zoom(min, max) {
  const least = Math.max(CONTENT.duration / 20000, 0.01);
  const width = Math.min(Math.max(max - min, least), CONTENT.duration || 1);
  Plots.min = Math.min(Math.max(min, 0), (CONTENT.duration || 1) - width);
  Plots.max = Plots.min + width;
  for (const plot of Plots.over) plot.setScale('x', { min: Plots.min, max: Plots.max });
  const whole = width >= CONTENT.duration;
  $('range').textContent = whole ? '' : `${at(Plots.min)} to ${at(Plots.max)} (${span(width)} of ${span(CONTENT.duration)})`;
  document.body.dataset.range = `${Plots.min} ${Plots.max}`;
}

function draw(id, options, values, keepsTime) {
  const place = $(id);
  const narrow = place.clientWidth < 560;
  const plot = new uPlot({
    width: place.clientWidth, height: options.height || (narrow ? 170 : 200), padding: [8, 10, 0, 0],
    cursor: keepsTime ? { sync: { key: 'time', scales: ['x', null] }, drag: { x: true, y: false, setScale: false } } : { drag: { x: false, y: false } },
    ...options,
    hooks: { drawClear: keepsTime ? [shadeStages] : [], draw: options.draw || [], ready: options.ready || [],
      setSelect: keepsTime ? [select] : [] },
  }, values, place);
  if (keepsTime) plot.over.addEventListener('dblclick', () => zoom(0, CONTENT.duration));
  Plots.all.push(plot);
  if (keepsTime) Plots.over.push(plot);
  return plot;
}

function select(plot) {
  const { left, width } = plot.select;
  if (width < 4) return;
  const [min, max] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  zoom(min, max);
}

const fixed = (unit, digits) => (_, value) => value === null || value === undefined ? '–' : value.toFixed(digits) + ' ' + unit;

function overTime(id, unit, digits, columns, factor, label, paths) {
  $(id).hidden = true;
  const series = CONTENT.series;
  const known = columns.filter(([name]) => series[name].some((value) => value !== null));
  if (!known.length) return;
  $(id).hidden = false;
  const values = known.map(([name]) => series[name].map((value) => value === null ? null : value * factor));
  const lines = known.map(([name, title, colour, dash]) => ({ label: title, stroke: style(colour), width: dash ? 1.3 : 1.8, dash,
    spanGaps: true, paths, points: { show: false }, value: fixed(unit, digits), fill: dash ? undefined : style(colour) + '14' }));
  draw(id, { scales: { x: { time: false, range: () => [Plots.min, Plots.max] }, y: { range: (_, low, high) => padded(low, high) } },
    axes: axes(label), series: [{ label: 'time', value: fixed('s', 3) }, ...lines] }, [series.time, ...values], true);
}

function padded(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 0.5);
  return [low >= 0 && low < high * 0.5 ? 0 : low - room, high + room * 2];
}

function drawAnswers() {
  const found = CONTENT.responses;
  $('plot-answers').hidden = !found.length;
  if (!found.length) return;
  const names = [...new Set(found.map(([, name]) => name))];
  const shown = { CurrentDemand: '--amperes', PreCharge: '--power', CableCheck: '--odd', PowerDelivery: '--bad', other: '--accent' };
  const keys = Object.keys(shown).filter((key) => key === 'other' ? names.some((n) => !(n in shown)) : names.includes(key));
  const values = keys.map((key) => found.map(([, name, waited]) => (name === key || (key === 'other' && !(name in shown))) ? waited * 1000 : null));
  const limit = (plot) => { for (const [ms, text] of [[250, 'CurrentDemand: 250 ms'], [2000, 'all others: 2 s']]) drawLimit(plot, ms, text); };
  const most = Math.max(3000, ...found.map(([, , waited]) => waited * 1500));
  const least = Math.max(0.1, Math.min(5, ...found.map(([, , waited]) => waited * 800)));
  draw('plot-answers', { height: 230, scales: { x: { time: false, range: () => [Plots.min, Plots.max] }, y: { distr: 3, range: () => [least, most] } },
    axes: axes('answered after', { values: (_, ticks) => ticks.map((v) => v === null ? '' : v >= 1000 ? v / 1000 + ' s' : v + ' ms') }), draw: [limit],
    series: [{ label: 'time', value: fixed('s', 3) }, ...keys.map((key) => ({ label: key, stroke: style(shown[key]), paths: () => null,
      points: { show: true, size: 5, fill: style(shown[key]) }, value: fixed('ms', 1) }))] }, [found.map(([time]) => time), ...values], true);
}

function drawLimit(plot, value, text) {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(value, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = style('--bad');
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  ctx.beginPath(); ctx.moveTo(bbox.left, y); ctx.lineTo(bbox.left + bbox.width, y); ctx.stroke();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.fillText(text, bbox.left + bbox.width - 6 * ratio, y - 4 * ratio);
  ctx.restore();
}

function drawAttenuation() {
  const found = CONTENT.attenuation.filter((one) => one.groups.length);
  if (!found.length) { $('plot-attenuation').replaceWith(make('p', { class: 'none' }, 'No CM_ATTEN_CHAR.IND with a profile was recorded.')); return; }
  const groups = Math.max(...found.map((one) => one.groups.length));
  const xs = Array.from({ length: groups }, (_, n) => n + 1);
  const colours = ['--accent', '--power', '--soc', '--bad', '--amperes'];
  const bars = uPlot.paths.bars({ size: [0.75, 60], radius: 0.15 }), line = uPlot.paths.stepped({ align: 1 });
  const single = found.length === 1;
  const most = Math.max(20, ...found.flatMap((one) => one.groups)) * 1.1;
  draw('plot-attenuation', { height: 210, scales: { x: { time: false, range: [0.2, groups + 0.8] }, y: { range: [0, most] } },
    axes: [{ ...axes('')[0], values: (_, values) => values.map((v) => v >= 1 && v <= groups ? String(v) : '') }, axes('dB')[1]],
    series: [{ label: 'carrier group' }, ...found.map((one, n) => ({ label: `${one.charger}${one.matched ? ', matched' : ''}, mean ${one.mean.toFixed(1)} dB`,
      stroke: style(colours[n % 5]), fill: single ? style(colours[n % 5]) + '66' : undefined, width: single ? 1 : 2, paths: single ? bars : line,
      points: { show: false }, value: fixed('dB', 0) }))] },
    [xs, ...found.map((one) => xs.map((_, n) => one.groups[n] ?? null))], false);
}

function drawAll() {
  for (const plot of Plots.all) plot.destroy();
  Plots.all = []; Plots.over = [];
  overTime('plot-volts', 'V', 1, [['voltage', 'present', '--volts'], ['target_voltage', 'asked for', '--target', [6, 4]]], 1, 'V');
  overTime('plot-amperes', 'A', 1, [['current', 'present', '--amperes'], ['target_current', 'asked for', '--target', [6, 4]]], 1, 'A');
  overTime('plot-power', 'kW', 2, [['power', 'power', '--power']], 0.001, 'kW');
  overTime('plot-soc', '%', 0, [['soc', 'state of charge', '--soc']], 100, 'SoC %', uPlot.paths.stepped({ align: 1 }));
  drawAnswers();
  drawAttenuation();
}
