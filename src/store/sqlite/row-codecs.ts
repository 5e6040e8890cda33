import type { ChainHead, Link } from '../../ledger/journal.ts';
import { hexText } from '../ids.ts';
import { reservationColumns } from '../reservation-codec.ts';
import type { Row } from '../row.ts';

export const linkColumns = 'number, first_position, last_position, at, previous, hash' as const;

/** There is one chain in a file: one writer at a time needs no more. */
export const chain = 1;

/** As reservationOf reads them. */
export const reservationReads = `${reservationColumns}, ${chain}`;

export function linkOf(row: Row): Link {
  return {
    chain,
    number: Number(row[0]),
    firstPosition: Number(row[1]),
    lastPosition: Number(row[2]),
    at: Number(row[3]),
    previous: hexText(row[4] as Uint8Array),
    hash: hexText(row[5] as Uint8Array),
  };
}

export const chainHeadColumns = 'position, number, hash, at' as const;

export function chainHeadOf(row: Row): ChainHead {
  return {
    chain,
    position: Number(row[0]),
    number: Number(row[1]),
    hash: hexText(row[2] as Uint8Array),
    at: Number(row[3]),
  };
}
