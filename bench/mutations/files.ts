import { isFluxKustomization } from "../corpus/gate/flux-objects.ts";
import { dirOf, kustomizationFile, namedPaths } from "../corpus/gate/reach.ts";
import { type Data, joinPath } from "../corpus/gate/snapshot.ts";
import type { Kind } from "./lists.ts";
import { type Accident, docsOf, drop, type Edits, kustomizationDocs, type Place, pickOf, typo } from "./place.ts";

const isManifest = ({ tree }: Place, file: string): boolean =>
  /\.ya?ml$/.test(file) && kustomizationFile(tree, dirOf(file)) !== file;

const manifest = (place: Place): string | undefined =>
  pickOf(
    place,
    place.files.filter((file) => isManifest(place, file)),
  );

function moveFile(place: Place): Accident | undefined {
  const file = manifest(place);
  if (file === undefined) return undefined;
  const to = joinPath(dirOf(file), typo(place.dice, file.slice(file.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "")));
  const edits: Edits = new Map([
    [file, undefined],
    [`${to}.yaml`, place.tree.text(file)],
  ]);
  return { edits, what: `${file} becomes ${to}.yaml` };
}

function moveFolder(place: Place): Accident | undefined {
  const folders = [...new Set(place.files.map(dirOf))].filter((dir) => dir.includes("/"));
  const dir = pickOf(place, folders);
  if (dir === undefined) return undefined;
  const to = typo(place.dice, dir.slice(dir.lastIndexOf("/") + 1));
  const edits: Edits = new Map();
  for (const path of place.tree.paths.filter((one) => one.startsWith(`${dir}/`))) {
    edits.set(path, undefined);
    edits.set(joinPath(dirOf(dir), to, path.slice(dir.length + 1)), place.tree.text(path));
  }
  return { edits, what: `${dir}/ becomes ${to}/` };
}

/** A document of a file that holds several, with one of the lines around it. */
function dropDocument(place: Place): Accident | undefined {
  const files = place.files.filter(
    (file) => isManifest(place, file) && place.tree.yaml(file).docs.filter(({ data }) => data).length > 1,
  );
  const file = pickOf(place, files);
  if (file === undefined) return undefined;
  const parts = place.tree
    .text(file)
    .split(/^(?=---)/m)
    .filter((part) => part.trim() !== "");
  const index = place.dice.below(parts.length);
  const text = parts.filter((_, at) => at !== index).join("");
  return { edits: new Map([[file, text]]), what: `${file} without document ${index + 1}` };
}

/** A file that goes, and its line in the list that names it. */
function removeApp(place: Place): Accident | undefined {
  const file = manifest(place);
  if (file === undefined) return undefined;
  const named = kustomizationDocs(place, (data: Data) => Array.isArray(data.resources)).flatMap((doc) =>
    doc.data.resources.flatMap((one: Data, index: number) =>
      typeof one === "string" && joinPath(dirOf(doc.file), one) === file ? [{ doc, index }] : [],
    ),
  );
  const edits: Edits = new Map([[file, undefined]]);
  for (const { doc, index } of named) {
    const cut = drop(place, doc, ["resources", index]);
    if (!cut || edits.has(doc.file)) return undefined;
    for (const [path, text] of cut.edits) edits.set(path, text);
  }
  return { edits, what: `${file} goes, and ${named.length} lines that name it` };
}

function slipIndent(place: Place): Accident | undefined {
  const file = pickOf(
    place,
    place.files.filter((one) => /\.ya?ml$/.test(one)),
  );
  const lines = file === undefined ? [] : place.tree.text(file).split("\n");
  const at = pickOf(
    place,
    lines.flatMap((line, index) => (/^ +[\w-]/.test(line) ? [index] : [])),
  );
  if (file === undefined || at === undefined) return undefined;
  const line = lines[at] ?? "";
  const now = place.dice.chance(0.5) ? `  ${line}` : line.replace(/^ {1,2}/, "");
  const text = lines.map((one, index) => (index === at ? now : one)).join("\n");
  return { edits: new Map([[file, text]]), what: `${file}:${at + 1} indented as "${now}"` };
}

function leaveMarkers(place: Place): Accident | undefined {
  const file = pickOf(
    place,
    place.files.filter((one) => /\.ya?ml$/.test(one)),
  );
  const lines = file === undefined ? [] : place.tree.text(file).split("\n");
  if (file === undefined || lines.length < 3) return undefined;
  const at = 1 + place.dice.below(lines.length - 2);
  const line = lines[at] ?? "";
  const text = [...lines.slice(0, at), "<<<<<<< HEAD", line, "=======", line, ">>>>>>> theirs", ...lines.slice(at + 1)];
  return { edits: new Map([[file, text.join("\n")]]), what: `${file}:${at + 1} between marks of a conflict` };
}

function growIgnore(place: Place): Accident | undefined {
  const folder = pickOf(
    place,
    [...new Set(place.files.map(dirOf))].filter((dir) => dir.includes("/")),
  );
  if (folder === undefined) return undefined;
  const known = place.tree.has(".sourceignore") ? place.tree.text(".sourceignore") : "";
  return { edits: new Map([[".sourceignore", `${known}\n/${folder}/\n`]]), what: `.sourceignore leaves out ${folder}` };
}

function moveListed(place: Place): Accident | undefined {
  const all = kustomizationDocs(place, () => true).flatMap((doc) =>
    namedPaths(doc.data)
      .map(({ target }) => joinPath(dirOf(doc.file), target))
      .filter((path) => place.tree.has(path) && !isManifest(place, path) && !/kustomization\.ya?ml$/.test(path)),
  );
  const file = pickOf(place, all);
  if (file === undefined) return undefined;
  const to = `${file}.old`;
  return {
    edits: new Map([
      [file, undefined],
      [to, place.tree.text(file)],
    ]),
    what: `${file} becomes ${to}`,
  };
}

export const FILES: Readonly<Record<string, Kind>> = {
  "file: moved": moveFile,
  "file: deleted": (place) => {
    const file = manifest(place);
    return file === undefined ? undefined : { edits: new Map([[file, undefined]]), what: `${file} is deleted` };
  },
  "file: other than YAML moved": moveListed,
  "folder: moved": moveFolder,
  "document: deleted": dropDocument,
  "app: removed": removeApp,
  "app: Kustomization removed": (place) => {
    const docs = docsOf(place, isFluxKustomization).filter(({ file }) => place.tree.yaml(file).docs.length === 1);
    const doc = pickOf(place, docs);
    return doc && removeApp({ ...place, files: [doc.file, ...place.files.filter((one) => !isManifest(place, one))] });
  },
  "indentation: slip": slipIndent,
  "conflict: marks left": leaveMarkers,
  "ignore: grows": growIgnore,
};
