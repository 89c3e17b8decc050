/** `ansible_playbook_python`: the Python that a playbook may call on the controller. The engine itself needs none. */
import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';

const found = new Map<string, string>();

/** The first Python on the PATH, under either name: that of an active virtual environment, before the system's. */
export function playbookPython(path: string): string {
  const known = found.get(path);
  if (known !== undefined) return known;
  const python =
    path
      .split(':')
      .filter((folder) => isAbsolute(folder))
      .flatMap((folder) => ['python3', 'python'].map((name) => join(folder, name)))
      .find(isProgram) ?? '/usr/bin/python3';
  found.set(path, python);
  return python;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
