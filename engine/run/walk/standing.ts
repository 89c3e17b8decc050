/** Where a walk begins: at the top of a play, with nothing around it. */
import type { Standing } from '../types.ts';

export const start: Standing = { frame: undefined, rescuable: false, followed: false, sheltered: false };
