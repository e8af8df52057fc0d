// The data floor's public face (astrogpu/data).
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
export { CifarFormatError, DataNotFoundError, DownloadError, ImageRangeError } from './errors.ts';
export { type ImageSet, takeImages } from './image-set.ts';
export { drawStandIn, type StandInOptions } from './stand-in.ts';
export { type Augmentation, AUGMENT_STREAM, type BatchOptions, BatchStream, CIFAR_AUGMENTATION } from './augment.ts';
export { CIFAR10_NORMALISATION, DeviceData, type DeviceDataOptions, type Normalisation } from './device-data.ts';
