// node pod.mjs RENDER OWNER NAME EMULATOR [INDEX]: the own pod of a CronJob or Deployment, called NAME, for `podman play kube`, with the ConfigMap that it reads. What
// differs from the cluster's: where the emulated bucket is, and what podman 4 lacks.
import fs from 'node:fs';
import yaml from 'yaml';

const [, , rendered, owner, name, emulator, index] = process.argv;
const objects = yaml.parseAllDocuments(fs.readFileSync(rendered, 'utf8')).map(document => document.toJS());
const named = (kind, of) => objects.find(object => object.kind === kind && object.metadata.name === of);
const { metadata, spec } = (named('CronJob', owner)?.spec.jobTemplate ?? named('Deployment', owner)).spec.template;
for (const container of spec.containers) {
  container.env.push({ name: 'STORAGE_EMULATOR_HOST', value: emulator });
  // The controller of Indexed Jobs says which part a pod is.
  if (index !== undefined) container.env.push({ name: 'JOB_COMPLETION_INDEX', value: index });
  // On the host's network it refuses ports, and probes that name one.
  for (const field of ['ports', 'startupProbe', 'readinessProbe', 'livenessProbe']) delete container[field];
}
for (const volume of spec.volumes ?? []) {
  // It leaves every optional Secret out of a volume, and makes no claims.
  if (volume.secret) volume.secret.optional = false;
  if (volume.ephemeral) {
    delete volume.ephemeral;
    volume.emptyDir = {};
  }
}
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec };
console.log([named('ConfigMap', 'immich-backup-config'), pod].map(part => yaml.stringify(part)).join('---\n'));
