#!/usr/bin/env bash
# Prometheus's own tools take what the program writes and the alerts, and the alerts go off when they should, and only then.
. "$(dirname "$0")/lib.sh"
needs promtool curl

# The alerts, as a Prometheus without the operator has them.
rules() { sed -n '/^spec:$/,$p' components/immich/components/prometheus/prometheus-rule.yaml | sed -e 1d -e 's/^  //'; }
rules >"$work/rules.yaml"
cp tests/deploy/prometheus/alerts.yaml "$work/"
promtool check rules --lint-fatal "$work/rules.yaml" >"$work/out" 2>&1 || { cat "$work/out"; fail "the rules are not in order"; }
promtool test rules "$work/alerts.yaml" >"$work/out" 2>&1 || { cat "$work/out"; fail "the alerts are not what they should be"; }
# The test notices where one is taken away.
sed 's/ != 0 != 3 != 130/ == 99/' "$work/rules.yaml" >"$work/spoiled" && cmp -s "$work/rules.yaml" "$work/spoiled" && fail "nothing was spoiled"
mv "$work/spoiled" "$work/rules.yaml"
promtool test rules "$work/alerts.yaml" >/dev/null 2>&1 && fail "the alerts' test finds nothing"
# Each metric that an alert asks for exists, and each alert is explained.
rules >"$work/rules.yaml"
grep -oE 'immich_backup_[a-z_]+' "$work/rules.yaml" | sort -u | while read -r metric; do
  grep -q "\"${metric#immich_backup_}\"" src/report/metrics.cpp || fail "there is no metric $metric"
  grep -q "${metric#immich_backup_}" docs/being-told.md || fail "docs/being-told.md does not explain $metric"
done
grep -oE 'alert: [A-Za-z]+' "$work/rules.yaml" | while read -r _ alert; do
  grep -qx "### $alert" docs/alerts.md || fail "docs/alerts.md does not say what to do for $alert"
  grep -qF "runbook_url: https://github.com/immich-backup/immich-backup/blob/main/docs/alerts.md#${alert,,}" "$work/rules.yaml" || fail "$alert does not link to what to do"
done

make_library
start_database
metrics=$work/metrics/immich.prom
mkdir "$work/metrics"
in_order() { promtool check metrics <"$metrics" >"$work/lint" 2>&1 && [ ! -s "$work/lint" ] || { cat "$work/lint" "$metrics"; fail "promtool complains"; }; }
export IMMICH_BACKUP_METRICS_FILE=$metrics
program 0 init
program 0 backup --quiet
in_order
grep -q '^immich_backup_complete_restore_point_timestamp_seconds{command="backup"} [0-9]' "$metrics" || fail "no complete restore point"
grep -q '^immich_backup_originals{command="backup",kind="protected"} [1-9]' "$metrics" || fail "no originals"
program 0 verify --all --quiet
program 0 status
in_order
[ "$(grep -c '^immich_backup_last_exit_status{' "$metrics")" -eq 3 ] || fail "the commands do not share the file"
[ "$(stat -c %a "$metrics")" = 644 ] || fail "node_exporter may not read it"
# Each query of the dashboard answers from a Prometheus that has scraped this.
dashboard=components/immich/components/prometheus/dashboard.json
if command -v prometheus >/dev/null && command -v python3 >/dev/null; then
  program 0 verify-restore --sample 1 --quiet
  cat >"$work/serve.py" <<'PY'
import http.server, sys
class Metrics(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain; version=0.0.4')
        self.end_headers()
        self.wfile.write(open(sys.argv[1], 'rb').read())
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Metrics)
print(server.server_port, flush=True)
server.serve_forever()
PY
  python3 "$work/serve.py" "$metrics" >"$work/served" &
  emulator=$! # killed at the end, as one
  until [ -s "$work/served" ]; do kill -0 "$emulator"; sleep 0.1; done
  printf 'global: {scrape_interval: 1s}\nscrape_configs:\n  - {job_name: immich-backup, honor_labels: true, static_configs: [{targets: ["127.0.0.1:%s"]}]}\n' "$(cat "$work/served")" >"$work/prometheus.yaml"
  port=$((20000 + RANDOM % 20000))
  prometheus --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/tsdb" --web.listen-address=127.0.0.1:$port --log.level=error >"$work/prometheus.log" 2>&1 &
  proxy=$! # killed at the end, too
  answers() { curl -sf --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" | jq -e '.data.result | length > 0' >/dev/null; }
  for _ in $(seq 300); do answers immich_backup_restore_points && break || { kill -0 "$proxy" || fail "Prometheus does not start: $(cat "$work/prometheus.log")"; sleep 0.1; }; done
  jq -r '.panels[].targets[].expr' "$dashboard" >"$work/queries"
  [ "$(wc -l <"$work/queries")" -ge 12 ] || fail "the dashboard has hardly a query"
  while IFS= read -r query; do answers "$query" || fail "the dashboard's query has no answer: $query"; done <"$work/queries"
  ! answers immich_backup_no_such_metric || fail "Prometheus answers anything"
  kill "$emulator" "$proxy"
else
  echo "without a Prometheus: it is not installed"
fi

# The damage that a verification finds.
photo=$(find "$store/library" -type f -size +0 | sort | sed -n 1p)
chmod u+w "$photo"
printf x >>"$photo"
program 4 verify --all --quiet
in_order
grep -q '^immich_backup_last_exit_status{command="verify"} 4$' "$metrics" || fail "no exit status"
grep -q '^immich_backup_verified_objects{command="verify",kind="damaged"} 1$' "$metrics" || fail "no damage"
[ -z "$(find "$work/metrics" -name '.*' -type f)" ] || fail "a temporary file is left"

command -v prometheus-pushgateway >/dev/null || { echo "without a Pushgateway: prometheus-pushgateway is not installed"; exit 0; }
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  prometheus-pushgateway --web.listen-address=127.0.0.1:$port >"$work/pushgateway.log" 2>&1 &
  emulator=$! # killed at the end, as one
  for _ in $(seq 100); do
    curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null && break 2
    kill -0 "$emulator" 2>/dev/null || break
    sleep 0.1
  done
done
export IMMICH_BACKUP_PUSHGATEWAY=http://127.0.0.1:$port
pushed() { curl -sf "$IMMICH_BACKUP_PUSHGATEWAY/metrics" | grep -E "^immich_backup_$1\{.*command=\"$2\"" | sed 's/.* //'; }
program 0 backup --quiet
[ ! -s "$work/err" ] || fail "the Pushgateway does not take it"
success=$(pushed last_success_timestamp_seconds backup)
[ -n "$success" ] || fail "no success was pushed"
[ "$(pushed last_exit_status backup)" = 0 ] || fail "no exit status was pushed"
program 3 backup --quiet --env DB_PASSWORD=wrong
[ "$(pushed last_exit_status backup)" = 3 ] || fail "the failure was not pushed"
[ "$(pushed restore_point_complete backup)" = 0 ] || fail "an incomplete restore point passes for complete"
[ "$(pushed last_success_timestamp_seconds backup)" = "$success" ] || fail "the last success is forgotten"
