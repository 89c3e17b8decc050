/** Variables: where their values come from, which of them wins, and the scope that a task sees. */
export { type ConstructedOptions, constructed, loadProjectInventory } from './constructed.ts';
export { FactCache, type FactCacheOptions } from './fact_cache.ts';
export { readVarsFile, type VarsFileOptions, VarsFolders, varsFilesFor } from './files.ts';
export { HostVars, type Magic, type MagicInputs, magicVariables } from './magic.ts';
export { mergeDicts } from './merge.ts';
export { type Level, type LevelName, level, PRECEDENCE, precedencePage } from './precedence.ts';
export {
  OMIT,
  type Origin,
  type ScopeOptions,
  type ScopeSources,
  VarScope,
  VarsDict,
} from './scope.ts';
export { type HostLevels, Variables, type VariablesOptions } from './variables.ts';
