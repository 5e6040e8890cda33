export { type AllowanceOf, Allowances, type TokensLeft } from './books/allowances.ts';
export {
  Books,
  type Charged,
  type Refused,
  type Reserved,
  type Settled,
  type Tracked,
} from './books/books.ts';
export type { Checked, CheckInput } from './books/check-quota.ts';
export type { AlertOptions, OnAlert } from './books/deliveries.ts';
export {
  type DirectoryPage,
  type ProjectEntry,
  Projects,
  type UserDetails,
  type UserEntry,
  Users,
} from './books/directory.ts';
export { entryDocument, limitDocument, reservationDocument, statsDocument } from './books/documents.ts';
export type { Explanation } from './books/explain.ts';
export { type Balance, type GrantState, Grants } from './books/grants.ts';
export type { FetchInput } from './books/metered-fetch.ts';
export { type OpenBooksOptions, openBooks } from './books/open-books.ts';
export type { AuditOptions, PromptLogOptions } from './books/open-logs.ts';
export type { ResetCounter, ResetQuery } from './books/reset-limits.ts';
export type { Run, RunBalance, RunInput } from './books/run.ts';
export type { Scope, ScopeInput } from './books/scope.ts';
export type { ConfiguredProvider, ConfiguredPurpose, Settings } from './books/settings.ts';
export { nanocentSpanProcessor, type SpanAttribution } from './books/span-processor.ts';
export type { SyncedLimits } from './books/sync-limits.ts';
export {
  type AlertsConfig,
  defineConfig,
  type GatewayConfig,
  type ModelRulesConfig,
  type NanocentConfig,
  type PriceSource,
  type PricesConfig,
  type PromptLogConfig,
  type ProviderConfig,
  type PurposeConfig,
} from './config/config.ts';
export type { SecretInput } from './config/secrets.ts';
export { Accountant, type AccountantContext, type Tx } from './core/accountant.ts';
export type { AttributionInput } from './core/attribution.ts';
export type { CountsInput } from './core/counts.ts';
export type { HoldInput } from './core/hold.ts';
export type { LimitRefusal } from './core/request.ts';
export type { ReservationRule, ReservationSettings, Sizing } from './core/reservation-rules.ts';
export type { ScopeEnd } from './core/scope.ts';
export type { TrackInput } from './core/track.ts';
export type { UnitChargeInput } from './core/unit-charge.ts';
export type { Verification } from './core/verify.ts';
export { type ErrorCode, type ErrorKind, errorCodes } from './errors/codes.ts';
export { type ErrorDetails, NanocentError } from './errors/error.ts';
export {
  InsufficientBalanceError,
  ModelPricingNotFoundError,
  ReservationExceededError,
  TokensExhausted,
} from './errors/named.ts';
export type { Reservation } from './ledger/reservation.ts';
export type { AllowanceInput, Refill } from './limits/allowance.ts';
export type { GrantInput, PoolOf } from './limits/grant.ts';
export type { Limit, LimitScope, LimitType } from './limits/limit.ts';
export { parseAllowances } from './limits/parse-allowances.ts';
export type { LimitInput } from './limits/parse-limit.ts';
export { refusalError, throwIfRefused } from './limits/refusal-error.ts';
export * from './llm/index.ts';
export type { AuditInput, AuditLog, PromptLog, PromptTexts } from './logs/index.ts';
export {
  type BeginOptions,
  type Begun,
  type Booked,
  type CallInput,
  createMeter,
  type Ending,
  type Meter,
  type MeteredCall,
  type MeterOptions,
  type RequestBounds,
} from './meter/index.ts';
export * from './money/index.ts';
export type { AmountForecast, ReachForecast, Unknown as UnknownForecast } from './reports/forecast.ts';
export type { MonthForecast } from './reports/forecasts.ts';
export type { LimitState } from './reports/limit-states.ts';
export type { PeriodStats, StatsQuery } from './reports/period-stats.ts';
export type { Entry } from './store/entry.ts';
export type { AuditRow, PromptRow } from './store/log.ts';
export { customPeriod, type Period, type PeriodName, periodOf } from './time/period.ts';
