// What the playground offers (GET /workloads), and what somebody chooses of it. Values are texts, as in a form and as the API takes them;
// "" says nothing.
import type { Language } from '../types.js';

export type Kind = 'integer' | 'number' | 'clients' | 'choice' | 'choices' | 'switch';

export interface Option {
  readonly name: string;
  readonly label: string;
  readonly kind: Kind;
  readonly unit: string;
  readonly value: string; // where nothing is said
  readonly smallest: string;
  readonly largest: string;
  readonly choices: readonly string[];
  readonly sentence: string;
}

export interface Workload {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
  readonly languages: readonly string[];
}

export interface Offer {
  readonly workloads: readonly Workload[];
  readonly options: readonly Option[];
  readonly languages: readonly Pick<Language, 'name' | 'title'>[];
}

export type Values = { readonly [name: string]: string };

/** The options that matter to a workload, in the order of a form. */
export function optionsOf(offer: Offer, workload: string): Option[] {
  const names = offer.workloads.find(one => one.name === workload)?.options ?? [];
  return offer.options.filter(option => names.includes(option.name));
}

/** What holds for each of them: what was chosen, else what holds where nothing is said. */
export function valueOf(option: Option, values: Values): string {
  return values[option.name] ?? option.value;
}

/** Only what was chosen, differs from what holds anyway, and is of this workload. */
export function chosen(offer: Offer, workload: string, values: Values): Values {
  const sent: { [name: string]: string } = {};
  for (const option of optionsOf(offer, workload)) {
    const value = valueOf(option, values).trim();
    if (value !== option.value) sent[option.name] = value;
  }
  return sent;
}

/** A sentence, or "". The server has the last word; this is to say it sooner. */
export function whatIsWrong(option: Option, value: string): string {
  const text = value.trim();
  if (text === '' || option.kind === 'choice' || option.kind === 'choices' || option.kind === 'switch') return '';
  const form = { integer: /^\d+$/, number: /^\d+(\.\d+)?$/, clients: /^\d+n?$/ }[option.kind];
  const range = `from ${option.smallest} to ${option.largest}`;
  if (!form.test(text)) {
    return option.kind === 'clients' ? `A whole number ${range}, or one with an n behind it: so many for each node.`
      : `A ${option.kind === 'integer' ? 'whole ' : ''}number ${range}.`;
  }
  const number = parseFloat(text);
  return number < parseFloat(option.smallest) || number > parseFloat(option.largest) ? `It must be ${range}.` : '';
}

/** A list with commas in the order of its choices, with one of them in it or not. */
export function withChoice(option: Option, value: string, choice: string, isIn: boolean): string {
  const has = new Set(value.split(',').filter(word => word !== ''));
  if (isIn) has.add(choice);
  else has.delete(choice);
  return option.choices.filter(word => has.has(word)).join(',');
}

/** The address of the page with these settings. */
export function addressOf(offer: Offer, workload: string, language: string, values: Values): string {
  return '/playground?' + new URLSearchParams({ workload, language, ...chosen(offer, workload, values) }).toString();
}
