#!/usr/bin/env bash
# Every combination of the manifests renders, keeps to the published schemas and to what a pod near photos must not do; what is left for the
# operator to fill in is named in docs/install-kubernetes.md; and the check itself finds what it is there to find.
. "$(dirname "$0")/lib.sh"
needs kubectl
npm_packages kubernetes

cp -r components/immich "$work/immich"
cd "$work/immich"
render() { # NAME RESOURCE-OR-FILE... -- COMPONENT...: the overlay with these alone, and the site's
  local name=$1 overlay=$work/immich/overlays/$1
  shift
  cp -r overlays/prod "$overlay"
  sed -i -e '/resources\/tools/d' -e '/^components:/,/^patches:/{/^components:/b;/^patches:/b;d}' "$overlay/kustomization.yaml"
  while [ "$1" != -- ]; do
    case $1 in
      *.yaml) sed -i "s|^  - ../../base|&\n  - $1|" "$overlay/kustomization.yaml" ;;
      *) sed -i "s|^  - ../../base|&\n  - ../../resources/$1|" "$overlay/kustomization.yaml" ;;
    esac
    shift
  done
  shift
  sed -i "s|^components:|components:$(printf '\\n  - ../../components/%s' "$@")|" "$overlay/kustomization.yaml"
  sed -i "s|components/site$|overlays/site|" "$overlay/kustomization.yaml"
  kubectl kustomize "$overlay" >"$work/$name.yaml" || fail "kustomize does not render $*"
}
kubectl kustomize overlays/prod >"$work/prod.yaml" || fail "kustomize does not render overlays/prod"
page=(web web-secrets.enc.yaml)
credentials=(service-account-key workload-identity-gke workload-identity-jwks)
for credential in "${credentials[@]}"; do
  render "with-$credential" tools restore fleet "${page[@]}" -- site "$credential" node-colocation
  # In any order.
  render "against-$credential" "${page[@]}" fleet tools restore -- node-colocation "$credential" site
done
render alone -- site service-account-key
render watched -- site service-account-key prometheus notify mail
render drill-alone -- site service-account-key drill-alone
render encrypted tools restore fleet "${page[@]}" -- site service-account-key encrypted drill-identity restore-identity
render page "${page[@]}" web-ingress.yaml -- site service-account-key
render page-by-gateway "${page[@]}" web-gateway.yaml -- site workload-identity-gke
everything=(site service-account-key drill-alone encrypted drill-identity restore-identity prometheus notify mail node-colocation restore-as-user cnpg
  database-elsewhere web-login-by-proxy)
reversed=()
for component in "${everything[@]}"; do reversed=("$component" "${reversed[@]}"); done
render everything tools restore fleet web web-ingress.yaml -- "${everything[@]}"
render everything-reversed tools restore fleet web web-ingress.yaml -- "${reversed[@]}"
kubectl kustomize overlays/restore-only >"$work/restore-only.yaml" || fail "kustomize does not render overlays/restore-only"
cp flux/immich-backup.yaml "$work/flux.yaml"

judge() { (cd "$npm" && node check.mjs "$@") >"$work/verdict" 2>&1; }
judge "$work"/*.yaml || { cat "$work/verdict"; fail "the manifests are not in order"; }
tail -n 1 "$work/verdict"
for pair in everything:everything-reversed with-{service-account-key,workload-identity-gke,workload-identity-jwks}:against; do
  one=${pair%:*} other=${pair#*:}
  [ "$other" != against ] || other=against-${one#with-}
  (cd "$npm" && node same.mjs "$work/$one.yaml" "$work/$other.yaml") || fail "the order of the components matters: $pair"
done

# Each component does what it is for.
grep -q 'key: GCS_CREDENTIALS' "$work/prod.yaml" || fail "the key is not handed on"
for credential in "${credentials[@]}"; do
  keys=$(grep -c 'key: GCS_CREDENTIALS' "$work/with-$credential.yaml" || true)
  configurations=$(grep -c 'name: GOOGLE_APPLICATION_CREDENTIALS' "$work/with-$credential.yaml" || true)
  annotations=$(grep -c 'iam.gke.io/gcp-service-account' "$work/with-$credential.yaml" || true)
  case $credential in
    service-account-key) wanted="8 0 0" ;;
    workload-identity-gke) wanted="0 0 3" ;;
    workload-identity-jwks) wanted="0 8 0" ;;
  esac
  [ "$keys $configurations $annotations" = "$wanted" ] || fail "$credential: $keys $configurations $annotations in place of $wanted"
done
[ "$(grep -c 'name: IMMICH_BACKUP_PUSHGATEWAY' "$work/watched.yaml")" -eq 3 ] || fail "the Pushgateway is not handed on"
[ "$(grep -c 'name: immich-backup-notify' "$work/watched.yaml")" -eq 3 ] || fail "what to ping is not handed on"
sed -n '/name: immich-backup-mail$/,/^---/p' "$work/watched.yaml" | grep -q 'port: 587' || fail "the pods do not reach a mail server"
! grep -q 'port: 587' "$work/prod.yaml" || fail "the pods reach mail servers unasked"
# Two that stay on Immich's node, and the fleet, which spreads.
[ "$(grep -c 'kubernetes.io/hostname' "$work/with-service-account-key.yaml")" -eq 3 ] || fail "the backup is not kept on Immich's node"

[ "$(grep -c 'key: uri' "$work/everything.yaml")" -eq 4 ] || fail "the database of CloudNativePG is not handed on"

# An encrypted store: to whom, the pods that write are told; what opens its manifests, those that read them have; and an identity, the drill and the
# restores alone.
pods_with() { # RENDER TEXT: the names of its objects that have TEXT
  awk -v text="$2" 'BEGIN { RS = "---\n" } index($0, text) { match($0, /\n  name: [a-z-]+\n/); print substr($0, RSTART + 9, RLENGTH - 10) }' "$work/$1.yaml" | sort | paste -sd' '
}
[ "$(pods_with encrypted 'name: IMMICH_BACKUP_ENCRYPT_TO')" = 'immich-backup immich-backup-fleet immich-backup-tools immich-verify-restore' ] ||
  fail "others are told to whom to encrypt: $(pods_with encrypted 'name: IMMICH_BACKUP_ENCRYPT_TO')"
[ "$(pods_with encrypted 'secretName: immich-backup-machine-key')" = 'immich-backup immich-backup-fleet immich-backup-prune immich-backup-tools immich-backup-web immich-verify-restore' ] ||
  fail "others have the machine key: $(pods_with encrypted 'secretName: immich-backup-machine-key')"
[ "$(pods_with with-service-account-key 'secretName: immich-backup-machine-key')" = 'immich-backup immich-backup-fleet immich-verify-restore' ] || fail "the machine key is handed on unasked"
[ "$(pods_with encrypted 'secretName: immich-backup-drill-identity')" = immich-verify-restore ] || fail "the drill's identity is elsewhere"
[ "$(pods_with encrypted 'secretName: immich-backup-identity')" = 'immich-restore immich-restore-database' ] || fail "the identity of the restores is elsewhere"
! grep -q 'identity' "$work/with-service-account-key.yaml" || fail "an identity is handed on unasked"
cp -r overlays overlays-before
sed -i 's|# - ../../components/restore-identity|- ../../components/restore-identity|' overlays/restore-only/kustomization.yaml
kubectl kustomize overlays/restore-only >"$work/restore-only-encrypted.yaml" || fail "kustomize does not render overlays/restore-only for an encrypted store"
[ "$(pods_with restore-only-encrypted 'secretName: immich-backup-identity')" = 'immich-restore immich-restore-database' ] || fail "a restore lacks its identity"
judge "$work/restore-only-encrypted.yaml" || { cat "$work/verdict"; fail "overlays/restore-only for an encrypted store"; }
rm -r overlays && mv overlays-before overlays

# In a repository of its own, with the overlays alone, and everything else from a release of this one.
if command -v git >/dev/null; then
  release=$work/release
  mkdir -p "$release/components" "$work/own"
  cp -r "$work/immich" "$release/components/immich"
  git -C "$release" init -q
  git -C "$release" add .
  git -C "$release" -c user.name=t -c user.email=t@example.org commit -qm release
  git -C "$release" tag v0.1.0
  cp -r overlays/prod overlays/site "$work/own/"
  # shellcheck disable=SC2016 # the backquotes are the document's
  sed -n '/^sed -i .*ref=v0.1.0/p' "$OLDPWD/docs/install-kubernetes.md" | sed "s|https://github.com/immich-backup/immich-backup|file://$release|" >"$work/typed"
  [ -s "$work/typed" ] || fail "docs/install-kubernetes.md has no command that names a release"
  (cd "$work/own" && bash -eu "$work/typed") || fail "the command that names a release"
  kubectl kustomize "$work/own/prod" >"$work/own.rendered" || fail "kustomize does not take a release"
  cmp "$work/own.rendered" "$work/prod.yaml" || fail "with a release's bases it is something else"
fi

# The drill has Immich's own PostgreSQL beside it, or nothing that is there for it alone.
of_the_server='immich-app/postgres|DRILL_DB_|postgres-run|postgres-tmp|shared-memory'
grep -qE "$of_the_server" "$work/prod.yaml" || fail "the drill has no server beside it"
! grep -nE "$of_the_server" "$work/drill-alone.yaml" || fail "the drill is not alone"
grep -q 'mountPath: /drill' "$work/drill-alone.yaml" || fail "the drill has no room"

# The fleet's parts are as many as its pods.
fleet=$(sed -n '/name: immich-backup-fleet/,/^---/p' "$work/with-service-account-key.yaml")
parts=$(sed -n '/--shards/{n;s/[^0-9]//gp}' <<<"$fleet")
[ -n "$parts" ] && grep -q "completions: $parts$" <<<"$fleet" || fail "the fleet has other completions than parts ($parts)"

# On the worst day nothing but the restore is applied, and no Secret, so that the key that somebody has made by hand stays.
[ "$(grep '^kind:' "$work/restore-only.yaml" | sort | uniq -c | tr -s ' ' | paste -sd,)" = ' 1 kind: ConfigMap, 2 kind: CronJob, 1 kind: NetworkPolicy, 3 kind: ServiceAccount' ] ||
  fail "overlays/restore-only has other objects: $(grep '^kind:' "$work/restore-only.yaml")"
[ "$(grep -c 'suspend: true' "$work/restore-only.yaml")" -eq 2 ] || fail "a restore begins by itself"
grep -q 'runAsUser: 1000$' "$work/everything.yaml" || fail "the restore runs as root"

# Applied again, with another image and another claim, nothing is refused: what cannot be changed is the same.
cp -r overlays overlays-before
sed -i 's/newTag: 0.*/newTag: 99.0.0/' overlays/site/kustomization.yaml
sed -i 's/^  library_claim: .*/  library_claim: another/' overlays/site/backup-config.yaml
render bumped tools restore fleet "${page[@]}" -- site service-account-key
grep -q 'immich-backup:99.0.0' "$work/bumped.yaml" || fail "the image is not another one"
(cd "$npm" && node reapply.mjs "$work/with-service-account-key.yaml" "$work/bumped.yaml") || fail "it cannot be applied again"
for render in with-service-account-key bumped; do
  sed -e 's/kind: CronJob/kind: Job/' -e 's/jobTemplate:/template:/' "$work/$render.yaml" >"$work/jobs-$render"
done
(cd "$npm" && ! node reapply.mjs "$work/jobs-with-service-account-key" "$work/jobs-bumped" >/dev/null) || fail "the comparison finds nothing"
rm -r overlays "$work/bumped.yaml" && mv overlays-before overlays

# A setting of backup-config.yaml arrives where Kubernetes reads it.
sed -i -e 's/^  schedule: .*/  schedule: "7 1 * * *"/' -e 's/^  library_claim: .*/  library_claim: photos/' -e 's/^  timezone: .*/  timezone: Europe\/Berlin/' \
  -e 's/^  web_from_namespace: .*/  web_from_namespace: traefik/' overlays/site/backup-config.yaml
kubectl kustomize overlays/prod >"$work/changed"
grep -q 'schedule: 7 1 \* \* \*' "$work/changed" || fail "the schedule of backup-config.yaml is not that of the CronJob"
[ "$(grep -c 'claimName: photos' "$work/changed")" -eq 2 ] || fail "the claim of backup-config.yaml is not mounted"
[ "$(grep -c 'timeZone: Europe/Berlin' "$work/changed")" -eq 3 ] || fail "the time zone of backup-config.yaml is not that of the CronJobs"
# Kustomize takes a date without quotes for midnight, at which that day begins. To a restore it is all of that day.
example=$(sed -n 's/.*Which state both restores bring, such as \([^,]*\),.*/\1/p' overlays/site/backup-config.yaml)
[ -n "$example" ] || fail "backup-config.yaml has no example of restore_at"
grep -qF "\`$example\`" "$OLDPWD/docs/restore.md" || fail "docs/restore.md has another example of restore_at than backup-config.yaml: $example"
sed -i "s/^  restore_at: .*/  restore_at: $example/" overlays/site/backup-config.yaml
kubectl kustomize overlays/restore-only | grep -qx "  restore_at: \"${example//\"/}\"" || fail "the example of restore_at arrives as another time"
render page-changed "${page[@]}" -- site service-account-key
grep -q 'kubernetes.io/metadata.name: traefik$' "$work/page-changed.yaml" || fail "the namespace of backup-config.yaml is not the one that may connect to the page"

# The page's pod waits for a password of yours: the example has none.
sed -n '/^data:/,$p' overlays/prod/web-secrets.enc.yaml >"$work/example"
grep -q ': UkVQTEFDRV9NRQ==$' "$work/example" || fail "the example of the page's Secret is not as the others"
! grep -q '^  password:' "$work/example" || fail "the page would begin with a password that everybody knows"
grep -q 'key: password$' "$work/page.yaml" || fail "the page's pod does not ask for a password"

# What the operator has to fill in is said, by name, where it is explained how.
cd "$OLDPWD"
grep -rhoE '\b(REPLACE_ME|PROJECT_ID|PROJECT_NUMBER)\b' "$work"/*.yaml | sort -u >"$work/placeholders"
[ -s "$work/placeholders" ] || fail "no placeholder was found"
while read -r placeholder; do
  grep -q "$placeholder" docs/install-kubernetes.md || fail "docs/install-kubernetes.md does not say what to put for $placeholder"
done <"$work/placeholders"
grep -nEi '<[a-z-]+>|changeme|example\.com|TODO' "$work"/*.yaml && fail "a placeholder of another kind"

# The check finds what it is there for.
spoiled=$work/spoiled.yaml
cp "$work/page.yaml" "$spoiled"
spoil() {
  cp "$spoiled" "$work/before"
  sed -i "$1" "$spoiled"
  cmp -s "$work/before" "$spoiled" && fail "$1 changes nothing"
  return 0
}
spoil 's/concurrencyPolicy: Forbid/concurrencyPolicy: Sometimes/'
spoil 's/restartPolicy: Never/restartPolicy: Rarely/'
spoil 's/policyTypes/policyTypez/'
spoil 's/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/'
spoil 's/supplementalGroups:/fsGroup: 1000\n          supplementalGroups:/'
spoil 's/key: GCS_BUCKET/key: GCS_BUKET/'
spoil 's/- --read-only/- --log-format/'
spoil '/- --drill-schedule/{n;s/off/@daily/}'
spoil 's/serviceAccountName: immich-backup-reader/serviceAccountName: immich-backup/'
spoil 's/secretName: immich-backup-web-secrets/secretName: immich-backup-web-sekrets/'
spoil '/namespaceSelector:/,/ingress-nginx/{s/ingress-nginx/""/}'
spoil 's/- port: 2284/- port: 22/'
spoil 's/secretName: immich-backup-web-tls//'
spoil 's/secretName: immich-backup-machine-key/secretName: immich-backup-drill-identity/'
if judge "$spoiled"; then fail "the check accepts anything"; fi
for text in 'two may run at once' concurrencyPolicy restartPolicy 'policyTypez.*does not exist' 'the root is writable' 'would chown the library' \
  'Secret immich-backup-secrets has no GCS_BUKET' 'something can be started from the page' '--drill-schedule is not off' "more than the reader's" \
  'Secret immich-backup-web-sekrets is not there' 'not one namespace may connect' 'not the port of the page alone' 'not by TLS' 'has an identity'; do
  grep -q -- "$text" "$work/verdict" || { cat "$work/verdict"; fail "the check does not find: $text"; }
done
