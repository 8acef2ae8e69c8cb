import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import { PROBES } from "./pods.ts";
import { isQuantity, parseQuantity } from "./quantity.ts";
import type { Refusal } from "./refusal.ts";

type Path = Refusal["path"];

/** What the API server checks across the fields of a container (kubernetes, `validateContainers`). */
export function checkContainer(container: YamlData, path: Path, isWhole: boolean): Refusal[] {
  return [
    ...checkResources(container.resources, [...path, "resources"], isWhole),
    ...checkSubPaths(container.volumeMounts, [...path, "volumeMounts"]),
    ...(isWhole ? checkPropagation(container, path) : []),
    ...checkProbes(container, path, isWhole && path.includes("initContainers")),
    ...checkSecurity(container.securityContext, [...path, "securityContext"], isWhole),
  ];
}

const HUGE = "hugepages-";
const STANDARD = new Set(["cpu", "memory", "ephemeral-storage"]);
/** What kubelet knows by itself; of anything else as much is asked for as may be used. */
const isOwn = (name: string) => !name.includes("/") || name.includes("kubernetes.io/");

/** More asked for than may be used, and resources that are none. */
function checkResources(resources: YamlData, path: Path, isWhole: boolean): Refusal[] {
  const { requests, limits } = isMap(resources) ? resources : {};
  const unknown = Object.entries({ requests, limits }).flatMap(([field, list]: [string, YamlData]): Refusal[] =>
    Object.keys(isMap(list) ? list : {}).flatMap((name) =>
      name.includes("/") || STANDARD.has(name) || name.startsWith(HUGE) || isOpenText(name)
        ? []
        : [{ path: [...path, field, name], what: "is no resource of a container" }],
    ),
  );
  const isOpen = isOpenText(limits) || Object.keys(isMap(limits) ? limits : {}).some(isOpenText);
  const asked = Object.entries(isMap(requests) ? requests : {}).flatMap(
    ([name, value]: [string, YamlData]): Refusal[] => {
      const most: YamlData = isMap(limits) ? limits[name] : undefined;
      const at = [...path, "requests", name];
      const [low, high] = [parseQuantity(value), parseQuantity(most)];
      const isTotal = !isOwn(name) && isQuantity(value) && !isOpen;
      if (isTotal && isWhole && (most ?? undefined) === undefined)
        return [{ path: [...path, "limits", name], what: "is missing, and has to be as much as is asked for" }];
      if (low === undefined || high === undefined || low === high) return [];
      if (low > high) return [{ path: at, what: `is more than the limit, ${most}` }];
      return isTotal ? [{ path: at, what: `is less than the limit, ${most}, and has to be as much` }] : [];
    },
  );
  return [...unknown, ...asked];
}

function checkSubPaths(mounts: YamlData, path: Path): Refusal[] {
  return itemsOf(mounts).flatMap((mount, index) =>
    ["subPath", "subPathExpr"].flatMap((field) => {
      const sub: unknown = mount[field];
      if (typeof sub !== "string" || isOpenText(sub)) return [];
      if (sub.startsWith("/")) return [{ path: [...path, index, field], what: "begins with a slash" }];
      return sub.split("/").includes("..") ? [{ path: [...path, index, field], what: "holds .." }] : [];
    }),
  );
}

/** What a container mounts shows on its node as well if it has all rights there. */
function checkPropagation({ volumeMounts, securityContext }: YamlData, path: Path): Refusal[] {
  if (securityContext?.privileged === true || isOpenText(securityContext?.privileged)) return [];
  return itemsOf(volumeMounts).flatMap((mount, index) =>
    mount.mountPropagation === "Bidirectional"
      ? [
          {
            path: [...path, "volumeMounts", index, "mountPropagation"],
            what: "is Bidirectional without privileged: true",
          },
        ]
      : [],
  );
}

/** The seconds that pods have to end, where nothing is said. */
const GRACE = 30;

/** Nobody sleeps longer than the pod has to end. */
export function checkSleeps({ lifecycle }: YamlData, path: Path, said: unknown): Refusal[] {
  const grace = said ?? GRACE;
  return ["postStart", "preStop"].flatMap((field) => {
    const seconds: unknown = lifecycle?.[field]?.sleep?.seconds;
    if (typeof seconds !== "number" || typeof grace !== "number" || grace < 1 || seconds <= grace) return [];
    const what = `is more than terminationGracePeriodSeconds of the pod, ${grace}`;
    return [{ path: [...path, "lifecycle", field, "sleep", "seconds"], what }];
  });
}

/** @param isInit for a container that ends before the others start, unless it restarts */
function checkProbes(container: YamlData, path: Path, isInit: boolean): Refusal[] {
  const ends = isInit && (container.restartPolicy ?? "") === "";
  const barred = ends ? ["lifecycle", ...PROBES].filter((field) => isMap(container[field])) : [];
  const rounds = ["livenessProbe", "startupProbe"].flatMap((field) => {
    const times: unknown = container[field]?.successThreshold;
    return typeof times === "number" && times > 1
      ? [{ path: [...path, field, "successThreshold"], what: `is ${times}, and has to be 1` }]
      : [];
  });
  const grace: unknown = container.readinessProbe?.terminationGracePeriodSeconds;
  return [
    ...barred.map((field) => ({
      path: [...path, field],
      what: "stands at a container that ends, without restartPolicy: Always",
    })),
    ...rounds,
    ...(typeof grace === "number"
      ? [
          {
            path: [...path, "readinessProbe", "terminationGracePeriodSeconds"],
            what: "stands at a probe that ends no pod",
          },
        ]
      : []),
  ];
}

function checkSecurity(security: YamlData, path: Path, isWhole: boolean): Refusal[] {
  if (!isMap(security)) return [];
  const { allowPrivilegeEscalation, privileged, capabilities, seccompProfile } = security;
  const found = checkSeccomp(seccompProfile, [...path, "seccompProfile"], isWhole);
  if (allowPrivilegeEscalation !== false) return found;
  const all = privileged === true ? "privileged: true" : undefined;
  const given = all ?? (itemsOf(capabilities?.add).includes("CAP_SYS_ADMIN") ? "CAP_SYS_ADMIN" : undefined);
  if (given === undefined) return found;
  return [...found, { path: [...path, "allowPrivilegeEscalation"], what: `is false beside ${given}` }];
}

/** A profile is named for one of the node, and only for that. */
export function checkSeccomp(profile: YamlData, path: Path, isWhole: boolean): Refusal[] {
  const { type, localhostProfile } = isMap(profile) ? profile : {};
  if (typeof type !== "string" || isOpenText(type)) return [];
  const isNamed = (localhostProfile ?? undefined) !== undefined;
  if (type === "Localhost" && !isNamed)
    return isWhole ? [{ path: [...path, "localhostProfile"], what: "is missing beside type Localhost" }] : [];
  if (type === "Localhost" || !isNamed) return [];
  return [{ path: [...path, "localhostProfile"], what: `stands beside type ${type}` }];
}
