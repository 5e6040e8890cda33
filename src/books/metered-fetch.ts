import type { Context } from '../core/context.ts';
import type { BeginOptions } from '../meter/call.ts';
import { createMeter, type MeterOptions } from '../meter/index.ts';
import { createMeteredFetch, type FetchAttribution } from '../meter/metered-fetch.ts';
import type { Dialect } from '../meter/wire/endpoint.ts';
import { errorDocument, type Problem, problemOf } from '../meter/wire/provider-error.ts';
import { refusalProblem } from './refusal-problem.ts';
import { remainingMoney } from './remaining-money.ts';

/** Who the calls of a metered fetch are for, and how they are held. */
export interface FetchInput extends FetchAttribution {
  /** The same as `username`. */
  readonly user?: string;
  /** What carries the calls; the global fetch when left out. */
  readonly fetch?: typeof fetch;
  /** The open scope whose money its calls take, and the run whose cap they come under; the one they are made in when left out. */
  readonly scope?: BeginOptions['scope'];
  readonly run?: BeginOptions['run'];
  /** Refusals are thrown, as errors of ours, where the caller is no client of a provider. */
  readonly throwRefusals?: boolean;
  /** How its calls are held, where not as the books' settings say. */
  readonly sizing?: BeginOptions['sizing'];
}

/** A fetch that books what it carries, for any client that takes one: `new OpenAI({ fetch: books.fetch({ user }) })`. */
export function meteredFetch(context: Context, input: FetchInput, options: MeterOptions): typeof fetch {
  const {
    user,
    fetch: carrier = globalThis.fetch,
    scope,
    run,
    sizing,
    throwRefusals = false,
    ...who
  } = input;
  const meter = createMeter(context, options);
  return createMeteredFetch({
    meter: { begin: (call) => meter.begin(call, { scope, run, sizing }) },
    attribution: { ...(user === undefined ? {} : { username: user }), ...who },
    fetch: carrier,
    throwRefusals,
    remaining: (call) => remainingMoney(context, call),
    answerRefusal: (refused, dialect) => responseOf(refusalProblem(refused, context.clock.now()), dialect),
    answerProblem: (error, dialect) => responseOf(problemOf(error), dialect),
  });
}

function responseOf(problem: Problem, dialect: Dialect): Response {
  const { status, headers } = problem;
  return Response.json(errorDocument(dialect, problem), { status, headers: { ...headers } });
}
