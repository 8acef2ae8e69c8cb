const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const NAMESPACE = new RegExp(`^${LABEL}$`);
const OBJECT = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** Whether Kubernetes takes it as the name of a namespace: a label of RFC 1123. */
export function isNamespaceName(text: string): boolean {
  return NAMESPACE.test(text);
}

/** Whether Kubernetes takes it as the name of a Flux object, a Secret or a ConfigMap: a subdomain of RFC 1123. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && OBJECT.test(text);
}

/** Whether git takes it as the name of a branch, as `git check-ref-format --branch` decides it. */
export function isBranchName(text: string): boolean {
  if (text === "" || text === "@" || text.startsWith("-") || /[./]$|\.\.|\/\/|@\{/.test(text)) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git takes none of them
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(text)) return false;
  return text.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Whether it is the whole id of a commit, and so nothing that git takes for a flag or looks up as a name. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
