// SPDX-License-Identifier: Apache-2.0
// Google's own client library writes, reads, lists and deletes on an emulator and checks what it gets.
// usage: node peer.mjs URL BUCKET [read NAME SIZE CRC32C]... [plain NAME SHA256 -]...
// With `read`, it only downloads objects that somebody else has written and checks them. With `plain`, one that is stored in
// gzip and must come as its content.
import { Storage } from '@google-cloud/storage';
import assert from 'node:assert/strict';
import { randomBytes, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const [apiEndpoint, bucketName, ...rest] = process.argv.slice(2);
if (!bucketName) {
  console.error('usage: node peer.mjs URL BUCKET [read NAME SIZE CRC32C]... [plain NAME SHA256 -]...');
  process.exit(64);
}
const storage = new Storage({
  apiEndpoint,
  projectId: 'p',
  useAuthWithCustomEndpoint: false,
  retryOptions: { autoRetry: true, maxRetries: 3 },
});
const bucket = storage.bucket(bucketName);
const md5 = (bytes) => createHash('md5').update(bytes).digest('base64');

async function refused(code, action) {
  try {
    await action();
  } catch (error) {
    // Where it stands depends on the kind of upload.
    const got = Number(error.response?.status ?? error.code);
    assert.equal(got, code, `refused with ${got}, not ${code}: ${error.message}`);
    return error;
  }
  assert.fail(`not refused; expected ${code}`);
}

const checks = {
  async 'a small object in one request, with metadata and class'() {
    const bytes = randomBytes(100_000);
    const file = bucket.file('peer/kleine Datei ä+%&?#.bin');
    await file.save(bytes, {
      resumable: false,
      validation: 'crc32c',
      preconditionOpts: { ifGenerationMatch: 0 },
      metadata: {
        contentType: 'image/jpeg',
        storageClass: 'ARCHIVE',
        customTime: '2026-01-02T03:04:05.000Z',
        metadata: { sha256: 'abc', 'ключ': 'ценность' },
      },
    });
    const [metadata] = await file.getMetadata();
    assert.equal(metadata.storageClass, 'ARCHIVE');
    assert.equal(metadata.contentType, 'image/jpeg');
    assert.equal(String(metadata.size), String(bytes.length));
    assert.equal(metadata.md5Hash, md5(bytes));
    assert.deepEqual(metadata.metadata, { sha256: 'abc', 'ключ': 'ценность' });
    const [back] = await file.download({ validation: 'crc32c' });
    assert.ok(back.equals(bytes));
  },

  async 'an empty object'() {
    const file = bucket.file('peer/empty');
    await file.save(Buffer.alloc(0), { resumable: false });
    const [back] = await file.download();
    assert.equal(back.length, 0);
  },

  async 'a taken name is refused by its precondition'() {
    const file = bucket.file('peer/taken');
    await file.save('one', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    for (const resumable of [false, true]) {
      await refused(412, () => file.save('two', { resumable, preconditionOpts: { ifGenerationMatch: 0 } }));
    }
    const [back] = await file.download();
    assert.equal(back.toString(), 'one');
  },

  async 'a wrong checksum in the metadata is refused'() {
    const file = bucket.file('peer/wrong');
    const error = await refused(400, () =>
      file.save('bytes', { resumable: false, validation: false, metadata: { crc32c: 'AAAAAA==' } }));
    assert.match(error.message, /doesn't match calculated CRC32C/);
    const [exists] = await file.exists();
    assert.equal(exists, false);
  },

  async 'a resumable upload in one chunk'() {
    const bytes = randomBytes(3_000_001);
    const file = bucket.file('peer/resumable');
    await file.save(bytes, { resumable: true, validation: 'crc32c' });
    const [back] = await file.download();
    assert.ok(back.equals(bytes));
  },

  async 'a resumable upload in chunks of 256 KiB from a stream'() {
    const bytes = randomBytes(1_000_003);
    const file = bucket.file('peer/chunks');
    await pipeline(Readable.from([bytes.subarray(0, 300_000), bytes.subarray(300_000)]),
      file.createWriteStream({ resumable: true, chunkSize: 256 * 1024, validation: 'md5' }));
    const [back] = await file.download();
    assert.ok(back.equals(bytes));
  },

  async 'a bucket whose readers pay'() {
    const name = `${bucketName}-readers-pay`;
    await storage.createBucket(name, { requesterPays: true });
    await refused(400, () => storage.bucket(name).file('x').save('bytes', { resumable: false }));
    const paid = storage.bucket(name, { userProject: 'p' });
    for (const resumable of [false, true]) await paid.file(`x${resumable}`).save('bytes', { resumable });
    const error = await refused(400, () => storage.bucket(name).getFiles());
    assert.match(error.message, /requester pays bucket but no user project/);
    const [files] = await paid.getFiles();
    assert.equal(files.length, 2);
    const [back] = await paid.file('xtrue').download({ userProject: 'p' });
    assert.equal(back.toString(), 'bytes');
    await paid.deleteFiles();
    await paid.delete();
  },

  async 'a range of an object'() {
    const bytes = randomBytes(10_000);
    const file = bucket.file('peer/range');
    await file.save(bytes, { resumable: false });
    const [back] = await file.download({ start: 100, end: 199 });
    assert.ok(back.equals(bytes.subarray(100, 200)));
  },

  async 'a gzipped object is expanded'() {
    const file = bucket.file('peer/gzipped.txt');
    const text = 'all the same '.repeat(1000);
    await file.save(text, { resumable: false, gzip: true });
    const [metadata] = await file.getMetadata();
    assert.equal(metadata.contentEncoding, 'gzip');
    assert.ok(Number(metadata.size) < 1000);
    const [back] = await file.download();
    assert.equal(back.toString(), text);
  },

  async 'a list in pages, with folders and offsets'() {
    for (const name of ['a', 'b/1', 'b/2', 'c', 'd/1']) {
      await bucket.file(`list/${name}`).save(name, { resumable: false });
    }
    const names = async (query) => (await bucket.getFiles({ prefix: 'list/', ...query }))[0].map((f) => f.name);
    const paged = [];
    for (let query = { prefix: 'list/', maxResults: 2, autoPaginate: false }; query;) {
      const [files, next] = await bucket.getFiles(query);
      assert.ok(files.length <= 2);
      paged.push(...files.map((f) => f.name));
      query = next;
    }
    assert.deepEqual(paged, ['list/a', 'list/b/1', 'list/b/2', 'list/c', 'list/d/1']);
    assert.deepEqual(await names({ startOffset: 'list/b/2', endOffset: 'list/d' }), ['list/b/2', 'list/c']);
    const [files, , response] = await bucket.getFiles({ prefix: 'list/', delimiter: '/', autoPaginate: false });
    assert.deepEqual(files.map((f) => f.name), ['list/a', 'list/c']);
    assert.deepEqual(response.prefixes, ['list/b/', 'list/d/']);
  },

  async 'metadata can be patched, the class only by a rewrite'() {
    const file = bucket.file('peer/patched');
    await file.save('bytes', { resumable: false });
    const [patched] = await file.setMetadata({ metadata: { k: 'v' } });
    assert.equal(patched.metageneration, '2');
    await file.setStorageClass('nearline');
    const [metadata] = await file.getMetadata();
    assert.equal(metadata.storageClass, 'NEARLINE');
  },

  async 'copy, compose and delete'() {
    const one = bucket.file('peer/one');
    const two = bucket.file('peer/two');
    await one.save('1', { resumable: false });
    await one.copy(two);
    const both = bucket.file('peer/both');
    await bucket.combine([one, two], both);
    const [back] = await both.download();
    assert.equal(back.toString(), '11');
    await both.delete();
    await refused(404, () => both.delete());
    const [exists] = await both.exists();
    assert.equal(exists, false);
  },

  async 'the bucket, and what may be done to it'() {
    const [metadata] = await bucket.getMetadata();
    assert.equal(metadata.name, bucketName);
    const [held] = await bucket.iam.testPermissions(['storage.objects.create', 'storage.objects.delete']);
    assert.equal(held['storage.objects.create'], true);
    await refused(404, () => storage.bucket('no-such-bucket').getMetadata());
  },
};

async function read(name, size, crc32c) {
  const file = bucket.file(name);
  const [metadata] = await file.getMetadata();
  assert.equal(String(metadata.size), size);
  assert.equal(metadata.crc32c, crc32c);
  const [bytes] = await file.download({ validation: 'crc32c' });
  assert.equal(String(bytes.length), size);
}

async function plain(name, sha256) {
  const file = bucket.file(name);
  const [metadata] = await file.getMetadata();
  assert.equal(metadata.contentEncoding, 'gzip');
  assert.equal(metadata.metadata.sha256, sha256);
  const [bytes] = await file.download({ validation: 'crc32c' });
  assert.equal(bytes.subarray(0, 15).toString(), 'SQLite format 3');
  assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
}

let failed = 0;
async function check(what, action) {
  try {
    await action();
    console.log(`ok      ${what}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${what}: ${error.stack ?? error}`);
  }
}
if (rest.length === 0) {
  for (const [what, action] of Object.entries(checks)) await check(what, action);
}
for (let i = 0; i < rest.length; i += 4) {
  const [what, ...words] = rest.slice(i, i + 4);
  assert.ok(what === 'read' || what === 'plain');
  await check(`${what} ${words[0]}`, () => (what === 'read' ? read : plain)(...words));
}
process.exit(failed === 0 ? 0 : 1);
