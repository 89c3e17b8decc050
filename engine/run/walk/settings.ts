/** What the keywords of a play alone come to, rendered when the play starts. */
import { didYouMean, mistake } from '../../errors.ts';
import type { HostOrder } from '../../inventory/index.ts';
import { shortName } from '../../names.ts';
import { keyword, ownKeyword, placeOfKeyword, type Render } from '../../playbook/keyword.ts';
import { orders, strategies } from '../../playbook/keywords.ts';
import type { Play } from '../../playbook/nodes.ts';
import { isList, type Value } from '../../values.ts';
import type { VarScope } from '../../vars/scope.ts';
import type { Session } from '../session.ts';
import { rendering } from '../view/keywords.ts';
import { viewOf } from '../view/play_view.ts';
import { scopeFor } from '../view/scopes.ts';

export interface PlaySettings {
  readonly strategy: string;
  /** Sizes of batches: numbers and percentages; none: one batch. */
  readonly serial: readonly Value[];
  readonly gathersFacts: boolean;
  readonly forceHandlers: boolean;
  readonly maxFailPercentage: number | undefined;
}

/** What a play's keywords see: its variables, and no host's. */
export function playScope(session: Session, play: Play): VarScope {
  return scopeFor(session, viewOf(session, play, [], [], new Map()), play, session.host('localhost'));
}

/** Renders for a play. Its variables are read only where something is to be rendered: its vars_files may not be there yet. */
export function playRendering(session: Session, play: Play): Render {
  let render: Render | undefined;
  return (value) => {
    if (isPlain(value)) return value;
    render ??= rendering(playScope(session, play));
    return render(value);
  };
}

const isPlain = (value: Value): boolean =>
  isList(value) ? value.every(isPlain) : typeof value !== 'object' || value === null;

export function playSettings(session: Session, play: Play): PlaySettings {
  const { options } = session;
  const render = playRendering(session, play);
  const serial = keyword(play, 'serial', render) ?? [];
  return {
    strategy: oneOf(play, 'strategy', keyword(play, 'strategy', render) ?? options.strategy ?? 'linear', strategies),
    serial: isList(serial) ? serial : [serial],
    gathersFacts: keyword(play, 'gather_facts', render) ?? options.gathering !== 'explicit',
    forceHandlers: keyword(play, 'force_handlers', render) ?? options.forceHandlers ?? false,
    maxFailPercentage: keyword(play, 'max_fail_percentage', render),
  };
}

/** The order of a play's hosts; undefined where it has none of its own. */
export function playOrder(session: Session, play: Play): HostOrder | undefined {
  if (ownKeyword(play, 'order') === undefined) return undefined;
  const order = keyword(play, 'order', playRendering(session, play));
  return order === undefined ? undefined : (oneOf(play, 'order', order, orders) as HostOrder);
}

function oneOf(play: Play, name: 'strategy' | 'order', value: string, known: readonly string[]): string {
  const short = shortName(value);
  if (known.includes(short)) return short;
  const help = didYouMean(short, known) ?? `there are: ${known.join(', ')}`;
  throw mistake(`there is no ${name} \`${value}\``, placeOfKeyword(play, name) ?? play.place, help);
}
