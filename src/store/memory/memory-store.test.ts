import { storeConformance } from '../../testing/conformance.ts';
import { openMemory } from './index.ts';

storeConformance({
  name: 'memory',
  create: (clock) => ({ store: openMemory({ clock, ledgerId: 'on trial' }) }),
  leaveOut: [
    {
      reason: 'nothing outlives the process, and nobody else can reach it',
      tests: [
        'everything is there after opening again',
        'a second connection sees and continues the same books',
        'verify sees what was changed in the store itself',
      ],
    },
  ],
});
