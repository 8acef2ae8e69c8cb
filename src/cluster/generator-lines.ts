/**
 * The lists of a kustomization that take a file as text, as the addons of Cluster API hand an install of Flux to the clusters
 * they make; undefined without any. All else is blanked: what it builds is followed as a kustomization. Offsets stay.
 */
export function generatorLines(text: string): string | undefined {
  if (!GENERATOR.test(text)) return undefined;
  let isInside = false;
  const lines = text.split("\n").map((line) => {
    // An entry may stand as far left as its key.
    if (/^[^\s#-]/.test(line)) isInside = GENERATOR.test(line);
    return isInside ? line : " ".repeat(line.length);
  });
  return lines.join("\n");
}

const GENERATOR = /^(?:configMapGenerator|secretGenerator):/m;
