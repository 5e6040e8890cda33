import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { NanocentError } from '../errors/error.ts';

/** Encrypts texts that lie in a store. */
export interface Seal {
  /** `place` is bound to the text: opened in another place it is refused. */
  close(text: string, place: string): string;
  /** Throws prompt_sealed for what this key does not open. */
  open(sealed: string, place: string): string;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with a nonce of its own for every text. The key is 32 bytes in base64 or hex: `openssl rand -base64 32`.
 * Throws field_invalid, without repeating the key.
 */
export function createSeal(keyText: string): Seal {
  const key = keyOf(keyText.trim());
  return {
    close(text, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(place));
      const closed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return closed.toString('base64');
    },
    open(sealed, place) {
      const closed = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv(algorithm, key, closed.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(place)).setAuthTag(closed.subarray(-tagBytes));
      try {
        const text = decipher.update(closed.subarray(nonceBytes, -tagBytes));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new NanocentError('prompt_sealed', 'this key does not open what was encrypted', {
          cause,
          fix: 'open the prompt log with the key it was written with',
        });
      }
    },
  };
}

function keyOf(text: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (key.length === 32) return key;
  throw new NanocentError('field_invalid', 'the key of the prompt log is not 32 bytes in base64 or hex', {
    field: 'encryptionKey',
    fix: 'make one with: openssl rand -base64 32',
  });
}
