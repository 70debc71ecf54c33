// node check.mjs FILE...: each file is a render of kustomize. Judges every object in them by the published schemas (types, enums,
// required fields; by tsc, fields that do not exist), and by what this project demands of a pod that comes near photos.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import yaml from 'yaml';

const require = createRequire(import.meta.url);
const packages = {
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'kustomize.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'source.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};
const faults = [];
let where = '';
let isEncrypted = false;
const fault = (object, text) => faults.push(`${where}: ${object.kind} ${object.metadata?.name}: ${text}`);

function moduleOf(object) {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  return `${packages[group] ?? 'kubernetes-models'}/${group ? group + '/' : ''}${version}/${object.kind}`;
}

function checkSchema(object) {
  let models;
  try {
    models = require(moduleOf(object));
  } catch {
    return fault(object, `there is no schema for ${object.apiVersion}`);
  }
  try {
    new models[object.kind](object).validate();
  } catch (error) {
    fault(object, error.message);
  }
}

function checkFields(objects) {
  const text = objects.map(({ object }, i) =>
    `import type { I${object.kind} as T${i} } from '${moduleOf(object)}';\n` +
    `export const d${i}: T${i} = ${JSON.stringify(object)};\n`).join('');
  fs.writeFileSync('strict.ts', text);
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', moduleResolution: 'nodenext', types: [] };
  fs.writeFileSync('tsconfig.json', JSON.stringify({ compilerOptions, files: ['strict.ts'] }));
  const tsc = spawnSync('node_modules/.bin/tsc', ['--pretty', 'false'], { encoding: 'utf8' });
  if (tsc.status === 0) return;
  for (const line of tsc.stdout.split('\n')) {
    const found = /^strict\.ts\((\d+),\d+\): (.*)/.exec(line);
    if (!found) continue;
    // Two lines an object.
    const at = objects[Math.floor((Number(found[1]) - 1) / 2)];
    where = at.file;
    fault(at.object, found[2]);
  }
  if (faults.length === 0) faults.push(`tsc: ${tsc.stdout}${tsc.stderr}`);
}

const podOf = object =>
  object.kind === 'CronJob' ? object.spec.jobTemplate.spec.template : object.kind === 'Deployment' ? object.spec.template : null;
const expect = (object, holds, text) => holds || fault(object, text);

function checkPod(object) {
  const { metadata, spec } = podOf(object);
  const library = spec.volumes?.find(volume => volume.name === 'library');
  const restores = object.metadata.name === 'immich-restore';
  const asRoot = restores && spec.securityContext.runAsUser === 0;
  expect(object, metadata.labels?.app === 'immich-backup', 'the pod has no label app=immich-backup');
  expect(object, spec.automountServiceAccountToken === false, 'the pod is given a token of the API');
  expect(object, spec.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'no seccomp profile');
  expect(object, asRoot || (spec.securityContext?.runAsNonRoot === true && spec.securityContext.runAsUser > 0), 'may run as root');
  expect(object, !library || !('fsGroup' in spec.securityContext), 'fsGroup: the kubelet would chown the library');
  expect(object, !library || restores || library.persistentVolumeClaim.readOnly === true, 'the claim of the library is writable');
  // What opens the photos of an encrypted store, and never where the backup is.
  const reads = { 'immich-verify-restore': 'immich-backup-drill-identity', 'immich-restore': 'immich-backup-identity', 'immich-restore-database': 'immich-backup-identity' };
  const identities = JSON.stringify(spec).match(/immich-backup(-drill)?-identity/g) ?? [];
  expect(object, identities.every(name => name === reads[object.metadata.name]), 'has an identity');
  for (const volume of spec.volumes ?? [])
    expect(object, !('emptyDir' in volume) || volume.emptyDir.sizeLimit, `${volume.name}: an emptyDir without a limit`);
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const security = container.securityContext ?? {};
    const name = container.name;
    expect(object, security.readOnlyRootFilesystem === true, `${name}: the root is writable`);
    expect(object, security.allowPrivilegeEscalation === false, `${name}: privileges may be raised`);
    expect(object, security.capabilities?.drop?.includes('ALL'), `${name}: capabilities are not dropped`);
    expect(object, asRoot || !security.capabilities?.add, `${name}: capabilities are added`);
    expect(object, container.resources?.limits?.memory, `${name}: no limit of memory`);
    expect(object, !container.resources?.limits?.cpu, `${name}: a limit of the processor`);
    expect(object, /[:@]/.test(container.image.split('/').pop()), `${name}: an image of no version`);
    for (const mount of container.volumeMounts ?? [])
      expect(object, mount.name !== 'library' || restores || mount.readOnly === true, `${name}: the library is mounted writable`);
    for (const variable of container.env ?? [])
      expect(object, !/PASSWORD|CREDENTIALS$/.test(variable.name) || !variable.value || variable.value.startsWith('/'), `${name}: ${variable.name} in the open`);
  }
}

function checkFailurePolicy(object, job) {
  const rules = job.podFailurePolicy?.rules ?? [];
  const ignored = rules[0];
  expect(object, ignored?.action === 'Ignore' && ignored.onPodConditions?.[0]?.type === 'DisruptionTarget' &&
    ignored.onPodConditions[0].status === 'True', 'a disruption is not ignored, first of all');
  const parts = job.completionMode === 'Indexed'; // which fail, and are tried again, each by itself
  const fails = rules.find(rule => rule.action === (parts ? 'FailIndex' : 'FailJob'))?.onExitCodes;
  expect(object, [2, 3, 4].every(status => fails?.values.includes(status)), '2, 3 and 4 do not fail the Job at once');
  expect(object, !fails?.values.includes(1) && (parts ? job.backoffLimitPerIndex : job.backoffLimit) >= 1, '1 is not tried again');
  expect(object, job.template.spec.containers.some(container => container.name === fails?.containerName), 'the policy names no container');
  expect(object, job.template.spec.restartPolicy === 'Never', 'restartPolicy');
}

// Those that a person starts are suspended for good; their Jobs may take as long as they need.
function checkCronJob(object) {
  const { spec } = object;
  const job = spec.jobTemplate.spec;
  const byHand = spec.suspend === true && spec.schedule.includes('31 2');
  expect(object, spec.concurrencyPolicy === 'Forbid', 'two may run at once');
  expect(object, spec.timeZone, 'no time zone');
  expect(object, /^(\S+ ){4}\S+$/.test(spec.schedule) && (byHand || !spec.schedule.includes('31 2')), 'no schedule of the overlay');
  expect(object, byHand || spec.startingDeadlineSeconds === 43200, 'startingDeadlineSeconds: a cluster that is off at the time loses the night');
  expect(object, spec.successfulJobsHistoryLimit >= 1 && spec.failedJobsHistoryLimit >= 1, 'no history');
  expect(object, spec.jobTemplate.metadata?.labels?.app === 'immich-backup', 'its Jobs have no label app=immich-backup');
  expect(object, byHand || (job.activeDeadlineSeconds >= 3600 && job.ttlSecondsAfterFinished > 0), 'deadline and time to live');
  expect(object, byHand || job.backoffLimit === 3, '1 is not tried three times more a night');
  expect(object, job.template.spec.terminationGracePeriodSeconds >= 60, 'no time for a checkpoint');
  checkFailurePolicy(object, job);
}

// The page looks and starts nothing: it has what reads the store, and nothing of the library, of Immich's database or of the other credentials.
function checkPage(object) {
  const { spec } = podOf(object);
  const [container] = spec.containers;
  const { args, env } = container;
  const text = JSON.stringify(spec);
  const hasPassword = env.find(variable => variable.name === 'IMMICH_BACKUP_WEB_PASSWORD_FILE');
  const trusts = env.find(variable => variable.name === 'IMMICH_BACKUP_TRUSTED_PROXY');
  expect(object, args[0] === 'serve' && args.includes('--read-only'), 'something can be started from the page');
  for (const schedule of ['--schedule', '--verify-schedule', '--drill-schedule', '--prune-schedule'])
    expect(object, args[args.indexOf(schedule) + 1] === 'off' && args.includes(schedule), `${schedule} is not off: the page's pod would start jobs`);
  expect(object, object.spec.replicas === 1 && object.spec.strategy.type === 'Recreate', 'two pages: neither knows the sessions of the other');
  expect(object, spec.serviceAccountName === 'immich-backup-reader' && !/immich-backup(-pruner)?-secrets/.test(text), 'more than the reader\'s credential');
  // Where the store is encrypted, the machine key opens its manifests.
  expect(object, isEncrypted || !/machine-key/.test(text), 'more than the reader\'s credential: the machine key');
  expect(object, !/persistentVolumeClaim|hostPath/.test(text) && !container.envFrom && !/immich-database/.test(text), 'more than the store');
  expect(object, !hasPassword !== !trusts, 'a password or a proxy, and not both');
  const mount = container.volumeMounts.find(each => hasPassword?.value.startsWith(`${each.mountPath}/`));
  const volume = spec.volumes.find(each => each.name === mount?.name);
  expect(object, !hasPassword || volume?.secret?.items?.some(item => hasPassword.value === `${mount.mountPath}/${item.path}`) && !volume.secret.optional,
    'the password is not where it is looked for');
  expect(object, args[args.indexOf('--listen') + 1] === `0.0.0.0:${container.ports[0].containerPort}`, 'it listens elsewhere');
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    expect(object, container[probe]?.httpGet?.path === '/healthz' && container.ports.some(({ name }) => name === container[probe].httpGet.port), `no ${probe}`);
}

// Who may connect to a pod: from a namespace, to one port. Behind a proxy that logs people in, from its pods alone.
function checkWayToPage(objects, page) {
  const labels = podOf(page).metadata.labels;
  const selects = selector => Object.entries(selector).every(([name, value]) => labels[name] === value);
  const [{ containerPort, name: portName }] = podOf(page).spec.containers[0].ports;
  const service = objects.find(object => object.kind === 'Service' && selects(object.spec.selector));
  if (!service) return fault(page, 'no Service has this pod');
  const [port] = service.spec.ports;
  expect(service, service.spec.type === 'ClusterIP' && [portName, containerPort].includes(port.targetPort), 'leads elsewhere');
  const policies = objects.filter(object => object.kind === 'NetworkPolicy' && selects(object.spec.podSelector.matchLabels));
  expect(page, policies.some(({ spec }) => spec.policyTypes?.includes('Egress')), 'it may reach everything');
  const rules = policies.flatMap(({ spec }) => spec.ingress ?? []);
  const peers = rules.flatMap(rule => rule.from ?? [{}]);
  const trusts = podOf(page).spec.containers[0].env.some(variable => variable.name === 'IMMICH_BACKUP_TRUSTED_PROXY');
  expect(page, peers.length === 1 && peers[0].namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'], 'not one namespace may connect');
  expect(page, rules.every(({ ports }) => ports?.length === 1 && ports[0].port === containerPort), 'not the port of the page alone');
  expect(page, !trusts || Object.keys(peers[0].podSelector?.matchLabels ?? {}).length > 0, 'whoever can connect can say that he is logged in');
  for (const object of objects) {
    if (object.kind === 'Ingress') {
      const hosts = object.spec.rules.map(({ host }) => host);
      const backends = object.spec.rules.flatMap(rule => rule.http.paths.map(({ backend }) => backend.service));
      expect(object, backends.every(({ name, port: to }) => name === service.metadata.name && [port.name, port.port].includes(to.name ?? to.number)), 'leads elsewhere');
      expect(object, object.spec.tls?.length === 1 && object.spec.tls[0].secretName && hosts.every(host => host && object.spec.tls[0].hosts.includes(host)), 'not by TLS');
    }
    if (object.kind === 'HTTPRoute') {
      const backends = object.spec.rules.flatMap(rule => rule.backendRefs);
      expect(object, backends.every(({ name, port: to }) => name === service.metadata.name && to === port.port), 'leads elsewhere');
      const [parent] = object.spec.parentRefs;
      const gateway = objects.find(each => each.kind === 'Gateway' && each.metadata.name === parent.name);
      const listener = gateway?.spec.listeners.find(({ name }) => name === parent.sectionName);
      expect(object, listener?.protocol === 'HTTPS' && listener.tls.certificateRefs.length > 0 && object.spec.hostnames.includes(listener.hostname), 'not by TLS');
      expect(object, gateway?.spec.listeners.length === 1 && !gateway.metadata.labels?.app, 'its Gateway has more than TLS, or a label that its pods may get');
    }
  }
}

// Whatever is named is there, or comes with Immich.
function checkReferences(objects) {
  const have = new Set(objects.map(object => `${object.kind}/${object.metadata.name}`));
  const theirs = new Set(['Secret/immich-database-secret', 'Secret/immich-database-app', 'Secret/immich-backup-notify']);
  // In a new cluster somebody makes the reader's Secret by hand, and applying the overlay must leave it alone.
  if (where.startsWith('restore-only')) theirs.add('Secret/immich-backup-reader-secrets');
  const keys = new Map(objects.filter(object => ['Secret', 'ConfigMap'].includes(object.kind))
    .map(object => [`${object.kind}/${object.metadata.name}`, Object.keys({ ...object.data })]));
  for (const object of objects) {
    const pod = podOf(object);
    if (!pod) continue;
    const needs = (kind, name, key) => {
      if (theirs.has(`${kind}/${name}`)) return;
      expect(object, have.has(`${kind}/${name}`), `${kind} ${name} is not there`);
      expect(object, !key || keys.get(`${kind}/${name}`)?.includes(key), `${kind} ${name} has no ${key}`);
    };
    needs('ServiceAccount', pod.spec.serviceAccountName);
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      for (const source of container.envFrom ?? []) needs('Secret', source.secretRef.name);
      for (const { valueFrom } of container.env ?? []) {
        if (valueFrom?.secretKeyRef) needs('Secret', valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key);
        if (valueFrom?.configMapKeyRef) needs('ConfigMap', valueFrom.configMapKeyRef.name, valueFrom.configMapKeyRef.key);
      }
      for (const mount of container.volumeMounts ?? [])
        expect(object, pod.spec.volumes.some(volume => volume.name === mount.name), `no volume ${mount.name}`);
    }
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.secret && !volume.secret.optional) needs('Secret', volume.secret.secretName);
      for (const source of volume.projected?.sources ?? [])
        if (source.configMap) needs('ConfigMap', source.configMap.name, source.configMap.items[0].key);
    }
  }
}

const all = [];
const seen = new Set();
for (const file of process.argv.slice(2)) {
  where = file.split('/').pop();
  const objects = yaml.parseAllDocuments(fs.readFileSync(file, 'utf8')).map(document => document.toJS()).filter(Boolean);
  if (objects.length === 0) faults.push(`${where}: nothing in it`);
  checkReferences(objects);
  isEncrypted = /^(encrypted|everything)/.test(where);
  const page = objects.find(object => object.metadata.name === 'immich-backup-web' && object.kind === 'Deployment');
  if (page) checkPage(page), checkWayToPage(objects, page);
  for (const object of objects) {
    if (podOf(object)) checkPod(object);
    if (object.kind === 'CronJob') checkCronJob(object);
    expect(object, object.kind !== 'Job', 'a Job cannot be changed, and so not be applied again with another image');
    expect(object, !('stringData' in object), 'stringData makes each apply a change');
    expect(object, object.kind !== 'NetworkPolicy' || object.spec.ingress?.length !== 0, 'an empty list of rules makes each apply a change');
    expect(object, object.kind !== 'Namespace', 'deleting it would take the library along');
    if (!where.startsWith('flux')) expect(object, object.metadata.namespace === 'immich', 'not in the namespace immich');
    const text = JSON.stringify(object);
    if (seen.has(text)) continue;
    seen.add(text);
    checkSchema(object);
    all.push({ object, file: where });
  }
}
checkFields(all);
for (const line of faults) console.log(line);
console.log(`${all.length} objects, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
