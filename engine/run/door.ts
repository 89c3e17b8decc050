/**
 * The one door through which a run speaks. Whatever the event is: what `no_log` hides is taken out, secrets are masked, also where a
 * secret comes in two pieces of live output. Nothing else emits.
 */
import type { RunEvent, TaskResult } from '../events.ts';
import type { Broadcast } from './broadcast.ts';
import type { Redactor } from './redact.ts';

const NOTE = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

export class Door {
  /** Tasks (id, host) whose results are hidden. */
  readonly #hidden = new Set<string>();
  /** The end of a host's live output that may be the beginning of a secret. */
  readonly #waiting = new Map<string, { event: Extract<RunEvent, { type: 'task:output' }>; text: string }>();

  /** Told of each event as it goes out: the record. */
  heard: ((event: RunEvent) => void) | undefined;

  constructor(
    readonly redactor: Redactor,
    readonly events: Broadcast<RunEvent>,
  ) {}

  /** From now on nothing of this task's results on this host is shown, or (with `false`) they are shown again. */
  hide(taskId: string, host: string, hidden: boolean): void {
    const key = `${taskId} ${host}`;
    if (hidden) this.#hidden.add(key);
    else this.#hidden.delete(key);
  }

  /** Whether anything that was emitted says why a run failed. */
  saidWhy = false;

  emit(event: RunEvent): void {
    const failed = 'result' in event && ['failed', 'unreachable'].includes(event.result.status);
    if (event.type === 'bug' || (failed && !event.result.ignored)) this.saidWhy = true;
    if (event.type === 'task:output') {
      if (!this.#isHidden(event)) this.#output(event);
      return;
    }
    if ('host' in event && 'result' in event) this.#flush(event.task.id, event.host);
    this.#let(this.#censored(event));
  }

  #let(event: RunEvent): void {
    const masked = this.redactor.event(event);
    this.events.emit(masked);
    this.heard?.(masked);
  }

  #isHidden(event: { task: { id: string }; host: string }): boolean {
    return this.#hidden.has(`${event.task.id} ${event.host}`);
  }

  #censored(event: RunEvent): RunEvent {
    if (!('result' in event) || !this.#isHidden(event)) return event;
    const result = censoredResult(event.result);
    if (event.type === 'task:item') return { ...event, item: '(censored due to no_log)', result };
    return { ...event, result };
  }

  #output(event: Extract<RunEvent, { type: 'task:output' }>): void {
    const key = `${event.task.id} ${event.host} ${event.stream}`;
    const text = (this.#waiting.get(key)?.text ?? '') + event.text;
    const end = this.redactor.safeEnd(text);
    if (end < text.length) this.#waiting.set(key, { event, text: text.slice(end) });
    else this.#waiting.delete(key);
    if (end > 0) this.#let({ ...event, text: text.slice(0, end) });
  }

  #flush(taskId: string, host: string): void {
    for (const stream of ['stdout', 'stderr']) {
      const key = `${taskId} ${host} ${stream}`;
      const waiting = this.#waiting.get(key);
      if (!waiting) continue;
      this.#waiting.delete(key);
      this.#let({ ...waiting.event, text: waiting.text });
    }
  }
}

/** A result of which nothing is shown but how it went. */
export function censoredResult(result: TaskResult): TaskResult {
  const values: TaskResult['values'] = { censored: NOTE };
  if ('changed' in result.values) values['changed'] = result.values['changed'] === true;
  if (result.status === 'failed') values['failed'] = true;
  const { status, duration, ignored, rescued, replayed } = result;
  const made: TaskResult = { status, values, censored: true, duration };
  if (ignored) made.ignored = true;
  if (rescued) made.rescued = true;
  if (replayed) made.replayed = true;
  return made;
}
