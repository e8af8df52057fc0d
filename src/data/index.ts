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
export { CIFAR10_NORMALISATION, DeviceData, type DeviceDataOptions, type Normalisation } from './device-data.ts';
export { CifarFormatError, DataNotFoundError, DownloadError, ImageRangeError } from './errors.ts';
export { type ImageSet, takeImages } from './image-set.ts';
export { drawStandIn, type StandInOptions } from './stand-in.ts';
