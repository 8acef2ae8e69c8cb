export const GROUPS: readonly string[];
export function makeKubeSchemas(documents: Readonly<Record<string, unknown>>): string;
