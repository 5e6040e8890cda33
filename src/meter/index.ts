/** Reserve before, settle after, without a transport: bytes come in from whatever carries the call. */
export type {
  BeginOptions,
  Begun,
  Booked,
  CallInput,
  Ending,
  LimitRefusals,
  MeteredCall,
  RequestBounds,
} from './call.ts';
export { createMeter, type Meter } from './meter.ts';
export type { MeterOptions } from './options.ts';
