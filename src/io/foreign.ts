// What a file is that is not what it was taken for. A download that failed, a pointer in place of the content, a format of another program: whoever has one is
// helped by its name and by what to do, not by the first byte that does not fit.

/** Bytes of a file's beginning that tell what it is. */
export const BYTES_THAT_TELL = 1024;

const SAFETENSORS = 'save it as safetensors (safetensors.torch.save_file of its state dict)';

/** How a file begins, at a place, and what it is then. */
const BEGINNINGS: readonly [beginning: string | ((text: string) => boolean), what: string, at?: number][] = [
  [
    'version https://git-lfs',
    'a Git LFS pointer, which stands for a file that was not fetched; git lfs pull fetches it',
  ],
  [
    (text) => /^\s*<(!doctype html|html|head|body)/i.test(text),
    'an HTML page, as a failed download leaves it; download the file again',
  ],
  [(text) => /^\s*<\?xml/i.test(text), 'XML'],
  ['PK\x03\x04', `a ZIP archive; if it is PyTorch's (.pt, .pth, .bin), ${SAFETENSORS}; else unpack it`],
  [
    (text) => /^\x80\p{Cc}/u.test(text),
    `a Python pickle, as torch.save or CIFAR-10's Python version has it; of a network's weights ${SAFETENSORS}`,
  ],
  ['\x89HDF\r\n\x1a\n', `HDF5, as Keras writes it; ${SAFETENSORS}`],
  ['\x93NUMPY', `a NumPy array; ${SAFETENSORS}`],
  ['GGUF', `GGUF; ${SAFETENSORS}`],
  [(text) => text[0] === '\x08' && text[2] === '\x12', `ONNX, or another protobuf; ${SAFETENSORS}`],
  ['TFL3', `TensorFlow Lite; ${SAFETENSORS}`, 4],
  ['\x1f\x8b', 'compressed by gzip; unpack it'],
  ['BZh', 'compressed by bzip2; unpack it'],
  ['\xfd7zXZ\0', 'compressed by xz; unpack it'],
  ['\x28\xb5\x2f\xfd', 'compressed by Zstandard; unpack it'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive; unpack it'],
  ['Rar!\x1a\x07', 'a RAR archive; unpack it'],
  ['ustar', 'a tar archive; unpack it', 257],
  ['\x89PNG\r\n\x1a\n', 'a PNG picture'],
  ['\xff\xd8\xff', 'a JPEG picture'],
  ['%PDF-', 'a PDF'],
];

/** What a file is by its first bytes, and what to do about it, as a phrase; undefined where that is not known. */
export function foreignKind(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, BYTES_THAT_TELL));
  return BEGINNINGS.find(([beginning, , at = 0]) =>
    typeof beginning === 'string' ? text.startsWith(beginning, at) : beginning(text),
  )?.[1];
}
