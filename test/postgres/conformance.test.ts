import { openPostgres } from '../../src/store/postgres/index.ts';
import { storeConformance } from '../../src/testing/conformance.ts';
import { newSchema, postgresServer } from '../postgres-schema.ts';

const server = await postgresServer();

if (server !== undefined) {
  storeConformance({
    name: 'postgres',
    create: async (clock) => {
      const { at, exec, drop } = await newSchema(server);
      const open = () => openPostgres({ at, clock, init: true });
      return {
        store: await open(),
        another: open,
        reopen: open,
        tampering: forgeries.map(([name, sql]) => ({ name, apply: () => exec(sql) })),
        end: drop,
      };
    },
  });
}

/** What somebody with psql might do. Later ones add to the earlier ones. */
const forgeries: readonly (readonly [name: string, sql: string])[] = [
  ['a bucket of the narrow rollup', 'UPDATE nanocent_rollup_narrow SET calls = calls + 1'],
  ['a bucket of the wide rollup', 'UPDATE nanocent_rollup_wide SET nanocents = nanocents + 1'],
  ['a limit raised', "UPDATE nanocent_limits SET body = replace(body, '1000', '9000')"],
  [
    'a raise that nobody made',
    `UPDATE nanocent_limits SET body = jsonb_insert(body::jsonb, '{raises,0}',
      '{"max":"9000","from":0,"until":9000000000000,"reason":"mine"}')::text`,
  ],
  ['a hold closed by hand', "UPDATE nanocent_reservations SET state = 'voided' WHERE state = 'open'"],
  ['a balance lowered', 'UPDATE nanocent_accounts SET settled = settled - 1'],
  ['a hold on an account forgotten', 'UPDATE nanocent_accounts SET reserved = 0'],
  ['a row made cheaper', "UPDATE nanocent_entries SET nanocents = 1 WHERE username = 'bob'"],
  ['a row given to someone else', "UPDATE nanocent_entries SET username = 'eve' WHERE username = 'ann'"],
  ['a row deleted', "DELETE FROM nanocent_entries WHERE username = 'bob'"],
  ['a hold deleted', "DELETE FROM nanocent_reservations WHERE state = 'settled'"],
  ['a line rewritten', `UPDATE nanocent_journal SET body = replace(body, '"30"', '"3"')`],
  ['a line deleted', 'DELETE FROM nanocent_journal WHERE position = 2'],
  ['a link deleted', 'DELETE FROM nanocent_links WHERE number = 3'],
  ['the head set back', 'UPDATE nanocent_chain_heads SET number = number - 1 WHERE number > 0'],
];
