/** Fields of /etc/fstab and /proc/mounts, in which blanks and backslashes are octal escapes. */

/** A field as it is meant. */
export const fieldText = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** A text as a field writes it. */
export const asField = (text: string): string =>
  text.replace(/[ \t\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
