import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles disk.c into the folder; the environment puts it before a program. Linux, and a gcc (test/needs.ts). */
export function buildShim(folder: string, watched: string): Record<string, string> {
  const library = join(folder, 'disk.so');
  const source = join(import.meta.dirname, 'disk.c');
  const { status, stderr, error } = spawnSync(
    'gcc',
    ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', library, source, '-ldl', '-lpthread'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(error?.message ?? stderr.trim());
  return { LD_PRELOAD: library, DISK_FOLDER: watched };
}
