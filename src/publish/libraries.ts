/**
 * The clients of the forges, read when something is published. The bundle keeps this module in a file of its own
 * (`scripts/build.mjs`), so that no other command reads them.
 */
export async function loadOctokit() {
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import("@octokit/rest"),
    import("@octokit/plugin-retry"),
    import("@octokit/plugin-throttling"),
  ]);
  return Octokit.plugin(retry, throttling);
}

export async function loadGitlab() {
  return (await import("@gitbeaker/rest")).Gitlab;
}

export async function loadAzure() {
  return await import("azure-devops-node-api");
}

export async function loadGitea() {
  return (await import("gitea-js")).giteaApi;
}
