import { stringify } from "yaml";
import { isFluxKustomization, isHelmRelease } from "../../corpus/gate/flux-objects.ts";
import { dirOf } from "../../corpus/gate/reach.ts";
import { type Data, type Doc, joinPath } from "../../corpus/gate/snapshot.ts";
import { type Draft, list, type Refactoring, relative } from "./draft.ts";

const named = ({ file }: Doc, draft: Draft): Doc | undefined => {
  const users = draft.naming(file);
  return users.length === 1 ? users[0]?.doc : undefined;
};

const MADE = { apiVersion: "v1", kind: "ConfigMap" };

const metadataOf = (data: Data, name: string): Data => ({
  name,
  ...(data.metadata.namespace ? { namespace: data.metadata.namespace } : {}),
});

/** Values of a release go into a ConfigMap beside it. */
const valuesFrom: Refactoring = (draft) => {
  const doc = draft.pick(
    draft.docs(
      (data) => isHelmRelease(data) && data.spec?.values && !data.spec.valuesFrom && !/\$\{/.test(data.metadata?.name),
    ),
  );
  const user = doc && named(doc, draft);
  if (!doc || !user) return undefined;
  const name = `${doc.data.metadata.name}-values`;
  const file = joinPath(dirOf(doc.file), `${name}.yaml`);
  if (draft.has(file)) return undefined;
  const data = { "values.yaml": stringify(doc.data.spec.values) };
  draft.write(file, stringify({ ...MADE, metadata: metadataOf(doc.data, name), data }));
  draft.append(user, ["resources"], relative(dirOf(user.file), file));
  draft.drop(doc, ["spec", "values"]);
  draft.set(doc, ["spec", "valuesFrom"], [{ kind: "ConfigMap", name }]);
  return `${doc.file}: values of ${doc.data.metadata.name} go into ConfigMap ${name}`;
};

/** The same release from an OCIRepository of its own. */
const chartRef: Refactoring = (draft) => {
  const sources = draft.docs(({ kind, spec }) => kind === "HelmRepository" && spec?.url);
  const found = draft
    .docs((data) => isHelmRelease(data) && data.spec?.chart?.spec?.sourceRef)
    .flatMap((doc) => {
      const { name, namespace = doc.data.metadata?.namespace } = doc.data.spec.chart.spec.sourceRef;
      const source = sources.find(
        ({ data }) =>
          data.metadata?.name === name &&
          (!namespace || !data.metadata.namespace || data.metadata.namespace === namespace),
      );
      const user = named(doc, draft);
      return source && user && !doc.data.spec.chart.spec.chart.includes("${") ? [{ doc, source, user }] : [];
    });
  const one = draft.pick(found);
  if (!one) return undefined;
  const { doc, source, user } = one;
  const { name } = doc.data.metadata;
  const { chart, version = "1.0.0" } = doc.data.spec.chart.spec;
  const file = joinPath(dirOf(doc.file), `${name}-ocirepository.yaml`);
  const url = `${String(source.data.spec.url)
    .replace(/^https?:/, "oci:")
    .replace(/\/$/, "")}/${chart}`;
  const ref = /^v?\d+\.\d+\.\d+/.test(version) ? { tag: version } : { semver: version };
  const { interval = "1h", secretRef } = source.data.spec;
  const spec = {
    interval,
    url,
    ref,
    ...(secretRef ? { secretRef } : {}),
    layerSelector: { mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", operation: "copy" },
  };
  const head = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "OCIRepository" };
  draft.write(file, stringify({ ...head, metadata: metadataOf(doc.data, name), spec }));
  draft.append(user, ["resources"], relative(dirOf(user.file), file));
  draft.drop(doc, ["spec", "chart"]);
  draft.set(doc, ["spec", "chartRef"], { kind: "OCIRepository", name });
  return `${doc.file}: ${name} takes ${chart} from an OCIRepository`;
};

/** Variables go from the FluxKustomization into a ConfigMap in the same file. */
const substituteFrom: Refactoring = (draft) => {
  const doc = draft.pick(
    draft.docs(
      (data) =>
        isFluxKustomization(data) &&
        Object.keys(data.spec?.postBuild?.substitute ?? {}).length > 0 &&
        !/\$\{/.test(JSON.stringify(data.spec)),
    ),
  );
  if (!doc) return undefined;
  const { substitute, substituteFrom: known } = doc.data.spec.postBuild;
  const name = `${doc.data.metadata.name}-settings`;
  const data = Object.fromEntries(Object.entries(substitute as Data).map(([key, value]) => [key, String(value)]));
  draft.drop(doc, ["spec", "postBuild", "substitute"]);
  draft.set(doc, ["spec", "postBuild", "substituteFrom"], [...list(known), { kind: "ConfigMap", name }]);
  const made = stringify({ ...MADE, metadata: metadataOf(doc.data, name), data });
  draft.write(doc.file, `${draft.text(doc.file).trimEnd()}\n---\n${made}`);
  return `${doc.file}: variables of ${doc.data.metadata.name} go into ConfigMap ${name}`;
};

export const RELEASES: Readonly<Record<string, Refactoring>> = {
  "HelmRelease: values into a ConfigMap": valuesFrom,
  "HelmRelease: chart from an OCIRepository": chartRef,
  "Kustomization: substitute into a ConfigMap": substituteFrom,
};
