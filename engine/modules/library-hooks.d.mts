export function initialize(data: { troupe: string }): void;
export function compile(text: string, file: string): string;
export const resolve: unknown;
export const load: unknown;
