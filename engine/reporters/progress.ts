/** What is still running: a line at the bottom of a terminal, or now and then a line in a log. */
import type { RunEvent, TaskInfo } from '../events.ts';
import type { Output } from './reporter.ts';
import { paint, safe, seconds } from './style.ts';

interface Working {
  task: TaskInfo;
  since: number;
  hosts: Set<string>;
}

/** Which tasks are under way and on which hosts, learnt from the events. */
export class Underway {
  readonly tasks = new Map<string, Working>();
  #playHosts: string[] = [];

  see(event: RunEvent): void {
    switch (event.type) {
      case 'play:start':
        this.#playHosts = event.hosts;
        this.tasks.clear();
        break;
      case 'task:start': {
        const hosts = new Set(event.hosts ?? this.#playHosts);
        const known = this.tasks.get(event.task.id);
        if (known) for (const host of hosts) known.hosts.add(host);
        else this.tasks.set(event.task.id, { task: event.task, since: event.time, hosts });
        break;
      }
      case 'include':
        for (const host of event.hosts) this.#done(event.task, host);
        break;
      case 'task:result':
        this.#done(event.task, event.host);
        if (event.result.status === 'unreachable') this.#lose(event.host);
        break;
      case 'run:end':
        this.tasks.clear();
    }
  }

  #done(task: TaskInfo, host: string): void {
    const working = this.tasks.get(task.id);
    working?.hosts.delete(host);
    if (working?.hosts.size === 0) this.tasks.delete(task.id);
  }

  /** A lost host takes no part in any other task. */
  #lose(host: string): void {
    this.#playHosts = this.#playHosts.filter((other) => other !== host);
  }

  /** One line: the oldest task under way, the hosts that still work at it, how long it has been. */
  describe(now: number, width: number): string | undefined {
    const [working] = this.tasks.values();
    if (!working) return undefined;
    const elapsed = seconds(Math.max(0, (now - working.since) / 1000));
    const more = this.tasks.size > 1 ? `, and ${this.tasks.size - 1} more tasks` : '';
    const title = `${working.task.name} (${elapsed}${more})`;
    const hosts = [...working.hosts];
    let text = '';
    for (const [i, host] of hosts.entries()) {
      const left = hosts.length - i;
      const piece = (i === 0 ? ': ' : ', ') + host;
      if (title.length + text.length + piece.length + 12 > width) {
        text += i === 0 ? `: ${left} hosts` : ` +${left}`;
        break;
      }
      text += piece;
    }
    return safe(title + text)
      .replaceAll('\n', ' ')
      .slice(0, width);
  }
}

/** Draws the progress line on a terminal, and the heartbeat where there is none. */
export class Progress {
  readonly underway = new Underway();
  readonly #out: Output;
  readonly #heartbeat: number;
  readonly #now: () => number;
  #drawn = false;
  #lastPrinted: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(out: Output, heartbeat: number, now: () => number = Date.now) {
    this.#out = out;
    this.#heartbeat = heartbeat;
    this.#now = now;
    this.#lastPrinted = now();
    if (!out.isTTY && heartbeat <= 0) return;
    this.#timer = setInterval(() => this.tick(), out.isTTY ? 200 : 1000);
    this.#timer.unref();
  }

  /** Prints a text above the progress line. */
  print(text: string, write: (text: string) => void = (t) => this.#out.write(t)): void {
    this.#clear();
    write(text);
    this.#lastPrinted = this.#now();
  }

  tick(): void {
    if (this.#out.asking) {
      this.#drawn = false;
      return;
    }
    if (this.#out.isTTY) this.#draw();
    else if (this.#now() - this.#lastPrinted >= this.#heartbeat * 1000) this.#beat();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw(): void {
    const line = this.underway.describe(this.#now(), this.#out.columns - 1);
    if (line === undefined) {
      this.#clear();
      return;
    }
    this.#out.write(`\r\x1b[2K${paint(line, 'dim', this.#out.colors)}`);
    this.#drawn = true;
  }

  #beat(): void {
    const line = this.underway.describe(this.#now(), 200);
    this.#lastPrinted = this.#now();
    if (line !== undefined) this.#out.write(`... still running: ${line}\n`);
  }

  #clear(): void {
    if (this.#drawn) this.#out.write('\r\x1b[2K');
    this.#drawn = false;
  }
}
