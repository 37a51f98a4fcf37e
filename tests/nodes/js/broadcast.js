#!/usr/bin/env node
'use strict';
// broadcast: every 100 ms each neighbour is told what it has not confirmed yet.

const node = require('./node.js');

const known = new Set();
const confirmed = new Map(); // neighbour: the values it has confirmed

function confirm(name, values) {
  if (!confirmed.has(name)) confirmed.set(name, new Set());
  for (const value of values) confirmed.get(name).add(value);
}

node.on('topology', (message, body) => {
  for (const name of body.topology[node.id] || []) confirm(name, []);
  node.reply(message, { type: 'topology_ok' });
});

node.on('broadcast', (message, body) => {
  known.add(body.message);
  node.reply(message, { type: 'broadcast_ok' });
});

node.on('read', (message) => node.reply(message, { type: 'read_ok', messages: [...known] }));

node.on('gossip', (message, body) => {
  for (const value of body.values) known.add(value);
  confirm(message.src, body.values);
  node.send(message.src, { type: 'gossip_ok', values: body.values });
});

node.on('gossip_ok', (message, body) => confirm(message.src, body.values));

node.every(100, () => {
  for (const [name, values] of confirmed) {
    const missing = [...known].filter((value) => !values.has(value));
    if (missing.length > 0) node.send(name, { type: 'gossip', values: missing });
  }
});
node.run();
