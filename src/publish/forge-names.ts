/** Forges that an answer can be brought to. */
export const FORGES = ["github", "gitea", "forgejo", "gitlab", "azure", "bitbucket"] as const;
export type ForgeName = (typeof FORGES)[number];
