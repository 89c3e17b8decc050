export function initialize(data: { troupe: string }): void;
export function compile(text: string, file: string): string | undefined;
export function noTypescript(file: string): { message: string; help: string } | undefined;
export const resolve: unknown;
export const load: unknown;
