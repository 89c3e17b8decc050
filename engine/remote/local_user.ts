/** Who runs this process, by name. */
import { userInfo } from 'node:os';

/** The user's name; in a container whose user has no entry in the user database, the number. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
