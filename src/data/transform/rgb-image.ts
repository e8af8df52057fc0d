// A decoded picture in memory, the form that all transforms take and give.

/** A picture as bytes. */
export interface RgbImage {
  /** u8, height × width × 3. */
  data: Uint8Array;
  width: number;
  height: number;
}

/** A part of a picture, in pixels from its top left corner; of a picture that was shrunk when it was read, with fractions. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}
