// The three losses from the sums of fcos_terms: classes and centerness by the number of locations with an object, boxes by how central these are. Grid: [1].
@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> classification: array<f32>;
@group(0) @binding(2) var<storage, read_write> location: array<f32>;
@group(0) @binding(3) var<storage, read_write> centerness: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let objects = max(sums[1], 1.0);
  classification[0] = sums[0] / objects;
  location[0] = sums[3] / max(sums[2], 1e-6);
  centerness[0] = sums[4] / objects;
}
