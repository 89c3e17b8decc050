/** What npm and yarn share: the packages of a folder, or the global ones, as the tool lists them. */
import { remotePath } from '../../remote/quote.ts';
import type { Program } from '../parts/programs.ts';

interface NodePackage {
  name?: string | undefined;
  version?: string | undefined;
  state: string;
  global: boolean;
  path?: string | undefined;
}

/** `name`, or `name@version`. */
export const nameVersion = ({ name, version }: NodePackage) =>
  name === undefined ? [] : [version === undefined ? name : `${name}@${version}`];

/** Making the folder first, where packages go into one that is not there. */
export const makeFolder = ({ path, global, state }: NodePackage): Program[] =>
  global || path === undefined || state === 'absent' ? [] : [{ words: ['mkdir', '-p', '--', remotePath(path)] }];
