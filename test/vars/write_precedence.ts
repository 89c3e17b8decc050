// Writes docs/precedence.md: node --import tsx test/vars/write_precedence.ts
import { writeFileSync } from 'node:fs';
import { precedencePage } from '../../engine/vars/precedence.ts';

writeFileSync(new URL('../../docs/precedence.md', import.meta.url), precedencePage());
