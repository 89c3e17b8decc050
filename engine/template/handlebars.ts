import type { Py } from './py.ts';
export function renderHandlebars(..._a: Py[]): string {
  throw new Error('handlebars not there yet');
}
