/** A play over its hosts: which they are, in which batches, and each batch one after the other. */
import { mistake } from '../../errors.ts';
import { factsModule } from '../../playbook/actions.ts';
import { keyword, ownKeyword, placeOfKeyword, writtenName } from '../../playbook/keyword.ts';
import type { Play, Task } from '../../playbook/nodes.ts';
import { toText } from '../../template/index.ts';
import { type Dict, isList, type Place, Template, toPlain, type Value } from '../../values.ts';
import { promptsOf } from '../prompts.ts';
import type { Session } from '../session.ts';
import { viewOf } from '../view/play_view.ts';
import { PlayRun } from './play.ts';
import { playOrder, playRendering, playScope, playSettings } from './settings.ts';
import { Interrupted } from './signals.ts';

/** The hosts of a play's pattern that are still in the run. */
export function hostsOf(session: Session, play: Play): string[] {
  return matchedHosts(session, play).filter((name) => !isLost(session, name));
}

const isLost = (session: Session, name: string): boolean => session.host(name).failed || session.host(name).unreachable;

/** All hosts of a play's pattern, those that have failed too; in the play's order, or as the inventory has them. */
function matchedHosts(session: Session, play: Play, ordered = true): string[] {
  const patterns = patternsOf(keyword(play, 'hosts', playRendering(session, play)), placeOfKeyword(play, 'hosts'));
  // No pattern at all means every host to the inventory.
  if (patterns.length === 0) return [];
  const order = ordered ? playOrder(session, play) : undefined;
  return session.inventory.select(patterns, session.limit, order ? { order } : {}).map((host) => host.name);
}

/** The patterns of `hosts`; an empty one would run the play somewhere that nobody named. */
function patternsOf(hosts: Value | undefined, place: Place | undefined): string[] {
  return (isList(hosts as Value) ? (hosts as Value[]) : [hosts ?? null]).map((pattern) => {
    if (pattern !== null && String(pattern).trim() !== '') return String(pattern);
    throw mistake('`hosts` is empty', place, 'name a group or host of the inventory, or `all`, or `localhost`');
  });
}

/** Runs one play, batch by batch; false if the run ends with it. */
export async function runPlay(session: Session, play: Play, starting: { reached: boolean }): Promise<boolean> {
  const all = matchedHosts(session, play);
  const shown = shownPlayName(session, play);
  session.warnOfInventory();
  if (all.length === 0) {
    session.emit({ type: 'play:no-hosts', name: shown, pattern: String(toPlain(ownKeyword(play, 'hosts') ?? '')) });
    return true;
  }
  const promptVars = await promptsOf(session, play);
  const settings = playSettings(session, play);
  const groups = batches(all, settings.serial);
  const reporter = reporterOf(session, play);
  const gatherTask = settings.gathersFacts ? factTask(session, play) : undefined;
  const places = session.recording?.places(play);
  for (const [i, hosts] of groups.entries()) {
    session.emit({
      type: 'play:start',
      name: shown,
      hosts: hosts.filter((name) => !isLost(session, name)),
      ...(groups.length > 1 ? { serial: { batch: i + 1, of: groups.length } } : {}),
      ...(reporter ? { reporter } : {}),
    });
    const view = viewOf(session, play, matchedHosts(session, play, false), hosts, promptVars, shown);
    const before = hosts.filter((name) => isLost(session, name)).length;
    const run = new PlayRun(session, play, view, settings, gatherTask, starting, places);
    await run.walkAll();
    if (session.signal.aborted) throw new Interrupted();
    // Hosts that had failed in an earlier play count for the batch, and not among those that fail now.
    if (hosts.filter((name) => isLost(session, name)).length - before === hosts.length) return false;
    if (run.playEnded) break;
    if (run.stopped) return false;
  }
  return true;
}

function shownPlayName(session: Session, play: Play): string {
  const name = ownKeyword(play, 'name');
  if (name instanceof Template) {
    try {
      return keyword(play, 'name', playRendering(session, play)) ?? '';
    } catch {
      return name.text;
    }
  }
  if (name !== undefined) return writtenName(play);
  const written = ownKeyword(play, 'hosts');
  // A template's value is shown as Python prints it, a list of several patterns as it would be written in one.
  if (written instanceof Template) return toText(playScope(session, play).resolve(written));
  return isList(written as Value)
    ? (written as Value[]).map((h) => String(toPlain(h))).join(',')
    : String(toPlain(written ?? ''));
}

/** A playbook whose output is meant for programs says so by a variable of its play. */
function reporterOf(session: Session, play: Play): string | undefined {
  const written = keyword(play, 'vars')?.get('troupe_reporter');
  if (written === undefined) return undefined;
  return String(toPlain(playScope(session, play).resolve(written)) ?? '') || undefined;
}

/** The task that a play with gather_facts begins with. */
function factTask(session: Session, play: Play): Task {
  const args: Dict = new Map();
  // Rendered with the task, as its arguments.
  for (const name of ['gather_subset', 'gather_timeout', 'fact_path'] as const) {
    const value = ownKeyword(play, name);
    if (value !== undefined) args.set(name, value);
  }
  return {
    kind: 'task',
    id: session.loader.id(),
    file: play.file,
    own: new Map<Value, Value>([
      ['name', 'Gathering Facts'],
      ['tags', ['always']],
    ]),
    parent: play,
    place: play.place,
    role: undefined,
    action: factsModule,
    args,
    actionPlace: play.place,
    loop: undefined,
    handler: false,
    listen: [],
    directory: play.directory,
  };
}

/** Sizes of the batches of `serial`: numbers, percentages, or a list of which the last one repeats. */
export function batches(hosts: readonly string[], sizes: readonly Value[]): string[][] {
  if (hosts.length === 0 || sizes.length === 0) return [[...hosts]];
  const result: string[][] = [];
  for (let at = 0, i = 0; at < hosts.length; i++) {
    const size = batchSize(sizes[Math.min(i, sizes.length - 1)]!, hosts.length);
    result.push(hosts.slice(at, at + size));
    at += size;
  }
  return result;
}

function batchSize(size: Value, count: number): number {
  const text = String(toPlain(size));
  const number = text.endsWith('%') ? Math.max(1, Math.floor((Number(text.slice(0, -1)) / 100) * count)) : Number(text);
  if (!Number.isInteger(number)) throw mistake(`\`serial\` is ${text}, not a number or a percentage`);
  return number <= 0 ? count : number;
}
