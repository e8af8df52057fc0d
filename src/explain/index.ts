// Public face of explain/: where a network looked, as maps, numbers and pictures.
export { type ClassMaps, type GradCamOptions, gradCam } from './grad-cam.ts';
export { type PictureGrid, pictureGrid } from './grid.ts';
export { ExplainError, findLayer, type MapSize, mapSizes } from './layers.ts';
export { centreMass, massInside, upsample } from './maps.ts';
export { heatOverlay, maximumOf, type OverlayOptions, type RgbImage } from './overlay.ts';
export { type Explanation, explanationPicture } from './picture.ts';
