// node reapply.mjs BEFORE AFTER: whether an API server that has the one render takes the other: names what may not change and does.
import fs from 'node:fs';
import yaml from 'yaml';

// Of the kinds that occur here, what Kubernetes refuses to change (the validation of updates in its pkg/apis).
const immutable = {
  Job: ['spec.template', 'spec.selector', 'spec.completionMode', 'spec.completions', 'spec.podFailurePolicy', 'spec.backoffLimitPerIndex'],
  Deployment: ['spec.selector'],
  StatefulSet: ['spec.selector', 'spec.serviceName', 'spec.volumeClaimTemplates'],
  Secret: ['type'],
  PersistentVolumeClaim: ['spec'],
};
const read = file => new Map(yaml.parseAllDocuments(fs.readFileSync(file, 'utf8')).map(document => document.toJS())
  .map(object => [`${object.kind}/${object.metadata.name}`, object]));
const field = (object, path) => JSON.stringify(path.split('.').reduce((value, name) => value?.[name], object));
const [before, after] = process.argv.slice(2).map(read);
let faults = 0;
for (const [name, object] of after) {
  for (const path of immutable[object.kind] ?? []) {
    if (!before.has(name) || field(before.get(name), path) === field(object, path)) continue;
    console.log(`${name}: ${path} may not change`);
    faults++;
  }
}
process.exit(faults === 0 ? 0 : 1);
