// What the API says; docs/openapi.json describes it, and the server's tests hold it to that.

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export interface Draft {
  readonly files: readonly SourceFile[];
  readonly version: number; // 0: the server has none
}

export interface Starter {
  readonly files: readonly SourceFile[];
  readonly kit: readonly SourceFile[];
  readonly main: string;
}

export interface Language {
  readonly name: string;
  readonly title: string;
  readonly extension: string;
  readonly main: string;
}

export interface Solution {
  readonly language: string;
  readonly files: readonly SourceFile[];
}

export type Verdict = 'passed' | 'failed' | 'not judged';
export type State = 'queued' | 'running' | 'done' | 'cancelled' | 'not judged';

export interface Message {
  readonly from?: string;
  readonly to?: string;
  readonly body?: unknown;
  readonly 'sent-ns'?: number;
  readonly 'received-ns'?: number;
  readonly dropped?: string;
}

export interface Failure {
  readonly what?: string;
  readonly expected?: string;
  readonly seen?: string;
  readonly 'at-ns'?: number;
  readonly messages?: readonly Message[];
  readonly shortest?: Failure;
  readonly 'shortest-tried'?: number;
  readonly evidence?: unknown;
}

export interface Step {
  readonly name: string;
  readonly passed: boolean;
  readonly 'from-ns'?: number;
  readonly 'to-ns'?: number;
  readonly 'seeds-passed'?: number;
  readonly failure?: Failure;
}

export interface Part {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface Limit {
  readonly node: string;
  readonly name: string;
  readonly figure: number;
  readonly bound: number;
}

/** As the judge wrote it (src/judge/judging.h). */
export interface Result {
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly build?: { readonly built: boolean; readonly cached: boolean; readonly text: string; readonly 'took-ns': number };
  readonly parts?: readonly Part[];
  readonly seeds?: number;
  readonly runs?: number;
  readonly messages?: number;
  readonly 'virtual-ns'?: number;
  readonly 'took-ns'?: number;
  readonly step?: string;
  readonly part?: string;
  readonly seed?: number;
  readonly node?: string;
  readonly log?: readonly string[];
  readonly limit?: Limit;
}

/** What is common to submissions and to runs of the playground. */
export interface Judged {
  readonly id: number | string;
  readonly language: string;
  readonly state: State;
  readonly place: number; // while queued: how many go before it, and 1
  readonly put_ms: number;
  readonly over_ms: number;
  readonly verdict: Verdict | null;
  readonly sentence: string;
  readonly result?: Result | null;
  readonly files?: readonly SourceFile[];
  readonly report: boolean;
}

export interface Submission extends Judged {
  readonly track: string;
  readonly task: string;
  readonly kind: 'run' | 'submit';
}

export interface Run extends Judged {
  readonly workload: string;
  readonly options: { readonly [name: string]: string };
}

/** The judge's events, as lines of JSON (src/judge/judging.h). */
export type JudgeEvent =
  | { readonly event: 'building' }
  | { readonly event: 'built'; readonly built: boolean; readonly cached: boolean }
  | { readonly event: 'step'; readonly seed: number; readonly part: string; readonly name?: string; readonly passed: boolean }
  | { readonly event: 'progress'; readonly done: number; readonly of: number }
  | { readonly event: 'verdict'; readonly verdict: Verdict };

export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly draft?: Draft;
}
