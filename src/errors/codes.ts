/**
 * The closed list of error codes. A code is added here, in docs/errors.md and nowhere else; doors map its
 * kind to an HTTP status (gateway/status.ts) and an exit code (cli/exit-code.ts).
 */
export type ErrorKind =
  | 'invalid' // the caller's input; retrying cannot help
  | 'not_found'
  | 'forbidden'
  | 'conflict'
  | 'refused' // a limit, allowance or accountant said no
  | 'unavailable' // store or provider; a bounded retry may help
  | 'incompatible' // schema newer or older than this program
  | 'invariant'; // something that must hold does not

/** Every code with the kind of error that it is; exit codes and HTTP statuses follow from the kind. */
export const errorCodes = {
  amount_invalid: 'invalid',
  amount_overflow: 'invalid',
  rate_invalid: 'invalid',
  time_invalid: 'invalid',
  zone_unknown: 'invalid',
  window_invalid: 'invalid',
  usage_invalid: 'invalid',
  usage_inconsistent: 'invalid',
  body_malformed: 'invalid',
  body_too_large: 'invalid',
  route_not_found: 'not_found',
  method_not_allowed: 'invalid',
  credential_missing: 'forbidden',
  field_invalid: 'invalid',
  field_missing: 'invalid',
  option_unknown: 'invalid',
  command_unknown: 'invalid',
  config_invalid: 'invalid',
  limit_invalid: 'invalid',
  query_invalid: 'invalid',
  price_file_invalid: 'invalid',
  price_not_found: 'not_found',
  price_ambiguous: 'invalid',
  reservation_not_found: 'not_found',
  entry_not_found: 'not_found',
  limit_not_found: 'not_found',
  grant_not_found: 'not_found',
  project_not_found: 'not_found',
  user_not_found: 'not_found',
  file_not_found: 'not_found',
  permission_denied: 'forbidden',
  query_forbidden: 'forbidden',
  idempotency_conflict: 'conflict',
  reservation_already_settled: 'conflict',
  reservation_ended: 'conflict',
  reservation_not_owned: 'conflict',
  prompt_sealed: 'forbidden',
  name_taken: 'conflict',
  user_inactive: 'forbidden',
  user_not_listed: 'forbidden',
  project_not_listed: 'forbidden',
  model_not_allowed: 'forbidden',
  model_unknown: 'not_found',
  provider_refused: 'unavailable',
  chain_too_long: 'refused',
  limit_refused: 'refused',
  tokens_exhausted: 'refused',
  balance_insufficient: 'refused',
  reservation_exceeded: 'refused',
  store_busy: 'unavailable',
  store_unreachable: 'unavailable',
  store_read_only: 'unavailable',
  store_full: 'unavailable',
  store_not_a_database: 'unavailable',
  store_foreign: 'conflict',
  store_closed: 'unavailable',
  store_spooled: 'unavailable',
  spool_behind: 'unavailable',
  spool_failed: 'unavailable',
  accountant_failed: 'unavailable',
  accountant_busy: 'unavailable',
  provider_unreachable: 'unavailable',
  provider_timeout: 'unavailable',
  shutting_down: 'unavailable',
  address_in_use: 'unavailable',
  runtime_too_old: 'unavailable',
  driver_missing: 'unavailable',
  schema_newer: 'incompatible',
  schema_changed: 'incompatible',
  plan_impossible: 'invariant',
  catalog_not_loaded: 'invariant',
} as const satisfies Record<string, ErrorKind>;

/** The code of every error of ours, as docs/errors.md explains it. */
export type ErrorCode = keyof typeof errorCodes;
