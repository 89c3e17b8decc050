export interface Addresses {
  troupe?: string;
  modules?: string;
}
export function initialize(data: Addresses): void;
export function compile(text: string, file: string): string | undefined;
export function noTypescript(file: string): { message: string; help: string } | undefined;
export const resolve: unknown;
export const load: unknown;
