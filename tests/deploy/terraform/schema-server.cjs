// node schema-server.cjs SOCKET: serves the schema of hashicorp/google 6.50 to the real terraform binary as a provider would, over
// TF_REATTACH_PROVIDERS, which it prints. It can validate and plan with mocks; it knows nothing of values, and applies nothing.
//
// The schema is read out of npm's @cdktf/provider-google, which is generated from it: which attributes and blocks a resource has from
// its synthesizeHclAttributes(), which of them are required from its declarations.
const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const library = path.join(path.dirname(require.resolve('@cdktf/provider-google/package.json')), 'lib');
// What terraform/ uses. One that is missing here is an error of terraform's.
const used = ['storage-bucket', 'storage-bucket-iam-member', 'service-account', 'service-account-iam-member', 'project-iam-custom-role',
  'iam-workload-identity-pool', 'iam-workload-identity-pool-provider', 'billing-budget', 'data-google-project', 'project-service'];

const snake = name => name.replace(/[A-Z]/g, letter => '_' + letter.toLowerCase());
const primitive = { string: '"string"', number: '"number"', boolean: '"bool"' };
const source = folder => fs.readFileSync(path.join(library, folder, 'index.js'), 'utf8').split('//# sourceMappingURL')[0];

// Terraform's JSON for a type.
function typeOf(type, storage) {
  if (type === 'simple' || primitive[storage]) return primitive[storage];
  const [, element] = /^(string|number|boolean)(?:List|Map|Set)$/.exec(storage) ?? [];
  return `["${type}",${primitive[element] ?? primitive.string}]`;
}

function attributesIn(text) {
  const pattern = /^\s+(\w+): \{\n\s+value: (.*),\n\s+isBlock: (true|false),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)",/gm;
  return [...text.matchAll(pattern)].map(([, name, value, block, type, storage]) => ({ name, value, isBlock: block === 'true', type, storage }));
}

function requiredIn(declarations) {
  const required = {};
  for (const [, name, body] of declarations.matchAll(/^export interface (\w+)[^{]*\{([\s\S]*?)^\}/gm)) {
    required[name] = new Set([...body.matchAll(/readonly (\w+)(\?)?:/g)].filter(found => !found[2]).map(found => snake(found[1])));
  }
  return required;
}

// What is computed alone has a getter, and no place among the attributes that are written.
function computedIn(body, known) {
  const types = { String: '"string"', Number: '"number"', Boolean: '"bool"', StringMap: '["map","string"]', List: '["list","string"]' };
  const found = new Map();
  for (const [, type, name] of body.matchAll(/return this\.get(String|Number|Boolean|StringMap|List)Attribute\('(\w+)'\)/g)) {
    if (!known.has(name) && !found.has(name)) found.set(name, { name, type: Buffer.from(types[type]), computed: true });
  }
  return [...found.values()];
}

function schemaOf(folder) {
  const text = source(folder);
  const declarations = fs.readFileSync(path.join(library, folder, 'index.d.ts'), 'utf8');
  const required = requiredIn(declarations);
  const structs = {};
  for (const [, name, body] of text.matchAll(/^function (\w+)ToHclTerraform\(struct\) \{([\s\S]*?)^\}/gm)) structs[name] = attributesIn(body);

  const blockOf = (attributes, name) => {
    const block = { attributes: [], block_types: [] };
    for (const attribute of attributes) {
      const needed = required[name]?.has(attribute.name) ?? false;
      if (!attribute.isBlock) {
        block.attributes.push({ name: attribute.name, type: Buffer.from(typeOf(attribute.type, attribute.storage)), required: needed, optional: !needed, computed: !needed });
        continue;
      }
      const struct = /(\w+)ToHclTerraform/.exec(attribute.value.replace('cdktf.listMapperHcl(', ''))[1];
      const single = attribute.type === 'struct';
      block.block_types.push({
        type_name: attribute.name,
        block: blockOf(structs[struct] ?? [], struct[0].toUpperCase() + struct.slice(1)),
        nesting: single ? 'SINGLE' : attribute.type.toUpperCase(),
        min_items: needed ? 1 : 0,
        max_items: single || attribute.value.includes('listMapperHcl') ? 0 : 1,
      });
    }
    return block;
  };

  const top = attributesIn(text.split('synthesizeHclAttributes()').pop());
  const start = /^class \w+ extends cdktf\.Terraform(Resource|DataSource)/m.exec(text);
  const block = blockOf(top, /^export interface (\w+Config) extends cdktf\.TerraformMetaArguments/m.exec(declarations)?.[1]);
  block.attributes.push(...computedIn(text.slice(start.index), new Set(top.map(attribute => attribute.name))));
  return { type: /\.tfResourceType = "(\w+)"/.exec(text)[1], data: start[1] === 'DataSource', schema: { version: 0, block } };
}

const resources = {};
const dataSources = {};
for (const folder of used) {
  const { type, data, schema } = schemaOf(folder);
  (data ? dataSources : resources)[type] = schema;
}
const settings = attributesIn(source('provider').split('synthesizeHclAttributes()').pop()).filter(attribute => !attribute.isBlock)
  .map(attribute => ({ name: attribute.name, type: Buffer.from(typeOf(attribute.type, attribute.storage)), optional: true }));

const definition = grpc.loadPackageDefinition(loader.loadSync(path.join(__dirname, 'provider.proto'),
  { keepCase: true, enums: String, longs: Number, defaults: true }));
const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
const fine = (_, reply) => reply(null, { diagnostics: [] });
server.addService(definition.tfplugin6.Provider.service, {
  GetProviderSchema: (_, reply) => reply(null, {
    provider: { version: 0, block: { attributes: settings, block_types: [] } },
    resource_schemas: resources, data_source_schemas: dataSources, diagnostics: [], server_capabilities: {},
  }),
  ValidateProviderConfig: fine,
  ValidateResourceConfig: fine,
  ValidateDataResourceConfig: fine,
  ConfigureProvider: fine,
  StopProvider: (_, reply) => reply(null, {}),
});
const socket = process.argv[2];
server.bindAsync('unix://' + socket, grpc.ServerCredentials.createInsecure(), error => {
  if (error) throw error;
  console.log(JSON.stringify({
    'registry.terraform.io/hashicorp/google': { Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: { Network: 'unix', String: socket } },
  }));
});
