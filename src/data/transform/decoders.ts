// The names of what decodes JPEGs, apart from the decoders: options name them where neither is loaded.

/** What can decode JPEGs. */
export const DECODERS = ['sharp', 'turbo'] as const;
/** What decodes JPEGs: sharp, or libjpeg-turbo called directly. */
export type Decoder = (typeof DECODERS)[number];
