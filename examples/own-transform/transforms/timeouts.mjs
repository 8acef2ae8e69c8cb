import { bodyOf, combine, defineTransform, describe, editFile, pointAt } from "fluxlift/transform";

const TIMEOUT = "5m";

/** Gives every FluxKustomization that this repository delivers a timeout, and says where an interval is too short for it. */
export default defineTransform({
  id: "own-transform/timeouts",
  title: "Give every Kustomization a timeout",
  phases: ["install"],
  run({ tree, cluster }) {
    const objects = cluster.kustomizations.map(({ object }) => object).filter(({ file }) => cluster.files.has(file));
    const open = objects.filter((object) => bodyOf(object)?.spec?.timeout === undefined);
    return combine(
      ...open.map((object) => {
        const op = { op: "set", doc: object.doc, path: ["spec", "timeout"], value: TIMEOUT };
        return editFile(tree, object.file, [op], "Without a timeout Flux waits for a whole interval.", [pointAt(tree, object).at]);
      }),
      { findings: objects.filter((object) => bodyOf(object)?.spec?.interval === "1m").map((object) => tooShort(tree, object)) },
    );
  },
});

function tooShort(tree, object) {
  return {
    rule: "own-transform/short-interval",
    level: "caution",
    ...pointAt(tree, object, ["spec", "interval"]),
    what: `${describe(object)} is reconciled every minute, and may wait ${TIMEOUT} for what it applies.`,
    why: "The next run begins before the last one has ended.",
    next: "Use 10m or more; a push reconciles at once anyway.",
  };
}

/** What `fluxlift explain own-transform/short-interval` says. */
export const rules = {
  "own-transform/short-interval": {
    title: "A Kustomization is reconciled more often than it may take",
    levels: ["caution"],
    meaning: "Flux starts again before the last run has ended, and readiness never settles.",
    next: "Use 10m or more; a push reconciles at once anyway.",
  },
};
