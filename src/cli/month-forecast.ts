import { formatUsd, formatUsdRounded } from '../money/index.ts';
import { method } from '../reports/forecast.ts';
import type { MonthForecast } from '../reports/forecasts.ts';
import { formatInstant } from '../time/index.ts';
import { counted } from './text.ts';

/** `month's end: about $92.00 (4 in 5: $80.00 to $104.00), as the last 21 complete days went`. */
export function monthForecastText({ forecast }: MonthForecast): string {
  if (!forecast.known) {
    return `month's end: not known yet, after ${counted(forecast.days, 'complete day')}; 3 are needed`;
  }
  const { estimate, low, high, days } = forecast;
  const range = low === high ? '' : ` (4 in 5: ${formatUsdRounded(low)} to ${formatUsdRounded(high)})`;
  return `month's end: about ${formatUsdRounded(estimate)}${range}, as the last ${days} complete days went`;
}

export function monthForecastDocument({ month, forecast }: MonthForecast) {
  const end = formatInstant(month.end);
  if (!forecast.known) return { end, ...forecast };
  const { spent, estimate, low, high, days } = forecast;
  const money = { spentUsd: spent, estimateUsd: estimate, lowUsd: low, highUsd: high };
  const amounts = Object.entries(money).map(([name, amount]) => [name, formatUsd(amount)]);
  return { end, known: true, ...Object.fromEntries(amounts), days, method };
}
