/** What can be known of an imperative play before it runs: the calls that are written in its function. */
import type { Place } from '../values.ts';
import { endOfExpression, type Layout, layoutOfCall } from './layout.ts';

interface ListedCall {
  name: string;
  tags: readonly string[];
  place: Place;
}

/** The calls in the function that is written at a place, and whether it hands its host to others, which may call more. */
export function callsIn(place: Place): { calls: ListedCall[]; more: boolean } {
  const { text } = place.source;
  const end = endOfExpression(text, place.offset);
  const written = text.slice(place.offset, end);
  const host = /^async\s*(?:function\s*[\w$]*\s*)?\(?\s*([\w$]+)/.exec(written)?.[1];
  if (host === undefined) return { calls: [], more: true };
  const calls: ListedCall[] = [];
  for (const found of written.matchAll(
    new RegExp(`(?<![\\w$.])${host.replaceAll('$', '\\$')}\\.([\\w$]+)(?=\\()`, 'g'),
  )) {
    const offset = place.offset + found.index + host.length + 1;
    const module = found[1]!;
    if (module === 'variable') continue;
    const layouts = layoutOfCall(text, offset);
    const [keywords, first] = module === 'task' ? [layouts[2], layouts[0]] : [layouts[1], undefined];
    const name =
      literal(text, keywords, 'name') ?? (first ? textAt(text, first) : undefined) ?? module.replace(/_$/, '');
    calls.push({ name, tags: tagsAt(text, keywords), place: { ...place, offset } });
  }
  const body = written.slice(written.indexOf(host) + host.length);
  return { calls, more: new RegExp(`(?<![\\w$.'"\`])${host.replaceAll('$', '\\$')}(?![\\w$.:])`).test(body) };
}

function literal(text: string, layout: Layout | undefined, key: string): string | undefined {
  const value = layout?.keys?.get(key)?.value;
  return value && textAt(text, value);
}

/** A string that is written as one. */
function textAt(text: string, { offset, end }: Layout): string | undefined {
  return /^(['"`])([^'"`\\]*)\1\s*$/.exec(text.slice(offset, end))?.[2];
}

function tagsAt(text: string, keywords: Layout | undefined): string[] {
  const value = keywords?.keys?.get('tags')?.value;
  const each = value?.items ?? (value ? [value] : []);
  return each.flatMap((one) => textAt(text, one)?.split(',') ?? []);
}
