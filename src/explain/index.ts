/**
 * Public face of explain/: where a network looked, as maps, numbers and pictures.
 * @module astrogpu/explain
 */

export { type ClassMaps, type GradCamOptions, gradCam } from './maps/grad-cam.ts';
export { ExplainError, findLayer, type MapSize, mapSizes } from './maps/layers.ts';
export { centerMass, massInside, upsample } from './maps/maps.ts';
export { type PictureGrid, pictureGrid } from './pictures/grid.ts';
export { type Mark, type MarkedOptions, markedPicture } from './pictures/marked.ts';
export { heatOverlay, maximumOf, type OverlayOptions, type RgbImage } from './pictures/overlay.ts';
export { type Explanation, explanationPicture } from './pictures/picture.ts';
