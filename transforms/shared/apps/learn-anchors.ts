import { majority } from "./evidence.ts";

/** Anchors in a FluxKustomization: `name: &app x` with `*app` in labels, `namespace: &ns y` with `targetNamespace: *ns`. */
export interface AnchorHabit {
  app?: string;
  namespace?: string;
}

/** The anchors that most of the owner's FluxKustomizations have, by the name they go by in most of those. */
export function learnAnchors(texts: readonly string[]): AnchorHabit {
  const app = mostly(texts, (text) => /^[ \t]+name: &([\w-]+) \S/m.exec(text)?.[1]);
  const namespace = mostly(texts, (text) => {
    const name = /^[ \t]+namespace: &([\w-]+) \S/m.exec(text)?.[1];
    return name !== undefined && text.includes(`targetNamespace: *${name}\n`) ? name : undefined;
  });
  return { ...(app === undefined ? {} : { app }), ...(namespace === undefined ? {} : { namespace }) };
}

/** The most frequent name, where more than half of all texts have one. */
function mostly(texts: readonly string[], read: (text: string) => string | undefined): string | undefined {
  const names = texts.map(read).filter((name) => name !== undefined);
  return names.length * 2 > texts.length ? majority(names) : undefined;
}
