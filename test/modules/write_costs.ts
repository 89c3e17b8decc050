/** Writes the table of docs/performance.md: `node --import tsx test/modules/write_costs.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ownModules } from '../../engine/modules/find.ts';
import { costs, costTable } from './costs.ts';
import { closePools } from './harness.ts';

const page = new URL('../../docs/performance.md', import.meta.url);
const [begin, end] = ['<!-- costs -->\n', '<!-- end of costs -->'];
const text = readFileSync(page, 'utf8');
const [head, rest] = text.split(begin) as [string, string];
const tail = rest.slice(rest.indexOf(end));
const rows = await costs([...ownModules().keys()].sort());
closePools();
writeFileSync(page, `${head}${begin}${costTable(rows)}${tail}`);
