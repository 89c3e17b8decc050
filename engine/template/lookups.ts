import type { Py } from './py.ts';
export type LookupEnv = Py;
export const lookups: Record<string, (terms: Py[], kwargs: Map<string, Py>, env: LookupEnv) => Py[]> = {
  items: (t) => t.flat(1),
};
