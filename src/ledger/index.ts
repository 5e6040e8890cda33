export * from './account.ts';
export * from './command.ts';
export { type Decision, decide } from './decide.ts';
export * from './journal.ts';
export * from './reservation.ts';
export type { LedgerState } from './workbench.ts';
