/** YAML 1.1 as Ansible reads and writes it, `key=value` text, and Ansible's vault format. */
export { type DuplicateKeys, duplicatesBy, type ParseOptions } from './build.ts';
export { toYaml } from './dump.ts';
export { parseJson } from './json.ts';
export { parseKeyValues } from './key_values.ts';
export { parseYaml, parseYamlDocuments } from './parse.ts';
export { openedSource, secretsIn } from './secrets.ts';
export { utf8Text } from './utf8.ts';
export { decryptVault, decryptVaultBytes, encryptVault, isVault, requireOpenable, type VaultSecret } from './vault.ts';
