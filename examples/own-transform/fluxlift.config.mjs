import timeouts, { rules } from "./transforms/timeouts.mjs";

/** Settings stand here as they do in fluxlift.config.yaml; transforms and rules only a program can bring. */
export default {
  transforms: [timeouts],
  rules,
};
