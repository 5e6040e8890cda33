export type { Clock } from './clock.ts';
export {
  formatInstant,
  formatInZone,
  isBareDate,
  type ParseInstantOptions,
  parseInstant,
} from './instant.ts';
export { type IntervalOptions, parseInterval } from './interval.ts';
export { customPeriod, type Period, type PeriodName, periodOf } from './period.ts';
export {
  assertWindowRule,
  bucketMsFor,
  bucketStart,
  bucketStarts,
  countsFrom,
  rollingEnd,
  rollingStart,
  type Window,
  type WindowRule,
  type WindowUnit,
  windowAt,
  windowCountMax,
} from './window.ts';
export { assertInstant, assertZone, instantOfLocal, type LocalParts, localParts, offsetAt } from './zone.ts';
