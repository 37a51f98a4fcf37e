import { test } from 'node:test';
import assert from 'node:assert/strict';
import { addressOf, chosen, optionsOf, valueOf, whatIsWrong, withChoice, type Offer, type Option } from './offer.js';

const option = (name: string, more: Partial<Option>): Option =>
  ({ name, label: name, kind: 'integer', unit: '', value: '', smallest: '', largest: '', choices: [], sentence: '', ...more });
const nodes = option('node-count', { value: '5', smallest: '1', largest: '25' });
const rate = option('rate', { kind: 'number', value: '20', smallest: '0.1', largest: '1000' });
const clients = option('concurrency', { kind: 'clients', value: '2n', smallest: '1', largest: '100' });
const nemesis = option('nemesis', { kind: 'choices', choices: ['partition', 'kill', 'pause'] });
const topology = option('topology', { kind: 'choice', value: 'grid', choices: ['line', 'grid'] });
const offer: Offer = {
  workloads: [
    { name: 'echo', summary: '', options: ['rate', 'node-count', 'nemesis'], languages: ['go'] },
    { name: 'broadcast', summary: '', options: ['node-count', 'topology'], languages: ['go'] },
  ],
  options: [nodes, rate, clients, nemesis, topology],
  languages: [{ name: 'go', title: 'Go' }],
};

test('a workload has its own options, in the order of the form', () => {
  assert.deepEqual(optionsOf(offer, 'echo').map(one => one.name), ['node-count', 'rate', 'nemesis']);
  assert.deepEqual(optionsOf(offer, 'nothing'), []);
});

test('only what differs and matters is sent', () => {
  assert.deepEqual(chosen(offer, 'echo', { 'node-count': '5', rate: ' 30 ', topology: 'line', nemesis: 'kill' }), { rate: '30', nemesis: 'kill' });
  assert.deepEqual(chosen(offer, 'broadcast', {}), {});
  assert.deepEqual(chosen(offer, 'broadcast', { 'node-count': '' }), { 'node-count': '' });
  assert.equal(valueOf(nodes, {}), '5');
});

test('numbers are looked at before they are sent', () => {
  for (const [one, good] of [[nodes, '1'], [nodes, '25'], [rate, '0.5'], [clients, '4n'], [clients, '7'], [nodes, ''], [topology, 'x']] as const)
    assert.equal(whatIsWrong(one, good), '', good);
  for (const [one, bad] of [[nodes, '0'], [nodes, '26'], [nodes, '1.5'], [nodes, '-1'], [nodes, '1e1'], [rate, '.5'], [clients, 'n'], [clients, '2m']] as const)
    assert.ok(whatIsWrong(one, bad) !== '', bad);
});

test('a list keeps the order of its choices, and drops what is none', () => {
  assert.equal(withChoice(nemesis, '', 'kill', true), 'kill');
  assert.equal(withChoice(nemesis, 'kill', 'partition', true), 'partition,kill');
  assert.equal(withChoice(nemesis, 'partition,kill,other', 'kill', false), 'partition');
});

test('an address has what was chosen', () => {
  assert.equal(addressOf(offer, 'echo', 'go', { nemesis: 'partition,kill' }), '/playground?workload=echo&language=go&nemesis=partition%2Ckill');
});
