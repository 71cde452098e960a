// SPDX-License-Identifier: Apache-2.0
// An update: the file goes up, then its steps are asked for until a page of some release answers.
import { $, ask, attempt, make, show, understood, whoAmI } from '/static/shell.js';

const STEPS = { receiving: 'Receiving', checking: 'Checking the signature', unpacking: 'Unpacking', testing: 'The new release tests itself', switching: 'Switching' };

async function load() {
  const told = await attempt(() => ask('/api/update'));
  if (!told) return;
  show($('impossible'), !told.possible, 'This computer was not installed so that it can be updated from here.');
  show($('drop'), told.possible);
  show($('last'), Boolean(told.last), told.last?.sentence);
  $('last').className = told.last?.ok === false ? 'note bad' : 'note';
  const versions = told.installed.length ? told.installed : [told.version];
  $('installed').replaceChildren(...versions.map((version) => make('tr', {}, make('td', {}, version), make('td', {}, version === told.version ? 'runs' : ''))));
}

function step(name, percent, version = '') {
  show($('going'), true);
  $('step').textContent = STEPS[name] ?? name;
  $('version').textContent = version;
  $('bar').value = percent;
}

function send(file, csrf) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', '/api/update');
    request.setRequestHeader('X-CSRF-Token', csrf);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.onload = () => { try { resolve(understood(request.status, request.responseText)); } catch (error) { reject(error); } };
    request.onerror = () => reject(new Error('the connection was lost'));
    request.send(file);
  });
}

async function install(file) {
  show($('refused'), false);
  show($('drop'), false);
  step('receiving', 0);
  const watch = setInterval(async () => {
    const told = await ask('/api/update').catch(() => null);
    if (told && STEPS[told.progress.step]) step(told.progress.step, told.progress.percent, told.progress.version);
  }, 500);
  try {
    await send(file, (await whoAmI()).csrf);
    clearInterval(watch);
    await settled();
  } catch (error) {
    clearInterval(watch);
    show($('going'), false);
    show($('refused'), true, error.message);
    await load();
  }
}

/** The page that answers next wants a new login: it tells there how the update has ended. */
async function settled() {
  step('Waiting for the new release to become healthy', 97);
  const status = (path) => fetch(path).then((answer) => answer.status, () => 0);
  for (let gone = false; ;) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    const there = await status('/healthz') === 200;
    if (gone && there) return location.assign('/login');
    gone ||= !there || await status('/api/me') === 401;
  }
}

const drop = $('drop');
$('file').onchange = () => $('file').files[0] && install($('file').files[0]);
drop.ondragover = (event) => { event.preventDefault(); drop.classList.add('over'); };
drop.ondragleave = () => drop.classList.remove('over');
drop.ondrop = (event) => { event.preventDefault(); drop.classList.remove('over'); if (event.dataTransfer.files[0]) install(event.dataTransfer.files[0]); };
load();
