// SPDX-License-Identifier: Apache-2.0
const CONTENT = JSON.parse(document.getElementById('content').textContent);
const $ = (id) => document.getElementById(id);

// Makes an element; what is text stays text, whatever a charger has put into it.
function make(tag, given, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') Object.assign(element.style, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...inside.filter((one) => one !== null && one !== undefined && one !== ''));
  return element;
}

function span(seconds) {
  if (seconds === null) return '–';
  if (seconds < 0.9995) return (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0) + ' ms';
  if (seconds < 100) return seconds.toFixed(seconds < 10 ? 2 : 1) + ' s';
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  return minutes + ':' + String(whole % 60).padStart(2, '0') + ' min';
}

const at = (seconds) => seconds.toFixed(3) + ' s';

const HUES = { MODEM_SEARCH: 215, SLAC: 205, AVLN: 195, SDP: 185, TCP: 175, APP_PROTOCOL: 250, SESSION_SETUP: 256,
  SERVICE_DISCOVERY: 262, SERVICE_SELECTION: 268, AUTHORIZATION: 276, CHARGE_PARAMETERS: 286, CONNECTOR_LOCK: 315,
  CABLE_CHECK: 38, PRECHARGE: 22, START: 110, CHARGE_LOOP: 145, STOP: 5, WELDING_DETECTION: 340, SESSION_STOP: 325, SAFE_END: 0 };
const stageColour = (name, alpha) => `hsl(${HUES[name] ?? 220} 55% 46% / ${alpha ?? 1})`;
