// node encrypt.mjs FILE RECIPIENT REGEX: what `sops --encrypt` would print, for an age recipient and an encrypted_regex. For tests only: where
// sops is not to be had, its format is what has to be right.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { armor, Encrypter } from 'age-encryption';
import yaml from 'yaml';

const [, , file, recipient, regex] = process.argv;
const key = crypto.randomBytes(32);
const mac = crypto.createHash('sha512');

function encrypt(bytes, where, type) {
  const iv = crypto.randomBytes(32);
  const cipher = crypto.createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(where));
  const data = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const text = [data, iv, cipher.getAuthTag()].map(part => part.toString('base64'));
  return `ENC[AES256_GCM,data:${text[0]},iv:${text[1]},tag:${text[2]},type:${type}]`;
}

// The MAC covers every value, in order, encrypted or not.
function walk(value, path, secret) {
  if (Array.isArray(value)) return value.map(item => walk(item, path, secret));
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, [...path, name], secret || new RegExp(regex).test(name))]));
  if (value === null) return null; // as sops leaves it
  if (typeof value !== 'string') throw new Error(`${path.join('.')}: a Secret holds texts alone`);
  mac.update(value);
  return secret && value !== '' ? encrypt(Buffer.from(value), path.join(':') + ':', 'str') : value;
}

const tree = walk(yaml.parse(fs.readFileSync(file, 'utf8')), [], false);
const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
const encrypter = new Encrypter();
encrypter.addRecipient(recipient);
tree.sops = {
  age: [{ recipient, enc: armor.encode(await encrypter.encrypt(key)) }],
  lastmodified: now,
  mac: encrypt(Buffer.from(mac.digest('hex').toUpperCase()), now, 'str'),
  encrypted_regex: regex,
  version: '3.9.4',
};
process.stdout.write(yaml.stringify(tree, { lineWidth: 0 }));
