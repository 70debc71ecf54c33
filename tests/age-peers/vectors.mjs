// node vectors.mjs AGE-FILE FOLDER: gives AGE-FILE (age_file.cpp) every test vector of the age format (c2sp.org/CCTV/age), and compares how it
// ends and what it has passed on with what the vector expects. FOLDER takes the identities.
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import * as vectors from 'cctv-age';

const [, , program, folder] = process.argv;
const someIdentity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';

// What AGE-FILE says for each class of failure.
const says = {
  'armor failure': /^corrupt: its armor is malformed: /,
  'no match': /^denied: (is encrypted to |the passphrase does not open it$)/m,
  'HMAC failure': /^corrupt: its age header was changed: the MAC does not agree$/m,
  'header failure': /^corrupt: (its age header is malformed: |is no age file$|is empty: no age file$|is an age file of another version |is cut short within its age header$|is cut short after 0 bytes of plain text$)/m,
  'payload failure': /^corrupt: (is cut short |its encrypted chunk |goes on after its last chunk|ends with an empty chunk)/,
};

function parse(bytes) {
  const end = bytes.indexOf('\n\n');
  const fields = bytes.subarray(0, end).toString().split('\n').map(line => line.split(/: (.*)/s));
  const all = name => fields.filter(([key]) => key === name).map(([, value]) => value);
  let file = bytes.subarray(end + 2);
  if (all('compressed')[0] === 'zlib') file = zlib.inflateSync(file);
  return { file, expect: all('expect')[0], payload: all('payload')[0], identities: all('identity'), armored: all('armored').length > 0,
           passphrase: all('passphrase')[0] };
}

function run(words, input) {
  const { status, stdout, stderr } = spawnSync(program, words, { input, maxBuffer: 1 << 28 });
  return { status, stdout, stderr: stderr.toString() };
}

function decrypt(vector, x25519, file) {
  if (vector.passphrase) return run(['decrypt-with', vector.passphrase], file);
  const path = `${folder}/identity`;
  fs.writeFileSync(path, x25519.join('\n') + '\n');
  return run(['decrypt', path], file);
}

const counts = {};
let wrong = 0;
for (const [name, data] of Object.entries(vectors.default ?? vectors)) {
  const vector = { name, ...parse(Buffer.from(data)) };
  const x25519 = vector.identities.filter(key => key.startsWith('AGE-SECRET-KEY-1'));
  const identities = x25519.length ? x25519 : [someIdentity];
  const bare = vector.armored ? run(['unarmor'], vector.file) : { status: 0, stdout: vector.file };
  const result = bare.status === 0 ? decrypt(vector, identities, bare.stdout) : bare;
  const problem = (() => {
    if (vector.armored) {
      // A stream in armor is not read, and never taken for plain text.
      counts.armored = (counts.armored ?? 0) + 1;
      const refused = decrypt(vector, identities, vector.file);
      if (refused.status !== 1 || refused.stdout.length || !/^corrupt: /.test(refused.stderr)) return 'armor is not refused';
      if (vector.expect === 'success' && vector.name !== 'armor_whitespace_outside' && !/is an age file in armor/.test(refused.stderr)) return 'armor is not named';
    }
    if (vector.passphrase) counts.passphrase = (counts.passphrase ?? 0) + 1;
    if (!x25519.length && vector.identities.length > 0) {
      // What only a key of another kind would open, is refused as that, or as malformed.
      counts['other key'] = (counts['other key'] ?? 0) + 1;
      if (result.status !== 1 || result.stdout.length) return 'is not refused';
      return /^(denied|corrupt): /.test(result.stderr) ? '' : 'no reason is given';
    }
    counts[vector.expect] = (counts[vector.expect] ?? 0) + 1;
    if (vector.payload && crypto.createHash('sha256').update(result.stdout).digest('hex') !== vector.payload) return 'other plain text is passed on';
    if (!vector.payload && result.stdout.length) return 'plain text is passed on';
    if (vector.expect === 'success') return result.status === 0 ? '' : 'is not decrypted';
    return result.status === 1 && says[vector.expect].test(result.stderr) ? '' : `is no ${vector.expect}`;
  })();
  if (problem) {
    ++wrong;
    console.log(`${name} (${vector.expect}): ${problem}; status ${result.status}, ${result.stdout.length} bytes: ${result.stderr.trim()}`);
  }
}
const summary = Object.entries(counts).map(([kind, n]) => `${n} ${kind}`).sort().join(', ');
console.log(summary);
// A vector that is passed over, or counts as another kind, would be missed here.
const known = '1 HMAC failure, 18 other key, 19 payload failure, 21 success, 22 armor failure, 26 passphrase, 33 armored, 54 header failure, 8 no match';
if (summary !== known) {
  ++wrong;
  console.log(`not as expected: ${known}`);
}
process.exit(wrong ? 1 : 0);
