// Text and JSON that people and other programs wrote: read as they come, with a byte order mark or in UTF-16, and refused by the name of what they are.
import { constants } from 'node:buffer';
import type { GenericSchema, InferOutput } from 'valibot';
import { checked, parseJson, type Refuse } from '../gpu/index.ts';
import { foreignKind } from './foreign.ts';
import { readWholeSync, unreadable } from './whole-file.ts';

/** The text of a file's bytes, without a byte order mark: UTF-8, or UTF-16 where a mark says so. Throws what `refuse` makes of anything else. */
export function textOf(bytes: Uint8Array, refuse: Refuse): string {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  const foreign = foreignKind(bytes);
  if (foreign) throw refuse(`this is ${foreign}`);
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw refuse(`its ${bytes.length} bytes are more than a text can have here (${constants.MAX_STRING_LENGTH})`);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw refuse('it is no text in UTF-8');
  }
}

/** The content of a JSON file as its schema has it. Throws what `refuse` makes of what is wrong: no such file, no JSON, or a value of another type, with its path. */
export function readJsonFile<S extends GenericSchema>(file: string, schema: S, refuse: Refuse): InferOutput<S> {
  let bytes: Uint8Array;
  try {
    bytes = readWholeSync(file);
  } catch (error) {
    throw refuse(unreadable(error));
  }
  return checked(schema, parseJson(textOf(bytes, refuse), refuse), refuse);
}
