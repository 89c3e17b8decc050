/** Hosts and groups: where they come from, and which of them a pattern means. */
export { type Group, type Host, Inventory } from './hosts.ts';
export type { HostOrder } from './patterns.ts';
export { type InventoryOptions, type InventoryPlugin, loadInventory } from './sources.ts';
