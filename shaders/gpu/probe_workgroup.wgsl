// Probe: how fast workgroup memory is read. Neighboring threads read neighboring vec4s, eight a trip. y[thread] is the sum of what was read. Grid: any.
// variant: {"constants": {"GROUP": 64}}
struct Params { trips: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<vec4u>;
@group(0) @binding(1) var<uniform> params: Params;

const VECTORS = 512u;
var<workgroup> tile: array<vec4u, VECTORS>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = lane; i < VECTORS; i += GROUP) { tile[i] = (vec4u(i * 4u) + vec4u(0u, 1u, 2u, 3u)) * 2654435761u; }
  workgroupBarrier();
  var at = lane;
  var a = vec4u(0);
  var b = vec4u(0);
  for (var trip = 0u; trip < params.trips; trip++) {
    a += tile[at % VECTORS];
    b += tile[(at + 64u) % VECTORS];
    a += tile[(at + 128u) % VECTORS];
    b += tile[(at + 192u) % VECTORS];
    a += tile[(at + 256u) % VECTORS];
    b += tile[(at + 320u) % VECTORS];
    a += tile[(at + 384u) % VECTORS];
    b += tile[(at + 448u) % VECTORS];
    at += 1u;
  }
  y[id.x] = a + b;
}
