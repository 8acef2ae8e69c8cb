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

/** What a command reads, writes and prints: a paragraph under its first line. */
export const ABOUT: Readonly<Record<string, string>> = {
  fluxlift:
    "Without a command it says where each cluster of this repository stands and what the next command is; on a terminal it then offers to go on, question by question. A migration is three merges, each reconciled before the next: install, cutover, cleanup.",
  scan: "Reads the checkout and writes nothing. The answer goes to stdout; findings that would stop the next phase make the exit code 1. From a folder further down the whole repository is read.",
  plan: "Reads the checkout and writes nothing but the file of --output. The diff goes to stdout and can be given to git apply; what was recognised, what Flux will do, findings and the next command go to stderr. On a terminal the diff is shown in $PAGER.",
  migrate:
    "Shows what plan shows, asks, and writes all files of the phase or none; undo takes it back. Where nobody can be asked it writes only with --yes. A phase is refused until the one before it is in the commit that the cluster reads.",
  oci: "For clusters that Flux Operator runs already. Works as migrate does, with the phases prepare, switch and cleanup.",
  apply:
    "Writes exactly the files that the plan shows, if every file that it was made from is still the same, byte for byte. <plan> is a file of plan -o FILE.json.",
  verify:
    "Compares two trees, the base and the result of the merge, and names every object that Flux would delete, move or stop applying. Nothing is checked out. The verdict is safe, deletes, unsafe or unproven; the last two end with exit code 1. From a folder further down that holds no cluster the whole repository is compared.",
  publish:
    "Reads what verify --publish or plan --publish has left in a run without rights, and comments it. Opens a connection to the forge, with the token of the job.",
  undo: "The journal of the last write lies in git's own folder, not in the tree. Files that have changed since are shown first.",
  explain:
    "Works without a repository and without a network. Rules are the last word of a finding, such as wanted-may-go; a part of a name is enough to be told the right one.",
  config:
    "Settings come from flags, then from fluxlift.config.yaml or .json of the repository, then from what is built in.",
  mcp: "Runs until its input ends. Tools: scan, plan, verify and explain; none of them writes.",
  fleet:
    "[list] is a file with an address or a folder a line, or - for stdin. Results are JSON lines; a run that was stopped goes on where it was. Clones over the network what is no folder here.",
  completion:
    "The script has the commands and flags of this version in it; the shell does not start fluxlift to complete.",
  transforms: "A transform is one kind of edit. --only and --skip of plan and migrate take these names.",
};

/** What `[dir]` and the like mean, by the name of the argument. */
export const ARGUMENTS: Readonly<Record<string, string>> = {
  dir: "folder of the checkout; where you are, when left out",
  plan: "file that plan -o FILE.json has saved",
  rule: "rule of a finding",
  list: "file of addresses or folders, - for stdin; or merge",
  files: "results to join, after merge",
  shell: "bash, zsh or fish",
};

/** Variables of the environment, under `fluxlift --help`. */
export const ENVIRONMENT = `Environment:
  NO_COLOR, FORCE_COLOR   no colours, colours
  PAGER                   shows diffs on a terminal (less -FRX); cat: none
  CI                      nobody is asked, nothing is paged
  NODE_DISABLE_COMPILE_CACHE=1   no compiled code in the cache folder
`;

/** Ends every `--help`; the long version is docs/exit-codes.md. */
export const EXIT_CODES = `Exit codes: 0 done or nothing to do, 1 a person has to act, 2 failed. See docs/exit-codes.md.
`;
