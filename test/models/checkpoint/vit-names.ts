// Our names of a vision transformer's tensors as others have them.

/** One name as those of its parts, or itself. */
export const split = (name: string, part: (letter: 'q' | 'k' | 'v') => string): string[] =>
  name.includes('.attn.qkv.')
    ? (['q', 'k', 'v'] as const).map((letter) => name.replace('.qkv.', `.${part(letter)}.`))
    : [name];

const renamed = (name: string, pairs: readonly [RegExp, string][]): string =>
  pairs.reduce((found, [pattern, other]) => found.replace(pattern, other), name);

/** torchvision's from 0.13 on. */
export const torchvision = (name: string): string =>
  renamed(name, [
    [/^cls_token$/, 'class_token'],
    [/^pos_embed$/, 'encoder.pos_embedding'],
    [/^patch_embed\.proj/, 'conv_proj'],
    [/^norm\./, 'encoder.ln.'],
    [/^head\./, 'heads.head.'],
    [/^blocks\.(\d+)\.norm/, 'encoder.layers.encoder_layer_$1.ln_'],
    [/^blocks\.(\d+)\.attn\.qkv\./, 'encoder.layers.encoder_layer_$1.self_attention.in_proj_'],
    [/^blocks\.(\d+)\.attn\.proj/, 'encoder.layers.encoder_layer_$1.self_attention.out_proj'],
    [/^blocks\.(\d+)\.mlp\.fc1/, 'encoder.layers.encoder_layer_$1.mlp.0'],
    [/^blocks\.(\d+)\.mlp\.fc2/, 'encoder.layers.encoder_layer_$1.mlp.3'],
  ]);

/** torchvision's before. */
export const torchvisionBefore13 = (name: string): string =>
  torchvision(name).replace('.mlp.0.', '.mlp.linear_1.').replace('.mlp.3.', '.mlp.linear_2.');

const WORDS = { q: 'query', k: 'key', v: 'value' };

/** Hugging Face's ViTForImageClassification. */
export const huggingFace = (name: string): string[] =>
  split(
    renamed(name, [
      [/^cls_token$/, 'vit.embeddings.cls_token'],
      [/^pos_embed$/, 'vit.embeddings.position_embeddings'],
      [/^patch_embed\.proj/, 'vit.embeddings.patch_embeddings.projection'],
      [/^norm\./, 'vit.layernorm.'],
      [/^head\./, 'classifier.'],
      [/^blocks\.(\d+)\.norm1/, 'vit.encoder.layer.$1.layernorm_before'],
      [/^blocks\.(\d+)\.norm2/, 'vit.encoder.layer.$1.layernorm_after'],
      [/^blocks\.(\d+)\.attn\.proj/, 'vit.encoder.layer.$1.attention.output.dense'],
      [/^blocks\.(\d+)\.mlp\.fc1/, 'vit.encoder.layer.$1.intermediate.dense'],
      [/^blocks\.(\d+)\.mlp\.fc2/, 'vit.encoder.layer.$1.output.dense'],
    ]),
    (letter) => WORDS[letter],
  ).map((part) =>
    part.replace(/^blocks\.(\d+)\.attn\.(query|key|value)/, 'vit.encoder.layer.$1.attention.attention.$2'),
  );
