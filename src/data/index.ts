/**
 * The data floor's public face: images and arrays to batches on the GPU.
 * @module astrogpu/data
 */

export { ArrayBatches, type ArrayBatchOptions } from './arrays/array-batches.ts';
export type { ArrayForm, Numbers } from './arrays/array-form.ts';
export type { BatchSource, NamedTensors } from './arrays/batch-source.ts';
export { DeviceArrays, type ItemArray } from './arrays/device-arrays.ts';
export { shuffledOrder } from './arrays/shuffle.ts';
export type { StoredArray } from './arrays/stored-array.ts';
export { type CpuArray, type CpuBatch, StreamedBatches, type Yields } from './arrays/streamed-batches.ts';
export {
  type CifarWorld,
  cifar10Folder,
  type LoadCifar10Options,
  type LoadedCifar10,
  loadCifar10,
} from './cifar10/cifar10.ts';
export { type Archive, downloadCifar10 } from './cifar10/download.ts';
export { findCifar10, readCifar10 } from './cifar10/format.ts';
export {
  type CifarBatch,
  type CifarFile,
  type CifarLayout,
  cifar10Classes,
  cifar10Layout,
  cifarSet,
} from './cifar10/records.ts';
export { type CocoSet, cocoNotes, type LoadCocoOptions, loadCoco } from './coco/coco.ts';
export {
  type CocoCategory,
  type CocoId,
  type CocoImage,
  type CocoInstances,
  type CocoObject,
  compareIds,
} from './coco/instances.ts';
export { type CocoLayout, type CocoPart, findCoco } from './coco/layout.ts';
export { type CocoMask, rasterizeMask, runsOfMask } from './coco/mask.ts';
export { boxOverlap, maskOverlap } from './coco/overlap.ts';
export { runsOfPolygon } from './coco/polygon.ts';
export { type ReadInstancesOptions, readInstances } from './coco/read-instances.ts';
export { type CocoResult, readCocoResults, rowOf, writeCocoResults } from './coco/results.ts';
export {
  areaOfRuns,
  boxOfRuns,
  bytesOfRuns,
  type CocoBox,
  type MaskRuns,
  runsOfBytes,
  sharedArea,
  unionOfRuns,
} from './coco/runs.ts';
export { type CompressedMask, compressMask, decodeRuns, encodeRuns, readRuns } from './coco/runs-text.ts';
export {
  type DetectionImage,
  type EdgeBox,
  type TrainingObject,
  trainingBox,
  trainingObjects,
} from './coco/training-objects.ts';
export {
  type DetectionEvaluation,
  DetectionLoader,
  type DetectionLoaderOptions,
  type DetectionTraining,
  type LoadedDetections,
  type LoadedPicture,
} from './detection/detection-loader.ts';
export type { PicturePlace } from './detection/detection-places.ts';
export { paddedSide, type Sides, sidesBetween } from './detection/picture-size.ts';
export { resizedPicture } from './detection/resized-picture.ts';
export type { LeftOutObjects } from './detection/training-images.ts';
export {
  ArchiveError,
  ArrayDataError,
  CifarFormatError,
  CocoFormatError,
  DataNotFoundError,
  DownloadError,
  ImageDecodeError,
  ImageFolderError,
  ImageRangeError,
  ImageSourceError,
  LoaderError,
} from './errors.ts';
export { type ClassFile, type ClassFiles, type ClassName, classFilesOf } from './folder/class-folders.ts';
export { readClassList } from './folder/class-list.ts';
export { type FolderSize, measureFolder, mostInMemory, wasTrainedOn } from './folder/folder-size.ts';
export {
  holdOutBy,
  type KeyedImage,
  KNOWN_DIGITS,
  MOST_KNOWN,
  type PartsOf,
  placeIn,
  placeText,
} from './folder/held-out-rule.ts';
export {
  type LoadedImageFolder,
  type LoadImageFolderOptions,
  type LoadTestFolderOptions,
  loadImageFolder,
  loadTestFolder,
} from './folder/image-folder.ts';
export { commonFolder, walkOfPaths } from './folder/listed-walk.ts';
export { type FoundPictures, findPictures, isArchiveName } from './folder/pictures.ts';
export type { FolderEntries, SkippedFile, Walk } from './folder/walk.ts';
export { type DecodedImage, decodeImage, type Encoded } from './image/decode.ts';
export { centerCrop, type ImageFrame, mapBox, stretch } from './image/frame.ts';
export {
  anyOf,
  type ChannelStats,
  type HeldOutRule,
  type ImageSet,
  type Labels,
  takeImages,
} from './image/image-set.ts';
export { whyUndecodable } from './image/kinds.ts';
export { channelStats, NORMALIZATIONS, normalizationTable } from './image/normalization.ts';
export type { CrewOptions, LoaderWaits, OddImages } from './loader/batch-crew.ts';
export {
  AUGMENT_STREAM,
  type Augmentation,
  type BatchOptions,
  BatchStream,
  CIFAR_AUGMENTATION,
} from './loader/batch-stream.ts';
export { type Decoding, decoderNote } from './loader/decoder-pool.ts';
export { CIFAR10_NORMALIZATION, DeviceData, type DeviceDataOptions } from './loader/device-data.ts';
export { DevicePart } from './loader/device-part.ts';
export { DiskImages, type DiskImagesOptions } from './loader/disk-images.ts';
export { type CurrentImages, ImageBatches, type ImageBatchOptions } from './loader/image-batches.ts';
export type { FeedOptions, ImageBatchSource, ImageFeed } from './loader/image-feed.ts';
export { ImageLoader, type ImageLoaderOptions, type LoadedImages } from './loader/image-loader.ts';
export type { LoaderPlan } from './loader/loader-plan.ts';
export {
  chosenImages,
  type DiskSet,
  diskSet,
  firstImages,
  isOnDisk,
  openImages,
  type Picture,
  pictureOf,
  sampleImages,
  type TaskImages,
} from './loader/task-images.ts';
export { type ArchivedPicture, archivedPictures, readArchived } from './sources/archived-pictures.ts';
export { ImageSource, type SharedSource } from './sources/image-source.ts';
export {
  type OpenedImageSource,
  type OpenedTestSource,
  type OpenImageSourceOptions,
  openImageSource,
  openTestSource,
  type SourceChoice,
} from './sources/open-image-source.ts';
export { areImagesAt } from './sources/shard-names.ts';
export { type TarBytes, type TarEntry, tarEntries, tarInMemory } from './sources/tar-entries.ts';
export { drawStandIn, type StandInOptions } from './synthetic/stand-in.ts';
export { type CropRange, IMAGENET_CROP, resizeFor } from './transform/crop-box.ts';
export { decodeFile, type PictureWay } from './transform/decode-file.ts';
export { decodeForEvaluation, decodeForTraining } from './transform/decode-planned.ts';
export { DECODERS, type Decoder } from './transform/decoders.ts';
export type { DrawKey } from './transform/draws.ts';
export type { Erasing } from './transform/erasing.ts';
export { FinishedBatch, type FinishedBatchOptions } from './transform/finished-batch.ts';
export type { Mixing } from './transform/mixing.ts';
export type { Sampling } from './transform/ops/affine.ts';
export { type EvaluationPlan, type TrainingPlan, wholeEvaluation } from './transform/plans.ts';
export type { RandAugment } from './transform/rand-augment.ts';
export { parseRandAugment } from './transform/rand-augment-text.ts';
export { type EncodedImage, readRgbFile } from './transform/read-rgb.ts';
export type { Interpolation } from './transform/resample.ts';
export type { RgbImage } from './transform/rgb-image.ts';
export { squarePicture } from './transform/square-picture.ts';
export { needDecoder } from './transform/turbo-jpeg.ts';
