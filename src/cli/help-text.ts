/** Examples under each `--help`, by command; each preceded by a sentence. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  fluxlift: `  # What is here, and what would fluxlift do?
  fluxlift

  # Read the first phase as a diff, then write it
  fluxlift plan | less
  fluxlift migrate
`,
  scan: `  # How is Flux installed in this repository?
  fluxlift scan

  # The same for scripts
  fluxlift scan --format json ~/home-ops
`,
  plan: `  # Findings on stderr, a unified diff on stdout
  fluxlift plan
  fluxlift plan --format diff | git apply --check

  # Save the plan, review it, write exactly that
  fluxlift plan -o /tmp/install.json
  fluxlift apply /tmp/install.json

  # The runbook with this repository's names and paths
  fluxlift plan --phase cutover --format markdown > runbook.md

  # All of it as one page for the browser
  fluxlift plan -o report.html

  # Measure what the plan assumes about the live cluster, and plan with the answer
  fluxlift plan --format preflight > preflight.sh
  sh preflight.sh > facts.json
  fluxlift plan --facts facts.json

  # In a pull request check: fail while something is left to do
  fluxlift plan --check --cluster main
`,
  config: `  # What holds here, and which line says so?
  fluxlift config

  # The schema, for an editor
  fluxlift config --schema > fluxlift.schema.json
`,
  mcp: `  # In the settings of an agent or an editor: the command that starts the server
  fluxlift mcp ~/home-ops
`,
  fleet: `  # Where does each repository of an organisation stand? Clones what is listed, newest commits only
  gh repo list acme --limit 1000 --json sshUrl --jq '.[].sshUrl' | fluxlift fleet - -o fleet.jsonl --html fleet.html

  # What did the last merge of each do?
  fluxlift fleet repos.txt --action verify -o verify.jsonl

  # On four machines, then together
  fluxlift fleet repos.txt --shard 1/4 -o 1.jsonl
  fluxlift fleet merge 1.jsonl 2.jsonl 3.jsonl 4.jsonl -o all.jsonl --html all.html
`,
  migrate: `  # First phase: add operator and instance, keep the old install
  fluxlift migrate

  # Later phases, each after the one before is merged and reconciled
  fluxlift migrate --phase cutover
  fluxlift migrate --phase cleanup

  # Operator and instance already run in the cluster: everything at once, one commit a phase
  fluxlift migrate --phase all --direct --commit --yes
`,
  oci: `  # First phase: publish the artifact while Flux goes on reading Git
  fluxlift oci

  # Later phases, each after the one before is merged and reconciled
  fluxlift oci --phase switch
  fluxlift oci --phase cleanup

  # A registry of your own, and only the manifests in it
  fluxlift oci --registry oci://registry.example.com/fleet/manifests --artifact-path kubernetes

  # The runbook with this repository's names and paths
  fluxlift oci --dry-run --format markdown > runbook.md
`,
  apply: `  # Write a reviewed plan
  fluxlift apply /tmp/install.json

  # For a repository elsewhere, without asking
  fluxlift apply --yes /tmp/install.json ~/home-ops
`,
  verify: `  # Is this branch safe to merge?
  fluxlift verify --base origin/main

  # In a pull request check, shown beside the lines
  fluxlift verify --base origin/main --format sarif > fluxlift.sarif

  # The claim is meant to go: accept its loss by name
  fluxlift verify --base origin/main --accept 'PersistentVolumeClaim media/player'

  # Before a commit: what lies on disk, or in a hook what is staged
  fluxlift verify --head WORKTREE
  fluxlift verify --staged

  # Any two commits, nothing is checked out
  fluxlift verify --base v1.0 --head v1.1 --format markdown

  # In the job of a pull request: comment, set the status, keep the reports
  fluxlift verify --base origin/main --publish auto --reports fluxlift-report

  # What happens to which objects, with the diff, as one page for the browser
  fluxlift verify --base origin/main -o report.html
`,
  publish: `  # In a workflow that may comment, after one that may not
  fluxlift publish --from fluxlift/report.json

  # For a pull request that the job does not tell
  fluxlift publish --from fluxlift/report.json --pull 12
`,
  undo: `  # Take back the last write
  fluxlift undo

  # Also after a crash or a power cut in the middle of a write
  fluxlift undo --yes
`,
  explain: `  # What does that finding mean?
  fluxlift explain wanted-may-go

  # Which findings are there?
  fluxlift explain
`,
  completion: `  # In this shell, now
  source <(fluxlift completion bash)

  # For every new one
  fluxlift completion bash > ~/.local/share/bash-completion/completions/fluxlift
  fluxlift completion zsh > "\${fpath[1]}/_fluxlift"
  fluxlift completion fish > ~/.config/fish/completions/fluxlift.fish
`,
  transforms: `  # Which transforms are there?
  fluxlift transforms

  # Run a single one
  fluxlift plan --only instance-app
`,
};

/** Ends every `--help`; the long version is docs/exit-codes.md. */
export const EXIT_CODES = `Exit codes: 0 done or nothing to do, 1 a person has to act, 2 failed. See docs/exit-codes.md.
`;
