// The ops floor's public face.

export * from './arithmetic/binary.ts';
export * from './arithmetic/comparisons.ts';
export { type ElementwiseDefinition, elementwise } from './arithmetic/own.ts';
export { where } from './arithmetic/where.ts';
export { type AttentionOptions, scaledDotProductAttention } from './attention/scaled-dot-product-attention.ts';
export { type SelfAttentionOptions, selfAttention } from './attention/self-attention.ts';
export { type ConvTranspose2dOptions, convTranspose2d } from './conv/conv-transpose2d.ts';
export { type Conv2dOptions, conv2d } from './conv/conv2d.ts';
export { type FusedConv2dOptions, foldedNorm, fusedConv2d } from './conv/fused-conv2d.ts';
export type { ConvGeometry, Pair } from './conv/kernels/geometry.ts';
export { convDataGradient, convForward, convWeightGradient } from './conv/kernels/launch.ts';
export { defineOp, type OpArguments } from './custom/define-op.ts';
export type {
  Gradients,
  MultiOpDefinition,
  NamedKernel,
  OpBase,
  OpCall,
  OpDefinition,
  OpKernel,
  PerCall,
  ResultShape,
} from './custom/definition.ts';
export { type ColorSimilarityOptions, colorSimilarity } from './detection/color-similarity.ts';
export { type DynamicMaskHeadOptions, dynamicMaskHead } from './detection/dynamic-mask-head.ts';
export { type FcosLosses, type FcosLossesOptions, type FcosOutputs, fcosLosses } from './detection/fcos-losses.ts';
export { type FcosTargets, type FcosTargetsOptions, fcosTargets } from './detection/fcos-targets.ts';
export { type InstancePlaces, instancePlaces } from './detection/instance-places.ts';
export { instanceRows } from './detection/instance-rows.ts';
export type { MaskLossOptions } from './detection/kernels/box-masks.ts';
export type { FcosLevel } from './detection/levels.ts';
export { type PairwiseLossOptions, pairwiseLoss } from './detection/pairwise-loss.ts';
export { type MaskPlacement, pasteMasks } from './detection/paste-masks.ts';
export { projectionLoss } from './detection/projection-loss.ts';
export { type Instances, selectInstances } from './detection/select-instances.ts';
export * from './elementwise/activations.ts';
export { cast } from './elementwise/cast.ts';
export { scale } from './elementwise/scale.ts';
export { binarizeSTE, hardThreshold } from './elementwise/threshold.ts';
export * from './elementwise/unary.ts';
export { clearCut } from './gates/clear-cut.ts';
export { type FeatureOptions, gateFeatures } from './gates/gate-features.ts';
export { gateTaylor } from './gates/gate-taylor.ts';
export type { Gate, GatedWeight } from './gates/gates.ts';
export { maskedWeights } from './gates/masked-weights.ts';
export { Ranges } from './gates/ranges.ts';
export { type SelectOptions, selectLargest } from './gates/select-largest.ts';
export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropyWithLogits,
  type SigmoidFocalLossOptions,
  sigmoidFocalLoss,
} from './loss/binary.ts';
export { cosineEmbeddingLoss, cosineSimilarity } from './loss/cosine.ts';
export { countCorrect } from './loss/count-correct.ts';
export { crossEntropy } from './loss/cross-entropy.ts';
export type { LossReduction } from './loss/element-loss.ts';
export { type FocalLossOptions, focalLoss } from './loss/focal.ts';
export { type KlDivergenceOptions, klDivergence } from './loss/kl-divergence.ts';
export type { Reduction } from './loss/reduction.ts';
export { huber, l1, mse, smoothL1 } from './loss/regression.ts';
export type { RowLossOptions } from './loss/row-loss.ts';
export { einsum } from './matmul/einsum.ts';
export type { Epilogue } from './matmul/kernels/epilogue.ts';
export { type MatmulOptions, matmul } from './matmul/matmul.ts';
export { type BatchNormOptions, batchNorm } from './norm/batch-norm.ts';
export { type GroupNormOptions, groupNorm, type InstanceNormOptions, instanceNorm } from './norm/group-norm.ts';
export type { Running } from './norm/kernels/statistics.ts';
export { type LayerNormOptions, layerNorm, type RmsNormOptions, rmsNorm } from './norm/layer-norm.ts';
export { type IndexMap, NO_INDEX, permuteScatter } from './packed/permute-scatter.ts';
export { type Downsampling, type PackedSize, packedMaxPool2, packedSkipConcat } from './packed/pool2.ts';
export { segmentAdd } from './packed/segment-add.ts';
export { segmentMean } from './packed/segment-mean.ts';
export { type SegmentNormOptions, segmentNorm } from './packed/segment-norm.ts';
export { type SegmentedTensor, Segments } from './packed/segments.ts';
export { packedStride2 } from './packed/stride2.ts';
export { packedMask, packedUpsampleAdd } from './packed/upsample-add.ts';
export { avgPool2d } from './pool/avg-pool.ts';
export { globalAvgPool } from './pool/global-pool.ts';
export type { PoolOptions } from './pool/kernels/window.ts';
export { maxPool2d } from './pool/max-pool.ts';
export { type DropoutOptions, dropout, stochasticDepth } from './random/dropout.ts';
export { type RandomOptions, type RandomSeed, RandomState } from './random/random-state.ts';
export { randomNormal, randomUniform } from './random/uniform.ts';
export { argmax, argmin } from './reduce/arg.ts';
export { type CumsumOptions, cumsum } from './reduce/cumsum.ts';
export { max, min } from './reduce/extreme.ts';
export { ALL_FINITE, firstNonFinite } from './reduce/first-non-finite.ts';
export { logSumExp } from './reduce/log-sum-exp.ts';
export { norm } from './reduce/norm.ts';
export { oneHot } from './reduce/one-hot.ts';
export { prod } from './reduce/prod.ts';
export { logSoftmax, softmax } from './reduce/softmax.ts';
export { argsort, type Sorted, sort, topK } from './reduce/sort.ts';
export { type Axes, mean, sum } from './reduce/sum.ts';
export { std, type VarianceOptions, variance } from './reduce/variance.ts';
export { alignedBilinear } from './resize/aligned-bilinear.ts';
export { type ResizeMode, type ResizeOptions, resize } from './resize/resize.ts';
export { concat, stack } from './shape/concat.ts';
export { crop } from './shape/crop.ts';
export { broadcastTo, expand, repeat, tile } from './shape/expand.ts';
export { flip, roll } from './shape/flip.ts';
export { embedding, gather, indexSelect } from './shape/gather.ts';
export { type PadMode, pad } from './shape/pad.ts';
export { permute, transpose } from './shape/permute.ts';
export { flatten, reshape, squeeze, unsqueeze } from './shape/reshape.ts';
export { scatterAdd } from './shape/scatter-add.ts';
export { slice } from './shape/slice.ts';
export { chunk, split } from './shape/split.ts';
export { takeAlong } from './shape/take-along.ts';
export { tril, triu } from './shape/triangle.ts';
export { writeChannels } from './shape/write-channels.ts';
