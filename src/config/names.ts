/** Files of settings that fluxlift reads by itself, the first of them that is there. */
export const CONFIG_NAMES: readonly string[] = ["fluxlift.config.yaml", "fluxlift.config.yml", "fluxlift.config.json"];

/** Programs, which run only where a person has said so. */
export const CODE_NAMES: readonly string[] = ["ts", "mts", "js", "mjs", "cjs"].map((end) => `fluxlift.config.${end}`);
