/** What proves a store, and what tests of programs around a ledger need: docs/testing.md. */
export type { Bench, StoreOnTrial, Trial } from './conformance/trial.ts';
export { type ConformanceOptions, storeConformance } from './conformance.ts';
export { entryDraft } from './drafts.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export { type FakeAnswer, type FakeProvider, type FakeRequest, startFakeProvider } from './fake-provider.ts';
export { assertLaws, type Books, readBooks } from './laws.ts';
export type { Answer, ReferenceHold } from './reference-hold.ts';
export { ReferenceLedger } from './reference-ledger.ts';
export { costLimit, requestsFor } from './requests.ts';
export { type Random, seededIds, seededRandom } from './seeded.ts';
export { type SimulationOptions, simulate } from './simulation.ts';
export { stories } from './stories/index.ts';
export { playStory, type Story } from './story.ts';
