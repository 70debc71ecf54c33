// node same.mjs FILE FILE: whether two renders come to the same, whatever the order of environment, volumes and mounts.
import fs from 'node:fs';
import yaml from 'yaml';

const unordered = new Set(['env', 'envFrom', 'volumes', 'volumeMounts']);
function normal(value, key) {
  if (Array.isArray(value)) {
    const items = value.map(item => normal(item));
    return unordered.has(key) ? items.map(item => JSON.stringify(item)).sort() : items;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map(name => [name, normal(value[name], name)]));
}
const objects = file => yaml.parseAllDocuments(fs.readFileSync(file, 'utf8')).map(document => JSON.stringify(normal(document.toJS()), null, 1)).sort();
const [one, other] = process.argv.slice(2).map(objects);
const lines = [...one.filter(object => !other.includes(object)), ...other.filter(object => !one.includes(object))];
if (lines.length > 0) console.log(lines.join('\n'));
process.exit(lines.length === 0 ? 0 : 1);
