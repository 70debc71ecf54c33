// node peer.mjs encrypt RECIPIENT... <PLAIN >ENCRYPTED, and node peer.mjs decrypt IDENTITY-FILE <ENCRYPTED >PLAIN: age as npm's age-encryption
// does it.
import fs from 'node:fs';
import { Decrypter, Encrypter } from 'age-encryption';

const [, , command, ...rest] = process.argv;
const input = new Uint8Array(fs.readFileSync(0));
if (command === 'encrypt') {
  const encrypter = new Encrypter();
  for (const recipient of rest) encrypter.addRecipient(recipient);
  fs.writeFileSync(1, await encrypter.encrypt(input));
} else {
  const decrypter = new Decrypter();
  for (const line of fs.readFileSync(rest[0], 'utf8').split('\n')) if (line && !line.startsWith('#')) decrypter.addIdentity(line);
  fs.writeFileSync(1, await decrypter.decrypt(input));
}
