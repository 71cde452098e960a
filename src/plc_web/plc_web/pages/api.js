// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document, to be read by people.
import { $, ask, attempt, make } from '/static/shell.js';

const told = await attempt(() => ask('/api/openapi.json')) ?? { paths: {} };

const resolved = (schema) => (schema?.$ref ? told.components.schemas[schema.$ref.split('/').pop()] : schema);

function body(operation) {
  const [kind, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (!kind) return null;
  return make('pre', {}, kind === 'application/json' ? JSON.stringify(resolved(content.schema).properties, null, 1) : kind);
}

function parameters(operation) {
  const some = operation.parameters ?? [];
  return some.length ? make('p', { class: 'small dim' }, 'Parameters: ', some.map((one) => `${one.name} (${one.in})`).join(', ')) : null;
}

for (const [path, methods] of Object.entries(told.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    $('operations').append(make('details', { class: 'card node' },
      make('summary', {}, make('span', { class: 'method' }, method.toUpperCase()), make('span', { class: 'mono' }, path)),
      make('div', { class: 'parameter-text' }, make('p', {}, operation.description ?? ''), parameters(operation), body(operation))));
  }
}
