import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { NanocentError } from '../errors/error.ts';
import { type CatalogLayer, decodeUpdate, encodeUpdate, type UpdateFile } from '../prices/index.ts';
import { dataFolder, type Environment } from './store-location.ts';

/** Every command reads all of them. */
const updatesMax = 100;
/** `20261122T043000123Z-llm-prices.json`: their names are in the order of their dates. */
const named = /^\d{8}T\d{9}Z-[a-z-]+\.json$/;

/** Where `prices update` keeps what it took over. */
export function updatesFolder(environment: Environment): string {
  return join(dataFolder(environment), 'nanocent', 'prices');
}

/** The stored updates, newest first: a later one goes before an earlier one. Throws price_file_invalid. */
export async function readUpdates(environment: Environment): Promise<CatalogLayer[]> {
  const folder = updatesFolder(environment);
  const names = (await namesIn(folder)).sort().reverse();
  return Promise.all(
    names.map(async (name) => decodeUpdate(await readFile(join(folder, name), 'utf8'), join(folder, name))),
  );
}

/** Adds an update; whole or not at all, readable by this user only. Returns its file. */
export async function writeUpdate(environment: Environment, update: UpdateFile): Promise<string> {
  const folder = updatesFolder(environment);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await namesIn(folder)).length >= updatesMax) {
    throw new NanocentError('price_file_invalid', `${folder} holds ${updatesMax} price updates already`, {
      field: 'FILE',
      fix: 'move the oldest of them away',
    });
  }
  const time = new Date(update.recordedAt).toISOString().replace(/[-:.]/g, '');
  const file = join(folder, `${time}-${update.source}.json`);
  const unfinished = `${file}.${process.pid}.part`;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(encodeUpdate(update));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await unlink(unfinished).catch(() => {}); // it may never have come to be; the first error is the one to tell
    throw error;
  }
  return file;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => named.test(name));
  } catch (error) {
    // A folder that this user cannot reach holds nothing that this user stored: services often have no home.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
}
