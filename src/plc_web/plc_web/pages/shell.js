// SPDX-License-Identifier: Apache-2.0
// What all pages share: the bar on top, requests, confirmation, messages.

const PAGES = [['/', 'Live'], ['/config', 'Settings'], ['/log', 'Log'], ['/sessions', 'Sessions'], ['/update', 'Update'], ['/computer', 'Computer']];

export const $ = (id) => document.getElementById(id);

/** Make an element: make('p', {class: 'dim'}, 'text', child …). Text never becomes markup. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function show(element, visible, text) {
  element.hidden = !visible;
  if (text !== undefined && element.textContent !== text) element.textContent = text;
}

let me;
export function whoAmI() {
  me ??= ask('/api/me');
  return me;
}

/** Forget who this was: with a new password the browser has a new session. */
export function isAnotherSession() {
  me = undefined;
}

/** Ask the REST API; throws an Error with the sentence that it answers. */
export async function ask(path, method = 'GET', body) {
  const headers = {};
  if (method !== 'GET') headers['X-CSRF-Token'] = (await whoAmI()).csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  return understood(answer.status, await answer.text());
}

export function understood(status, text) {
  if (status === 401) location.assign('/login');
  let told;
  try { told = JSON.parse(text); } catch { told = { detail: text }; }
  if (status >= 400) throw new Error(sentence(told.detail) || `status ${status}`);
  return told;
}

function sentence(detail) {
  if (Array.isArray(detail)) return detail.map((one) => `${one.loc.slice(1).join('.')}: ${one.msg}`).join('; ');
  return detail;
}

export function toast(text, bad = false) {
  const one = make('div', { class: bad ? 'toast bad' : 'toast', role: 'status' }, text);
  toasts.append(one);
  setTimeout(() => one.remove(), bad ? 9000 : 4000);
}

/** Do something, and tell how it went. */
export async function attempt(what) {
  try {
    const answer = await what();
    if (answer?.done) toast(answer.done);
    return answer;
  } catch (error) {
    toast(error.message, true);
    return undefined;
  }
}

/** Ask the user; resolves to true, or to the text of a field, or to false. */
export function confirmed(title, text, yes, field) {
  const input = field && make('input', { ...field, id: 'dialog-field' });
  const dialog = make('dialog', { 'aria-labelledby': 'dialog-title' },
    make('form', { method: 'dialog' },
      make('h1', { id: 'dialog-title' }, title), make('p', { class: 'dim' }, text), input ?? '',
      make('div', { class: 'buttons' },
        make('button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel'),
        make('button', { class: 'main', value: 'yes', id: 'dialog-yes' }, yes))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(dialog.returnValue === 'yes' && (input ? input.value : true));
  }));
}

export const CONFIRM = { confirm: true };

export function size(octets) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let power = 0;
  while (octets >= 1000 && power < 3) { octets /= 1000; power += 1; }
  return `${octets.toFixed(power && octets < 100 ? 1 : 0)} ${units[power]}`;
}

export const when = (seconds) => new Date(seconds * 1000).toLocaleString();

const toasts = make('div', { id: 'toasts' });

async function logOut() {
  await attempt(() => ask('/api/logout', 'POST'));
  location.assign('/login');
}

const bar = make('header', { class: 'bar' },
  make('a', { class: 'brand', href: '/' }, make('img', { src: '/static/mark.svg', alt: '' }), 'CCS charging'),
  make('nav', { 'aria-label': 'Pages' },
    ...PAGES.map(([path, name]) => make('a', { href: path, 'aria-current': path === location.pathname ? 'page' : null }, name))),
  make('button', { class: 'plain', id: 'logout', onclick: logOut }, 'Log out'));
document.body.prepend(bar);
document.body.append(toasts);
