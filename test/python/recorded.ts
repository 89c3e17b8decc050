/** What Python made of texts, as record.py recorded it. */
import { readFileSync } from 'node:fs';

export type Answer<T> = { value: T } | { error: string };

const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Record<string, never[]>;

/** The cases of one kind. */
export const casesOf = <T>(kind: string): T[] => recorded[kind] as T[];
