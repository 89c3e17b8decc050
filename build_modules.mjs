// Writes what playbooks in TypeScript import as `troupe/modules`, into a build: a function for each module, and its types.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.argv[2];
const { modulesFiles } = await import(pathToFileURL(join(folder, 'author/declarations.js')).href);
const { program, declarations } = await modulesFiles();
writeFileSync(join(folder, 'author/modules.js'), program);
writeFileSync(join(folder, 'author/modules.d.ts'), declarations);
