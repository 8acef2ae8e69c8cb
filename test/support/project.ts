import { join, resolve } from "node:path";

export const PROJECT_ROOT = resolve(import.meta.dirname, "../..");
export const FIXTURES_ROOT = join(PROJECT_ROOT, "__fixtures__");
