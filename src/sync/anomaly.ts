import type { KindForecast } from '../store/sync/commit.ts';
import type { Anomaly } from '../store/sync/runs.ts';
import type { AnomalyLimits } from './dependencies.ts';

/**
 * What a commit would do that is too strange to be done unasked: more of a kind gone or changed in status than the
 * limits allow, or nothing left of a kind that had some. Pure; an empty list means go on.
 */
export function findAnomalies(
  forecasts: readonly KindForecast[],
  limits: AnomalyLimits,
  connectionId: string,
): readonly Anomaly[] {
  return forecasts.flatMap((forecast) => {
    const { kind, before, gone, statusChanged } = forecast;
    if (before === 0) return [];
    const affected = gone + statusChanged;
    const isAllGone = gone >= before;
    const isTooMuch = affected > limits.count && affected * 100 > before * limits.percent;
    if (!isAllGone && !isTooMuch) return [];
    return [
      {
        kind,
        gone,
        status_changed: statusChanged,
        before,
        after: before - gone,
        limit_percent: limits.percent,
        message: sentence(forecast, limits, connectionId),
      },
    ];
  });
}

function sentence(forecast: KindForecast, limits: AnomalyLimits, connectionId: string): string {
  const { kind, before, gone, statusChanged } = forecast;
  const parts = [];
  if (gone > 0) parts.push(`${gone} of ${before} ${kind}s are gone`);
  if (statusChanged > 0) parts.push(`${statusChanged} of ${before} ${kind}s changed status`);
  const percent = Math.round(((gone + statusChanged) * 100) / before);
  return `${parts.join(' and ')} in ${connectionId} (${percent} %, the limit is ${limits.percent} %).`;
}
