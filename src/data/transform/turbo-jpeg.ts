// JPEG by the system's libjpeg-turbo, which the package koffi calls; whoever asks for it has both, and nobody else loads either. Behind sharp is the same decoder with the same pixels,
// but a picture is a pipeline there, of threads that wait for each other and of copies, which takes longer than the decoding.
import { ConfigError, needArguments } from '../../gpu/index.ts';
import { firstLine } from '../image/kinds.ts';
import { DECODERS, type Decoder } from './decoders.ts';
import { need } from './need.ts';
import type { RgbImage } from './rgb-image.ts';

/** The library, where each system has it. */
const LIBRARIES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['libturbojpeg.dylib', '/opt/homebrew/lib/libturbojpeg.dylib', '/usr/local/lib/libturbojpeg.dylib'],
  win32: ['turbojpeg.dll'],
};
const ELSEWHERE = ['libturbojpeg.so.0'];

/** TJPF_RGB. */
const RGB = 0;
/** TJFLAG_ACCURATEDCT, as Pillow and sharp decode, and TJFLAG_LIMITSCANS: a small file may have scans without end. */
const FLAGS = 4096 | 32768;

/** Sides that a file's header says. */
type Sides = Pick<RgbImage, 'width' | 'height'>;

/** Larger pictures stay sharp's: it decodes rows as they are needed, and where memory ends it throws, while an array that cannot be had here takes the worker with it. */
const MOST_DECODED = 50e6;

/** A file's picture; undefined for one of other sides, for a huge one, and for one that the library warns of or refuses. */
type Decode = (bytes: Uint8Array, sides: Sides) => RgbImage | undefined;

let opened: Promise<Decode> | undefined;

/** libjpeg-turbo's decoder, for 8-bit JPEG of one or three colors. Throws ConfigError where it or koffi is not installed. */
export const openTurbo = (): Promise<Decode> => {
  opened ??= load();
  return opened;
};

/** Loads what decodes, so that what is missing is known early. Throws ConfigError for that, and for what is none. */
export async function needDecoder(decoder: Decoder): Promise<void> {
  needArguments('needDecoder', 'a text', { decoder });
  need('decoder', decoder, DECODERS.includes(decoder), DECODERS.join(' or '));
  await (decoder === 'turbo' ? openTurbo() : import('sharp'));
}

async function load(): Promise<Decode> {
  const refuse = (reason: string, install: string): ConfigError =>
    new ConfigError(
      'decoder',
      (named) =>
        `${named('decoder', 'turbo')}: ${reason}; install ${install}, or begin with ${named('decoder', 'sharp')}`,
    );
  const { default: koffi } = await import('koffi').catch((error) => {
    throw refuse(`the package koffi cannot be loaded (${firstLine(error)})`, 'it (npm install koffi)');
  });
  const names = LIBRARIES[process.platform] ?? ELSEWHERE;
  const [library] = names.flatMap((name) => {
    try {
      return koffi.load(name);
    } catch {
      return [];
    }
  });
  if (!library)
    throw refuse(
      `the library ${names[0]} cannot be loaded`,
      'libjpeg-turbo (libturbojpeg0 on Debian, libturbojpeg on Ubuntu, turbojpeg on Fedora, jpeg-turbo of Homebrew)',
    );

  const init = library.func('void *tjInitDecompress()');
  const destroy = library.func('int tjDestroy(void *handle)');
  const readHeader = library.func(
    'int tjDecompressHeader3(void *handle, const uint8_t *bytes, unsigned long size, _Out_ int *width, _Out_ int *height, _Out_ int *sampling, _Out_ int *space)',
  );
  const decompress = library.func(
    'int tjDecompress2(void *handle, const uint8_t *bytes, unsigned long size, uint8_t *to, int width, int pitch, int height, int format, int flags)',
  );
  return (bytes, { width, height }) => {
    if (width * height > MOST_DECODED) return undefined;
    const handle = init();
    try {
      const found = { width: [0], height: [0] };
      if (readHeader(handle, bytes, bytes.length, found.width, found.height, [0], [0]) !== 0) return undefined;
      // The library scales to other sides than the picture's.
      if (found.width[0] !== width || found.height[0] !== height) return undefined;
      const data = new Uint8Array(width * height * 3);
      const failed = decompress(handle, bytes, bytes.length, data, width, 0, height, RGB, FLAGS);
      return failed ? undefined : { data, width, height };
    } finally {
      destroy(handle);
    }
  };
}
