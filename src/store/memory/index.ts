export { type MemoryOptions, openMemory } from './memory-store.ts';
