/** YAML 1.1 as Ansible reads and writes it, `key=value` text, and Ansible's vault format. */
export { toYaml, type YamlStyle } from './dump.ts';
export { parseJson } from './json.ts';
export { type KeyValues, parseKeyValues, splitWords } from './key_values.ts';
export { type ParseOptions, parseYaml, parseYamlDocuments } from './parse.ts';
export { scalarTag, scalarValue } from './scalars.ts';
export { utf8Text } from './utf8.ts';
export { decryptVault, decryptVaultBytes, encryptVault, isVault, type VaultSecret, vaultId } from './vault.ts';
