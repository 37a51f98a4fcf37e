// web_client.js - what bench/web_people.js and bench/web_runs.js ask a server of eddy with. It answers under a name of its own
// (--url) and believes us from where we ask (--proxy), so that many people can come from one machine as from many.
'use strict';
const http = require('node:http');

const agent = new http.Agent({ keepAlive: true });

// Resolves to the answer as a stream, with .statusCode and .headers. who: {cookie, address}; either may be missing.
exports.open = (url, method, path, { who = {}, body, headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const all = { Host: process.env.EDDY_HOST, 'X-Eddy': '1', ...headers };
    if (who.cookie) all.Cookie = who.cookie;
    if (who.address) all['X-Forwarded-For'] = who.address;
    if (body !== undefined) all['Content-Type'] = 'application/json';
    const { hostname, port } = new URL(url);
    const request = http.request({ hostname, port, path, method, agent, headers: all }, resolve);
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });

// {status, headers, body}: body is what the JSON says, or null.
exports.ask = async (url, method, path, more) => {
  const answer = await exports.open(url, method, path, more);
  answer.setEncoding('utf8');
  let text = '';
  for await (const piece of answer) text += piece;
  return { status: answer.statusCode, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
};

exports.sure = async (url, method, path, more) => {
  const answer = await exports.ask(url, method, path, more);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body && answer.body.detail}`);
  return answer;
};

exports.later = ms => new Promise(done => setTimeout(done, ms));
