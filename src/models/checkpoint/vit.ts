// What vision transformers are called elsewhere. Ours have timm's names, as DeiT, DINO and MAE do; torchvision and Hugging Face have their own.
import type { Rule } from './rule.ts';

/** torchvision's VisionTransformer; its MLPs were `linear_1` and `linear_2` before version 0.13. */
const TORCHVISION: readonly Rule[] = [
  [/^class_token$/, 'cls_token'],
  [/^conv_proj\./, 'patch_embed.proj.'],
  [/^encoder\.pos_embedding$/, 'pos_embed'],
  [/^encoder\.ln\./, 'norm.'],
  [/^encoder\.layers\.encoder_layer_(\d+)\./, 'blocks.$1.'],
  [/^(blocks\.\d+\.)ln_([12])\./, '$1norm$2.'],
  [/^(blocks\.\d+\.)self_attention\.in_proj_(weight|bias)$/, '$1attn.qkv.$2'],
  [/^(blocks\.\d+\.)self_attention\.out_proj\./, '$1attn.proj.'],
  [/^(blocks\.\d+\.mlp\.)(?:0|linear_1)\./, '$1fc1.'],
  [/^(blocks\.\d+\.mlp\.)(?:3|linear_2)\./, '$1fc2.'],
];

/** Hugging Face's ViT and DeiT, with and without a head. */
const HUGGING_FACE: readonly Rule[] = [
  [/^(?:vit|deit)\.(?=embeddings\.|encoder\.|layernorm\.)/, ''],
  [/^embeddings\.cls_token$/, 'cls_token'],
  [/^embeddings\.position_embeddings$/, 'pos_embed'],
  [/^embeddings\.patch_embeddings\.projection\./, 'patch_embed.proj.'],
  [/^layernorm\./, 'norm.'],
  [/^encoder\.layer\.(\d+)\./, 'blocks.$1.'],
  [/^(blocks\.\d+\.)layernorm_before\./, '$1norm1.'],
  [/^(blocks\.\d+\.)layernorm_after\./, '$1norm2.'],
  [/^(blocks\.\d+\.)attention\.attention\.(q|k|v)(?:uery|ey|alue)\./, '$1attn.$2.'],
  [/^(blocks\.\d+\.)attention\.output\.dense\./, '$1attn.proj.'],
  [/^(blocks\.\d+\.)intermediate\.dense\./, '$1mlp.fc1.'],
  [/^(blocks\.\d+\.)output\.dense\./, '$1mlp.fc2.'],
];

/** Those of timm's and others' that keep q, k and v apart. */
const APART: readonly Rule[] = [[/(\.attn\.)(q|k|v)(?:uery|ey|alue|_proj)\./, '$1$2.']];

export const VIT_RULES: readonly Rule[] = [...TORCHVISION, ...HUGGING_FACE, ...APART];

/** A second token beside the class token, whose head learns from a teacher. */
const DISTILLED = /(?:^|\.)(?:dist_token|distillation_token|head_dist|distillation_classifier)(?:\.|$)/;
/** A layer with tanh between the class token and the head. */
const REPRESENTATION = /(?:^|\.)(?:pre_logits|pooler\.dense)\./;

/** Is it a tensor of the layer that some pretrained transformers have before their head? It goes with the head. */
export const isRepresentation = (name: string): boolean => REPRESENTATION.test(name);

/** Is it a tensor that only a distilled transformer has? */
export const isDistilled = (name: string): boolean => DISTILLED.test(name);
