// Checked by the compiler alone (npm run check): what a store of one's own and an accountant must have.
import { Accountant, type AccountantContext, openBooks, type Tx } from 'nanocent';
import { openMemory, type Store } from 'nanocent/store/memory';
import { storeConformance } from 'nanocent/testing';

declare const store: Store;
openBooks({ store });
openBooks({ store: 'memory' });
openBooks({ store: openMemory({ clock: Date, ledgerId: 'mine' }) });
// @ts-expect-error: a part of a store is none
openBooks({ store: { transact: store.transact } });
storeConformance({ name: 'mine', create: () => ({ store }) });

class Wallet extends Accountant {
  readonly name = 'wallet';
  async reserve(nanocents: bigint, { username }: AccountantContext): Promise<Tx> {
    return { user: username, amount: String(nanocents) };
  }
  async settle(): Promise<void> {}
}
openBooks({ accountants: [new Wallet()] });

// @ts-expect-error: an accountant has a name
class Nameless extends Accountant {
  async reserve(): Promise<Tx> {
    // @ts-expect-error: a Tx is what JSON can say
    return 1n;
  }
  async settle(): Promise<void> {}
}
void Nameless;
