say() { printf '%s\n' "$*" >&2; }
k() { kubectl ${CONTEXT:+--context "$CONTEXT"} --request-timeout=30s get "$@"; }

# JSON out of lines; names and URLs hold nothing that would need more than this.
escape() { tr -d '\000-\011\013-\037' | sed 's/\\/\\\\/g; s/"/\\"/g'; }
text() { printf '"%s"' "$(printf '%s' "$1" | escape)"; }
list() { escape | awk 'BEGIN { printf "[" } length { printf "%s\"%s\"", (n++ ? ", " : ""), $0 } END { printf "]" }'; }

FACTS="  \"cluster\": $(text "$CLUSTER")"
put() {
  FACTS="$FACTS,
  \"$1\": $2"
}
good() { say "✔ $*"; }
bad() { say "✗ $*"; }
unknown() { say "⚠ not measured: $*"; }
show() { printf '%s\n' "$1" | sed '/^$/d; s/^/    /' >&2; }

say "► cluster $CLUSTER, namespace $NS"
if ! k namespace "$NS" -o name >/dev/null; then
  bad "kubectl cannot read namespace $NS; is this the right context?"
  exit 1
fi

# Which repository the live source reads; user, password and query are cut off.
url=
while IFS='|' read -r resource namespace name; do
  if [ -z "$name" ] || [ -n "$url" ]; then continue; fi
  url=$(k "$resource" "$name" -n "$namespace" --ignore-not-found -o jsonpath='{.spec.url}' 2>/dev/null) || url=
done <<EOT
$SOURCES
EOT
url=$(printf '%s' "$url" | sed 's#^\(https*://\)[^/]*@#\1#; s#[?].*##')
if [ -n "$url" ]; then
  put sourceUrl "$(text "$url")"
  good "the source reads $url"
else
  unknown "the source of the sync was not found, or has no URL"
fi

# The version label is what the flux CLI reads too; manifests/install sets none.
at='{.metadata.labels.app\.kubernetes\.io/version}'
version=$(k deployment source-controller -n "$NS" --ignore-not-found -o jsonpath="$at" 2>/dev/null) || version=
[ -n "$version" ] || version=$(k crd gitrepositories.source.toolkit.fluxcd.io --ignore-not-found -o jsonpath="$at" 2>/dev/null) || version=
if [ -n "$version" ]; then
  put fluxVersion "$(text "$version")"
  good "Flux $version runs"
else
  unknown "the Flux version; the controllers carry no version label. Their images:"
  show "$(k deployments -n "$NS" -l app.kubernetes.io/part-of=flux -o jsonpath='{range .items[*]}{.spec.template.spec.containers[0].image}{"\n"}{end}' 2>/dev/null)"
fi

instance=
if crd=$(k crd fluxinstances.fluxcd.controlplane.io --ignore-not-found -o name 2>/dev/null); then
  # A paused instance keeps the conditions it had.
  at='{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.metadata.annotations.fluxcd\.controlplane\.io/reconcile}'
  if [ -z "$crd" ]; then
    instance=none
  elif instance=$(k fluxinstances.fluxcd.controlplane.io flux -n "$NS" --ignore-not-found -o jsonpath="$at" 2>/dev/null); then
    instance=${instance:-none}
    instance=${instance% }
  else
    instance=
  fi
fi
case "$instance" in
  '') unknown "the FluxInstance cannot be read" ;;
  'flux True '[dD][iI][sS][aA][bB][lL][eE][dD])
    put fluxInstanceReady false
    bad "FluxInstance $NS/flux is paused (annotation fluxcd.controlplane.io/reconcile: disabled)"
    ;;
  'flux True' | 'flux True '*) put fluxInstanceReady true; good "FluxInstance $NS/flux is Ready" ;;
  none) put fluxInstanceReady false; good "no FluxInstance yet" ;;
  *) put fluxInstanceReady false; bad "FluxInstance $NS/flux is not Ready" ;;
esac

# Adopted: the operator's annotation is on every object and the old owner's label on none. RBAC without the namespace
# suffix and NetworkPolicies are never adopted and are left out; so are definitions without an owner whose controller is
# not installed, which an earlier install left behind.
columns='{range .items[*]}{.kind}/{.metadata.name}|{.metadata.annotations.kustomize\.toolkit\.fluxcd\.io/prune}|{.metadata.labels.kustomize\.toolkit\.fluxcd\.io/name}{"\n"}{end}'
if [ "${instance#flux}" != "$instance" ]; then
  if owned=$(k deployments,serviceaccounts,services,resourcequotas -n "$NS" -l app.kubernetes.io/part-of=flux -o jsonpath="$columns" 2>/dev/null) &&
    shared=$(k customresourcedefinitions,clusterroles,clusterrolebindings -l app.kubernetes.io/part-of=flux -o jsonpath="$columns" 2>/dev/null) &&
    [ -n "$owned" ]; then
    left=$(printf '%s\n%s\n' "$owned" "$shared" | awk -F'|' '
      $1 ~ /^Deployment\/image-/ { image = 1 }
      $1 == "Deployment/source-watcher" { watcher = 1 }
      $1 ~ /\.image\.toolkit\.fluxcd\.io$/ && !image && $3 == "" { next }
      $1 ~ /\.source\.extensions\.fluxcd\.io$/ && !watcher && $3 == "" { next }
      $1 ~ /\/flux-operator/ || $1 ~ /\.controlplane\.io$/ { next }
      $1 ~ /\/(crd-controller|cluster-reconciler|flux-edit|flux-view|critical-pods)$/ { next }
      length && (tolower($2) != "disabled" || $3 != "") { print $1 }')
    if [ -z "$left" ]; then
      put adopted true
      good "the operator owns every object of the old install"
    else
      put adopted false
      put notAdopted "$(printf '%s\n' "$left" | list)"
      bad "not adopted:"
      show "$left"
    fi
  else
    unknown "who owns the controllers; they cannot be listed by label"
  fi
fi

if [ -n "$GUARDS" ]; then
  guards=true
  while IFS='|' read -r resource namespace name field value kind; do
    live=$(k "$resource" "$name" -n "$namespace" --ignore-not-found -o jsonpath="{.spec.$field}" 2>/dev/null) || live=unreadable
    [ "$live" = "$value" ] && continue
    guards=false
    bad "$kind $namespace/$name has $field: ${live:-unset}, not $value yet"
  done <<EOT
$GUARDS
EOT
  put guardsReconciled "$guards"
  [ "$guards" = false ] || good "the guards are in effect"
fi

# Suspended objects, and sources and FluxKustomizations that are not Ready. An OCI HelmRepository has no condition.
columns='{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}|{.spec.suspend}|{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}'
if flux=$(k kustomizations.kustomize.toolkit.fluxcd.io -A -o jsonpath="$columns" 2>/dev/null); then
  for resource in gitrepositories ocirepositories buckets helmrepositories helmcharts; do
    more=$(k "$resource.source.toolkit.fluxcd.io" -A -o jsonpath="$columns" 2>/dev/null) || continue
    flux="$flux
$more"
  done
  releases=$(k helmreleases.helm.toolkit.fluxcd.io -A -o jsonpath="$columns" 2>/dev/null) || releases=
  suspended=$(printf '%s\n%s\n' "$flux" "$releases" | awk -F'|' '$2 == "true" { print $1 }')
  broken=$(printf '%s\n' "$flux" | awk -F'|' 'length && $2 != "true" && $3 != "True" && !($3 == "" && /^HelmRepository /) { print $1 }')
  put suspended "$(printf '%s\n' "$suspended" | list)"
  put notReady "$(printf '%s\n' "$broken" | list)"
  if [ -n "$suspended" ]; then bad "suspended:"; show "$suspended"; else good "nothing is suspended"; fi
  if [ -n "$broken" ]; then bad "not Ready:"; show "$broken"; else good "sources and Kustomizations are Ready"; fi
else
  unknown "Flux Kustomizations cannot be listed"
fi

# What each FluxKustomization holds in the cluster, which Git may not say: remote bases, suspended ones.
columns='{range .items[*]}{.metadata.namespace}/{.metadata.name}{range .status.inventory.entries[*]}|{.id}{end}{"\n"}{end}'
if held=$(k kustomizations.kustomize.toolkit.fluxcd.io -A -o jsonpath="$columns" 2>/dev/null); then
  put inventories "$(printf '%s\n' "$held" | escape | awk -F'|' '
    BEGIN { printf "{" }
    length {
      printf "%s\n    \"%s\": [", (n++ ? "," : ""), $1
      for (i = 2; i <= NF; i++) printf "%s\"%s\"", (i > 2 ? ", " : ""), $i
      printf "]"
    }
    END { printf "%s}", (n ? "\n  " : "") }')"
  good "inventories of $(printf '%s\n' "$held" | grep -c /) Kustomizations"
else
  unknown "inventories; Kustomizations cannot be listed"
fi

columns='{range .items[*]}{.metadata.name}|{.status.storedVersions[*]}{"\n"}{end}'
if stored=$(k customresourcedefinitions -o jsonpath="$columns" 2>/dev/null); then
  stored=$(printf '%s\n' "$stored" | grep '\.toolkit\.fluxcd\.io|')
  put storedVersions "$(printf '%s\n' "$stored" | awk -F'|' '
    BEGIN { printf "{" }
    length {
      printf "%s\n    \"%s\": [", (n++ ? "," : ""), $1
      count = split($2, versions, " ")
      for (i = 1; i <= count; i++) printf "%s\"%s\"", (i > 1 ? ", " : ""), versions[i]
      printf "]"
    }
    END { printf "%s}", (n ? "\n  " : "") }')"
  mixed=$(printf '%s\n' "$stored" | awk -F'|' '$2 ~ / / { print $1 ": " $2 }')
  if [ -n "$mixed" ]; then bad "CRDs with more than one stored version:"; show "$mixed"; else good "every Flux CRD stores one version"; fi
else
  unknown "stored versions; CRDs cannot be listed"
fi

if [ -n "$NEEDS" ]; then
  missing=
  readable=true
  while IFS='|' read -r resource namespace name kind; do
    if ! found=$(k "$resource" "$name" -n "$namespace" --ignore-not-found -o name 2>/dev/null); then
      readable=false
      unknown "$kind $namespace/$name cannot be looked up"
    elif [ -z "$found" ]; then
      missing="$missing
$kind $namespace/$name"
    fi
  done <<EOT
$NEEDS
EOT
  if [ "$readable" = true ]; then
    put missing "$(printf '%s\n' "$missing" | list)"
    if [ -n "$missing" ]; then bad "missing:"; show "$missing"; else good "what the sync needs exists"; fi
  fi
fi

printf '{\n%s\n}\n' "$FACTS"
