// Why a step failed: what, expected, seen, the messages that led there, the shorter way to the same failure, the node's log.
import type { Failure, Limit, Message, Result } from '../types.js';
import { duration } from './progress.js';

const BODY_MAX = 300;

function short(text: string): string {
  return text.length > BODY_MAX ? text.slice(0, BODY_MAX) + ' …' : text;
}

function bodyOf(message: Message): string {
  const { body } = message;
  return short(typeof body === 'string' ? body : JSON.stringify(body) ?? '');
}

function fateOf(message: Message): string {
  if (message.dropped) return `lost: ${message.dropped}`;
  const received = message['received-ns'];
  if (received === undefined) return 'under way';
  return received > (message['sent-ns'] ?? 0) ? `received at ${duration(received)}` : '';
}

function Messages({ messages }: { messages: readonly Message[] }) {
  return (
    <>
      <h4 class="minor">The messages that led there</h4>
      <div class="table" tabIndex={0} role="region" aria-label="The messages that led there">
        <table class="messages">
          <thead><tr><th>at</th><th>from</th><th>to</th><th>message</th></tr></thead>
          <tbody>
            {messages.map((message, i) => (
              <tr key={i} class={message.dropped ? 'lost' : ''}>
                <td>{duration(message['sent-ns'] ?? 0)}</td><td>{message.from}</td><td>{message.to}</td>
                <td><code>{bodyOf(message)}</code> {fateOf(message) && <small>{fateOf(message)}</small>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function operationsOf(failure: Failure): readonly unknown[] {
  const { evidence } = failure;
  if (typeof evidence !== 'object' || evidence === null || !('model' in evidence)) return [];
  const { model } = evidence;
  return typeof model === 'object' && model !== null && 'operations' in model && Array.isArray(model.operations) ? model.operations : [];
}

export function Why({ failure }: { failure: Failure }) {
  const operations = failure.shortest ? [] : operationsOf(failure);
  const facts = [['what', failure.what], ['expected', failure.expected], ['seen', failure.seen], ['at', failure['at-ns'] === undefined ? undefined : duration(failure['at-ns'])]] as const;
  return (
    <div class="why">
      <dl>{facts.map(([name, text]) => text && <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
      {failure.messages && failure.messages.length > 0 && <Messages messages={failure.messages} />}
      {operations.length > 0 && (
        <details><summary>Operations up to there</summary><pre tabIndex={0}>{operations.map(one => short(JSON.stringify(one))).join('\n')}</pre></details>
      )}
      {failure.shortest && (
        <details open>
          <summary>Fewer operations fail, too{failure['shortest-tried'] ? ` (found in ${failure['shortest-tried']} runs)` : ''}</summary>
          <Why failure={failure.shortest} />
        </details>
      )}
    </div>
  );
}

export function Log({ result }: { result: Result }) {
  if (!result.log || result.log.length === 0) return null;
  return (
    <details open>
      <summary>The end of what {result.node || 'the node'} wrote to stderr</summary>
      <pre tabIndex={0}>{result.log.join('\n')}</pre>
    </details>
  );
}

export function LimitNote({ limit }: { limit: Limit }) {
  return <p class="limit">{limit.node || 'The build'} was ended by a limit: {limit.name}, {limit.figure} where {limit.bound} are allowed.</p>;
}
