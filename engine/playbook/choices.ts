/** What keywords may say that take one of a few words. */

/** `debugger`. */
export const debuggerWords: readonly string[] = ['always', 'never', 'on_failed', 'on_skipped', 'on_unreachable'];

/** `become_method`, each also with the name of its collection. */
export const becomeMethods: readonly string[] = ['sudo', 'su', 'doas'];

/** Keys of `loop_control`. */
export const loopControlKeys: readonly string[] = [
  ...['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when'],
];

/** Keys of an entry of `vars_prompt`. */
export const promptKeys: readonly string[] = [
  ...['name', 'prompt', 'default', 'private', 'confirm', 'encrypt', 'salt_size', 'salt', 'unsafe'],
];

/** What `encrypt` of vars_prompt may say, and the method of password_hash that it is. */
export const cryptMethods: Readonly<Record<string, string>> = {
  sha512_crypt: 'sha512',
  sha256_crypt: 'sha256',
  md5_crypt: 'md5',
  bcrypt: 'blowfish',
};
