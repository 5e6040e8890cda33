import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJsonLines } from '../../examples/own-store/json-lines-store.ts';
import { storeConformance } from '../../src/testing/conformance.ts';

storeConformance({
  name: 'own store',
  create: async (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'nanocent-own-'));
    const file = join(folder, 'books.jsonl');
    return {
      store: await openJsonLines(file, clock),
      reopen: () => openJsonLines(file, clock),
      end: () => rmSync(folder, { recursive: true }),
    };
  },
  leaveOut: [
    {
      reason: 'one process has the file, and answers from what it read when it opened it',
      tests: [
        'a second connection sees and continues the same books',
        'verify sees what was changed in the store itself',
      ],
    },
  ],
});
