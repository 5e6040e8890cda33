export { allLimitStates, type LimitState, limitStates, stateOf } from './limit-states.ts';
export {
  emptyTotals,
  type PeriodStats,
  periodStats,
  type Rankings,
  type StatsGroup,
  type StatsQuery,
} from './period-stats.ts';
