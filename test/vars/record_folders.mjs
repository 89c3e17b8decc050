// Records the variables that stock Ansible finds in folders/: node test/vars/record_folders.mjs
import { writeFileSync } from 'node:fs';
import { runReference } from '../conformance/reference.mjs';

const argv = ['ansible-inventory', '-i', 'A/hosts', '-i', 'B', '--playbook-dir', 'play', '--list'];
const { stdout, stderr } = await runReference({ argv, cwd: new URL('folders', import.meta.url).pathname });
if (stderr) process.stderr.write(stderr);
const { hostvars } = JSON.parse(stdout)._meta;
writeFileSync(new URL('folders.json', import.meta.url), `${JSON.stringify(hostvars, null, 1)}\n`);
