const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
export const LONGEST_NAME = 253;
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
export const LONGEST_LABEL = 63;

/** Whether it may be the name of most objects; errs towards yes. */
export const isPlainName = (name: string): boolean => name.length <= LONGEST_NAME && NAME.test(name);
/** Whether it may be a label of a host name, as the names of some kinds are. */
export const isHostLabel = (name: string): boolean => name.length <= LONGEST_LABEL && LABEL.test(name);

const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** Whether it may be the value of a label. */
export const isLabelValue = (value: string): boolean => VALUE.test(value) && value.length <= LONGEST_LABEL;

/** Whether it may be the name of a label: `name` or `prefix.example/name`. */
export function isQualified(key: string): boolean {
  const parts = key.split("/");
  const [prefix, name] = parts.length === 2 ? [parts[0]!, parts[1]!] : [undefined, key];
  if (parts.length > 2 || name === "" || !isLabelValue(name)) return false;
  return prefix === undefined || (prefix.length <= LONGEST_NAME && prefix.split(".").every((part) => NAME.test(part)));
}

/** Whether it may be a key of a ConfigMap or Secret (`IsConfigMapKey` of Kubernetes): it becomes the name of a file. */
export const isDataKey = (key: string): boolean =>
  key.length <= LONGEST_NAME && /^(?!\.(?:$|\.))[-._A-Za-z0-9]+$/.test(key);
