import type { Context } from '../core/context.ts';
import { readOverview } from './overview.ts';
import { overviewPage } from './overview-page.ts';
import { style } from './style.ts';

/** What a gateway is given to answer under `/-/`; null where there is no page. */
export type DashboardPages = (request: {
  readonly path: string;
  /** Where the reader reached the gateway: `http://127.0.0.1:4141`. */
  readonly address: string;
}) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} | null>;

/** Nothing from elsewhere, no script at all, no frame around it. */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

export function dashboardPages(context: Context): DashboardPages {
  return async ({ path, address }) => {
    if (path === '/-/llm-usage') {
      return { status: 200, headers: pageHeaders, body: overviewPage(await readOverview(context), address) };
    }
    if (path === '/-/llm-usage/style.css') {
      const headers = {
        ...pageHeaders,
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'no-cache',
      };
      return { status: 200, headers, body: style };
    }
    return null;
  };
}
