export { allocate, divideCeil, divideFloor } from './divide.ts';
export { formatCents, formatCredits, formatNanocents, formatUsd, formatUsdRounded } from './format-money.ts';
export {
  type Nanocents,
  nanocents,
  nanocentsMax,
  nanocentsPerCent,
  nanocentsPerCredit,
  nanocentsPerUsd,
  type Rate,
  zeroNanocents,
} from './nanocents.ts';
export { nearestUsd } from './nearest-usd.ts';
export {
  type ParseMoneyOptions,
  parseCents,
  parseCredits,
  parseNanocents,
  parseUsd,
  usdFromNumber,
} from './parse-money.ts';
export { formatRate, parseRate, parseRatePerToken, rateFromCredits, scaleRate } from './rate.ts';
export { joinHalves, splitHalves, sumNanocents } from './totals.ts';
