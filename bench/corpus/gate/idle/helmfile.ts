import { type Data, isYamlPath, type Snapshot } from "../snapshot.ts";

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);

/** Repositories of each helmfile by name, and those of them whose charts a release of it installs. */
function repositoriesOf(tree: Snapshot, file: string): { named: Set<string>; used: Set<string> } {
  const docs = tree.yaml(file).docs.map(({ data }) => data);
  const of = (field: string): Data[] => docs.flatMap((data) => list(data?.[field]));
  const named = new Set(of("repositories").map((one) => String(one?.name)));
  const used = new Set(of("releases").map((one) => String(one?.chart ?? "").split("/")[0] ?? ""));
  return { named, used: new Set([...named].filter((name) => used.has(name))) };
}

/** Repositories of helmfiles that a release used before and that none uses now. */
export function findIdleRepositories(before: Snapshot, after: Snapshot): string[] {
  const files = after.paths.filter(
    (path) => isYamlPath(path) && before.has(path) && after.text(path).includes("repositories:"),
  );
  return files.flatMap((file) => {
    if (before.text(file) === after.text(file)) return [];
    const [was, is] = [repositoriesOf(before, file), repositoriesOf(after, file)];
    return [...was.used]
      .filter((name) => is.named.has(name) && !is.used.has(name))
      .map((name) => `${file} keeps the repository ${name}`);
  });
}
