import type { Lab } from '../lab/lab.mjs';

export interface Outside {
  stop(): Promise<void>;
}

export function startOutside(labs: Lab[], options?: { folder?: string; names?: string[] }): Promise<Outside>;
