// SPDX-License-Identifier: Apache-2.0
// Two plots on canvas: a line over time, and bars. They draw only when something has changed.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Make the canvas as fine as the screen; returns its context and its size in CSS pixels. */
function prepared(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = '11px system-ui, sans-serif';
  return { pen, width, height };
}

/** Round bounds around the values, at least `span` apart. */
function bounds(values, span) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(span, (most - least) * 1.15);
  const step = 10 ** Math.floor(Math.log10(room)) / 2;
  let low = Math.floor((least - (room - (most - least)) / 2) / step) * step;
  if (least >= 0) low = Math.max(0, low);
  return [low, Math.ceil((low + room) / step) * step];
}

/** points: [[time in s, value or null], …]; a gap in time or a null breaks the line. */
export function line(canvas, points, name, span) {
  const { pen, width, height } = prepared(canvas);
  const known = points.filter((point) => point[1] !== null);
  pen.strokeStyle = colour('--line');
  pen.fillStyle = colour('--dim');
  if (!known.length) {
    pen.textAlign = 'center';
    pen.fillText('nothing measured yet', width / 2, height / 2);
    return;
  }
  const [low, high] = bounds(known.map((point) => point[1]), span);
  const [begin, end] = [points[0][0], Math.max(points[points.length - 1][0], points[0][0] + 60)];
  const [left, bottom] = [42, height - 16];
  const x = (time) => left + (width - left - 4) * (time - begin) / (end - begin);
  const y = (value) => bottom - (bottom - 6) * (value - low) / (high - low);
  axes(pen, { low, high, begin, end, left, bottom, width, y });
  const stroke = colour(name);
  pen.beginPath();
  let last = null;
  for (const [time, value] of points) {
    if (value === null) { last = null; continue; }
    if (last === null || time - last > 10) pen.moveTo(x(time), y(value));
    else pen.lineTo(x(time), y(value));
    last = time;
  }
  pen.strokeStyle = stroke;
  pen.lineWidth = 2;
  pen.lineJoin = 'round';
  pen.stroke();
  const [time, value] = known[known.length - 1];
  pen.beginPath();
  pen.arc(x(time), y(value), 3.2, 0, 7);
  pen.fillStyle = stroke;
  pen.fill();
}

function axes(pen, { low, high, begin, end, left, bottom, width, y }) {
  pen.lineWidth = 1;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const value of [low, (low + high) / 2, high]) {
    pen.beginPath();
    pen.moveTo(left, Math.round(y(value)) + .5);
    pen.lineTo(width, Math.round(y(value)) + .5);
    pen.stroke();
    const digits = (high - low) / 2 % 1 ? 1 : 0;
    pen.fillText(value.toFixed(digits), left - 6, y(value));
  }
  pen.textBaseline = 'alphabetic';
  const clock = (time) => new Date(time * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  pen.textAlign = 'left';
  pen.fillText(clock(begin), left, bottom + 14);
  pen.textAlign = 'right';
  pen.fillText(clock(end), width - 2, bottom + 14);
}

/** One bar for each carrier group; dB, downwards is better. */
export function bars(canvas, values) {
  const { pen, width, height } = prepared(canvas);
  pen.fillStyle = colour('--dim');
  if (!values.length) {
    pen.textAlign = 'center';
    pen.fillText('no attenuation profile yet', width / 2, height / 2);
    return;
  }
  const most = Math.max(20, Math.ceil(Math.max(...values) / 10) * 10);
  const [left, bottom] = [30, height - 14];
  const step = (width - left) / values.length;
  pen.textAlign = 'right';
  pen.strokeStyle = colour('--line');
  for (let level = 0; level <= most; level += most / 2) {
    const y = Math.round(bottom - (bottom - 6) * level / most) + .5;
    pen.fillText(String(level), left - 6, y + 4);
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(width, y);
    pen.stroke();
  }
  pen.textAlign = 'left';
  pen.fillText('dB by carrier group', left, height - 3);
  pen.fillStyle = colour('--accent');
  values.forEach((value, index) => {
    const tall = (bottom - 6) * value / most;
    pen.fillRect(left + index * step + .5, bottom - tall, Math.max(1, step - 1), tall);
  });
}
