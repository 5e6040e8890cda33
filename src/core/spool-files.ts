import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a spool needs of a disk: written is synced, file and folder, before anyone hears of it. */
const fileMode = 0o600;
const folderMode = 0o700;

/** Appends and syncs. Null when the file was renamed meanwhile: whether its new reader saw this is not known, so write again. */
export async function appendSynced(path: string, bytes: Buffer): Promise<number | null> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
  const file = await open(path, flags, fileMode);
  try {
    const { size: before } = await file.stat();
    await writeAll(file, bytes);
    await file.sync();
    if (before === 0) await syncFolder(dirname(path));
    const { ino, size } = await file.stat();
    return (await inodeOf(path)) === ino ? size : null;
  } finally {
    await file.close();
  }
}

/** Writes a whole file, or replaces it. */
export async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
  const file = await open(path, flags, fileMode);
  try {
    await writeAll(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, null);
    written += bytesWritten;
  }
}

/** For this user alone. A new folder is synced into the one it stands in. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: folderMode });
  if (made !== undefined) await syncFolder(dirname(made));
}

export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder to sync it; NTFS journals the names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** In order; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Another process may have been faster. */
export async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await syncFolder(dirname(path));
}

export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | null)?.code ?? '');
}

async function inodeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
