// SOPS_AGE_KEY=... node decrypt.mjs FILE: prints the file as JSON, decrypted by an implementation that is not ours.
import { decryptSops } from 'sops-age';

process.stdout.write(JSON.stringify(await decryptSops({ path: process.argv[2], secretKey: process.env.SOPS_AGE_KEY })));
