// SPDX-License-Identifier: Apache-2.0
// Plots on canvas, for the report of a session and for the live page: lines, points and bars over one x, with a cursor
// that tells their values and zoom by dragging. They draw when told to; colours are names of CSS variables.
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 10, 8, 22]; // px around the plot
const NEAR = 12; // px from the cursor within which a point is meant
const DOT = 3.2; // px, radius

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Return about `count` round numbers from low to high; of a logarithmic scale the powers of ten. */
function ticks(low, high, count, log) {
  if (log) return Array.from({ length: 13 }, (_, n) => 10 ** (n - 6)).filter((one) => one >= low && one <= high);
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((one) => one * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

/** Return the place of the first of some sorted points that is not before x. */
function firstFrom(points, x) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the stretches of points that a line joins: a null or a gap in x ends one. */
function runs(points, gap) {
  const found = [];
  points.forEach((point, n) => {
    const before = points[n - 1];
    if (point[1] === null) return;
    if (!before || before[1] === null || point[0] - before[0] > gap) found.push([]);
    found[found.length - 1].push(point);
  });
  return found;
}

/** Return what shows of a line: of the points in one column of the screen the first, the lowest, the highest and the last. */
function outline(points, column) {
  const columns = [];
  let here;
  for (const point of points) {
    const at = Math.round(column(point[0]));
    if (here?.at !== at) columns.push(here = { at, first: point, low: point, high: point, last: point });
    if (point[1] < here.low[1]) here.low = point;
    if (point[1] > here.high[1]) here.high = point;
    here.last = point;
  }
  return columns.flatMap(({ first, low, high, last }) => [first, low, high, last]);
}

/**
 * A plot in an element, with a legend below. Its options: `x` and `y` have `text`, which makes words of a tick, and of the
 * cursor's x if its second argument is true; `x` also `ticks`; `y` `range`, or `least`, the least span shown, and `log`.
 * `bands` ({begin, end, name, fill}) lie below, `limits` ([y, text]) above; `empty` stands where nothing is known; `select`
 * is told the range that was dragged over, `whole` of a double click; charts that are `linked` share the cursor.
 */
export class Chart {
  constructor(place, options) {
    Object.assign(this, { options, series: [], values: [], min: 0, max: 1, cursor: null, from: null });
    const add = (parent, tag, css) => Object.assign(parent.appendChild(document.createElement(tag)), { className: css });
    const frame = add(place, 'div', 'frame');
    this.legend = add(place, 'div', 'legend');
    this.canvas = add(frame, 'canvas', 'drawn');
    this.over = add(frame, 'canvas', 'over');
    const on = (name, told) => this.over.addEventListener(name, (event) => told(Math.min(Math.max(event.offsetX, LEFT), this.right), event));
    on('pointerdown', (at, event) => { this.from = options.select ? at : null; this.over.setPointerCapture(event.pointerId); });
    on('pointermove', (at) => this.point(at));
    on('pointerup', (at) => this.drop(at));
    on('pointercancel', () => { this.from = null; });
    on('pointerleave', () => this.point(null));
    on('dblclick', () => options.whole?.());
  }

  /** Draw series: {label, colour, text, points: [[x, y or null], …] by x, kind: 'points', 'bars', width, dash, fill, gap, end}. */
  show(series, min, max) {
    Object.assign(this, { series, min, max });
    const part = (tag, ...inside) => { const one = document.createElement(tag); one.append(...inside); return one; };
    this.values = series.map(() => part('b'));
    this.where = part('time');
    this.legend.replaceChildren(...series.map((one, n) => part('span', part('i'), one.label, this.values[n])), this.where);
    this.draw();
  }

  x(value) { return LEFT + (this.right - LEFT) * (value - this.min) / (this.max - this.min); }

  at(left) { return this.min + (this.max - this.min) * (left - LEFT) / (this.right - LEFT); }

  y(value) {
    const scale = this.options.y.log ? Math.log10 : Number;
    return this.bottom - (this.bottom - TOP) * (scale(value) - scale(this.low)) / (scale(this.high) - scale(this.low));
  }

  /** Return the pen of a canvas that is clean, in CSS pixels however fine the screen is. */
  pen(canvas) {
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round((this.right + RIGHT) * ratio), height: Math.round((this.bottom + BOTTOM) * ratio) });
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    return Object.assign(pen, { font: '11px system-ui, sans-serif', fillStyle: colour('--quiet') });
  }

  draw() {
    [this.right, this.bottom] = [this.canvas.clientWidth - RIGHT, this.canvas.clientHeight - BOTTOM];
    const pen = this.pen(this.canvas), shown = this.series.map((one) => this.visible(one.points));
    this.legend.querySelectorAll('i').forEach((mark, n) => { mark.style.background = colour(this.series[n].colour); });
    if (this.fit(shown.flat())) {
      this.drawAxes(pen);
      this.drawBands(pen);
      pen.save();
      pen.beginPath();
      pen.rect(LEFT, TOP, this.right - LEFT, this.bottom - TOP);
      pen.clip();
      this.series.forEach((one, n) => this.drawSeries(pen, one, shown[n]));
      pen.restore();
      this.drawLimits(pen);
    } else pen.fillText(this.options.empty ?? '', LEFT, (TOP + this.bottom) / 2);
    this.tell(this.cursor, this.from);
  }

  visible(points) { return points.slice(Math.max(firstFrom(points, this.min) - 1, 0), firstFrom(points, this.max) + 1); }

  /** Find what of y is shown; false where no value is known. */
  fit(points) {
    let [low, high] = [Infinity, -Infinity];
    for (const [, y] of points) if (y !== null) [low, high] = [Math.min(low, y), Math.max(high, y)];
    const { range, least = 0 } = this.options.y;
    const room = Math.max((high - low) * 0.08, (least - high + low) / 3, Math.abs(high) * 0.005, 0.1);
    [this.low, this.high] = range ?? [low >= 0 && low < high * 0.5 + room ? 0 : low - room, high + room * 2];
    return low <= high;
  }

  drawAxes(pen) {
    const { x, y } = this.options;
    Object.assign(pen, { strokeStyle: colour('--grid'), textAlign: 'right', textBaseline: 'middle' });
    pen.beginPath();
    for (const value of ticks(this.low, this.high, Math.max(2, (this.bottom - TOP) / 40), y.log)) {
      const top = Math.round(this.y(value)) + 0.5;
      pen.moveTo(LEFT, top);
      pen.lineTo(this.right, top);
      pen.fillText(y.text(value), LEFT - 7, top);
    }
    Object.assign(pen, { textAlign: 'center', textBaseline: 'alphabetic' });
    for (const value of x.ticks?.(this.min, this.max) ?? ticks(this.min, this.max, (this.right - LEFT) / 90)) {
      const left = Math.round(this.x(value)) + 0.5, text = x.text(value), half = pen.measureText(text).width / 2;
      pen.moveTo(left, TOP);
      pen.lineTo(left, this.bottom + 3);
      pen.fillText(text, Math.min(left, this.right + RIGHT - half), this.bottom + 16);
    }
    pen.stroke();
  }

  drawBands(pen) {
    pen.textAlign = 'left';
    for (const { begin, end, name, fill } of this.options.bands ?? []) {
      const left = Math.max(this.x(begin), LEFT), right = Math.min(this.x(end), this.right);
      if (right <= left) continue;
      pen.fillStyle = fill();
      pen.fillRect(left, TOP, right - left, this.bottom - TOP);
      pen.fillStyle = colour('--quiet');
      if (right - left > pen.measureText(name).width + 12) pen.fillText(name, left + 6, TOP + 13);
    }
  }

  drawSeries(pen, one, points) {
    Object.assign(pen, { strokeStyle: colour(one.colour), fillStyle: colour(one.colour), lineWidth: one.width ?? 1.8, lineJoin: 'round' });
    if (one.kind === 'points') for (const [x, y] of points) pen.fillRect(this.x(x) - 2, this.y(y) - 2, 4, 4);
    else if (one.kind === 'bars') {
      const wide = Math.max(1, Math.min(60, (this.x(1) - this.x(0)) * 0.8));
      for (const [x, y] of points) pen.fillRect(this.x(x) - wide / 2, this.y(y), wide, this.bottom - this.y(y));
    } else this.drawLine(pen, one, points);
  }

  drawLine(pen, { dash = [], fill, gap = Infinity, end }, points) {
    pen.setLineDash(dash);
    for (const run of runs(points, gap)) {
      const path = new Path2D();
      const drawn = run.length > 4 * this.right ? outline(run, (one) => this.x(one)) : run;
      for (const [x, y] of drawn) path.lineTo(this.x(x), this.y(y));
      pen.stroke(path);
      if (!fill) continue;
      for (const [x] of [run[run.length - 1], run[0]]) path.lineTo(this.x(x), this.bottom);
      pen.globalAlpha = 0.08;
      pen.fill(path);
      pen.globalAlpha = 1;
    }
    if (end) this.dot(pen, points[points.length - 1]);
  }

  dot(pen, point) {
    pen.beginPath();
    if (point && point[1] !== null) pen.arc(this.x(point[0]), this.y(point[1]), DOT, 0, 7);
    pen.fill();
  }

  drawLimits(pen) {
    Object.assign(pen, { strokeStyle: colour('--bad'), fillStyle: colour('--bad'), textAlign: 'right' });
    pen.setLineDash([5, 4]);
    for (const [value, text] of this.options.limits ?? []) {
      const top = this.y(value);
      pen.stroke(new Path2D(`M ${LEFT} ${top} H ${this.right}`));
      pen.fillText(text, this.right - 6, top - 4);
    }
  }

  point(at) { for (const chart of this.options.linked ?? [this]) chart.tell(at, this.from); }

  drop(at) {
    const from = this.from;
    this.from = null;
    this.point(at);
    if (from !== null && Math.abs(at - from) >= 4) this.options.select(this.at(Math.min(from, at)), this.at(Math.max(from, at)));
  }

  /** Show the cursor, the values there, and what is dragged over. */
  tell(at, from) {
    const pen = this.pen(this.over), height = this.bottom - TOP, known = at !== null;
    this.cursor = at;
    this.where.textContent = known ? this.options.x.text(this.at(at), true) : '';
    if (known) pen.fillRect(at, TOP, 1, height);
    this.series.forEach((one, n) => {
      const near = known ? this.near(one, at) : null;
      this.values[n].textContent = near ? one.text(near[1]) : '';
      pen.fillStyle = colour(one.colour);
      this.dot(pen, near);
    });
    Object.assign(pen, { globalAlpha: 0.2, fillStyle: colour('--accent') });
    if (known && from !== null) pen.fillRect(from, TOP, at - from, height);
  }

  /** Return the point that is meant: one near the cursor, of a line also the nearer of the two that it joins there. */
  near({ points, kind }, at) {
    const next = firstFrom(points, this.at(at)), off = (one) => Math.abs(this.x(one[0]) - at);
    const around = [points[next - 1], points[next]].filter((one) => one && one[1] !== null).sort((a, b) => off(a) - off(b));
    const meant = around.length && (off(around[0]) <= NEAR || (around.length === 2 && kind !== 'points'));
    return meant ? around[0] : null;
  }
}
