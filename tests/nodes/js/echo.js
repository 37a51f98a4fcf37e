#!/usr/bin/env node
'use strict';
// echo: says back what it is told.

const node = require('./node.js');

node.on('echo', (message, body) => node.reply(message, { type: 'echo_ok', echo: body.echo }));
node.run();
