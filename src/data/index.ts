// The data floor's public face (astrogpu/data).

export { AUGMENT_STREAM, type Augmentation, type BatchOptions, BatchStream, CIFAR_AUGMENTATION } from './augment.ts';
export {
  type CifarWorld,
  cifar10Folder,
  type LoadCifar10Options,
  type LoadedCifar10,
  loadCifar10,
} from './cifar10.ts';
export { downloadCifar10 } from './cifar10-download.ts';
export {
  type CifarFile,
  type CifarLayout,
  cifar10Classes,
  cifar10Layout,
  findCifar10,
  readCifar10,
} from './cifar10-format.ts';
export { type ClassName, readClassList } from './class-folders.ts';
export { type CocoImage, type CocoObject, type CocoSample, loadCoco } from './coco.ts';
export { type CocoMask, rasteriseMask } from './coco-mask.ts';
export { type DecodedImage, decodeImage } from './decode.ts';
export { CIFAR10_NORMALISATION, DeviceData, type DeviceDataOptions } from './device-data.ts';
export {
  CifarFormatError,
  CocoFormatError,
  DataNotFoundError,
  DownloadError,
  ImageDecodeError,
  ImageFolderError,
  ImageRangeError,
} from './errors.ts';
export { centreCrop, type ImageFrame, mapBox, stretch } from './frame.ts';
export {
  anyOf,
  type LoadedImageFolder,
  type LoadImageFolderOptions,
  loadImageFolder,
  loadTestFolder,
  type SkippedFile,
} from './image-folder.ts';
export { type ImageSet, type Labels, type Normalisation, takeImages } from './image-set.ts';
export { drawStandIn, type StandInOptions } from './stand-in.ts';
