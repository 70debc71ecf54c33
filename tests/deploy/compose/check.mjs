// node check.mjs FILE...: whether each is a Compose file as the specification says. Prints what is wrong.
import fs from 'node:fs';
import Ajv2019 from 'ajv/dist/2019.js';
import yaml from 'yaml';

const schema = JSON.parse(fs.readFileSync('node_modules/dclint/schemas/compose.schema.json', 'utf8'));
delete schema.$schema; // a newer draft than any of its words needs
const validate = new Ajv2019({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
let faults = 0;
for (const file of process.argv.slice(2)) {
  const document = yaml.parseDocument(fs.readFileSync(file, 'utf8'), { merge: true });
  const problems = document.errors.map((error) => error.message);
  if (problems.length === 0 && !validate(document.toJS()))
    problems.push(...validate.errors.map((error) => `${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`));
  for (const problem of problems) console.log(`${file}: ${problem}`);
  faults += problems.length;
}
process.exit(faults === 0 ? 0 : 1);
