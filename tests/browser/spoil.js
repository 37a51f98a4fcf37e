// A proxy that plants a bug in what the server sends: for tests/planted/browser.sh, which says in SPOIL
//   [KIND, PATTERN, TEXT]   in every answer whose Content-Type has KIND, what matches PATTERN becomes TEXT
//   ["file", NAME, PATH]    /static/NAME.HASH.js has what is in the file PATH
'use strict';
const fs = require('node:fs');
const http = require('node:http');

const read = stream => new Promise((resolve, reject) => {
  const pieces = [];
  stream.on('data', piece => pieces.push(piece)).on('end', () => resolve(Buffer.concat(pieces))).on('error', reject);
});

// The address of the proxy in front of url.
function spoil(url, [kind, pattern, text]) {
  const isFile = path => kind === 'file' && path.startsWith(`/static/${pattern}.`) && path.endsWith('.js');
  const proxy = http.createServer((request, reply) => {
    const headers = { ...request.headers };
    delete headers['accept-encoding'];
    delete headers['if-none-match'];
    const onward = http.request(new URL(request.url, url), { method: request.method, headers }, async answer => {
      const type = answer.headers['content-type'] || '';
      if (!isFile(request.url) && !(kind !== 'file' && type.includes(kind))) {
        reply.writeHead(answer.statusCode, answer.headers);
        answer.pipe(reply);
        return;
      }
      const body = (await read(answer)).toString();
      const spoiled = isFile(request.url) ? fs.readFileSync(text) : body.replace(new RegExp(pattern, 'g'), text);
      delete answer.headers['content-length'];
      reply.writeHead(answer.statusCode, answer.headers);
      reply.end(spoiled);
    });
    onward.on('error', () => reply.destroy());
    reply.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  return new Promise(resolve => proxy.listen(0, '127.0.0.1', () => { proxy.unref(); resolve(`http://127.0.0.1:${proxy.address().port}/`); }));
}

module.exports = { spoil };
