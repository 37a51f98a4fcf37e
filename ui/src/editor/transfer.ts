// The browser's side of archive.ts: handing a file to the learner, and reading what is chosen.
import { readTar, takeEntries, tarOf, type Entry, type Taken } from './archive.js';
import type { Files } from './drafts.js';

const UPLOAD_MAX = 8 * 1024 * 1024;

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(out).arrayBuffer());
}

export async function handOver(folder: string, files: Files): Promise<void> {
  const packed = await through(tarOf(folder, files, Math.floor(Date.now() / 1000)), new CompressionStream('gzip'));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([packed], { type: 'application/gzip' }));
  link.download = folder + '.tar.gz';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function entriesOf(file: File): Promise<Entry[]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (/\.(tar\.gz|tgz)$/.test(file.name)) return readTar(await through(bytes, new DecompressionStream('gzip')));
  if (file.name.endsWith('.tar')) return readTar(bytes);
  return [{ name: file.webkitRelativePath || file.name, data: bytes }];
}

/** Throws a sentence. */
export async function takeUpload(chosen: readonly File[]): Promise<Taken> {
  if (chosen.reduce((sum, file) => sum + file.size, 0) > UPLOAD_MAX) throw new Error('That is more than 8 MB; a program of this course is far smaller.');
  const entries: Entry[] = [];
  for (const file of chosen) entries.push(...(await entriesOf(file)));
  const taken = takeEntries(entries);
  if (taken.files.length === 0) throw new Error('There is no source file in what you chose.');
  return taken;
}
