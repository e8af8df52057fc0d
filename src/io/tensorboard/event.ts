// The few messages of TensorBoard's protobuf schema that curves need: Event, Summary, HistogramProto, SessionLog. Field numbers are those of event.proto
// and summary.proto.
import { PbfReader, PbfWriter } from 'pbf';

/** How often values fell between one limit and the next. */
export interface EventHistogram {
  min: number;
  max: number;
  /** How many values there were. */
  count: number;
  sum: number;
  sumSquares: number;
  /** Upper ends of the buckets, rising. */
  limits: readonly number[];
  /** Values in each bucket. */
  counts: readonly number[];
}

/** One line of an event file. */
export interface EventLine {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  /** What a file opens with. */
  fileVersion?: string;
  /** Says to a reader that watches: whatever you had from `step` on, forget. */
  starts?: boolean;
  scalars?: ReadonlyMap<string, number>;
  histograms?: ReadonlyMap<string, EventHistogram>;
}

/** SessionLog.SessionStatus.START. */
const START = 1;

/** An Event message. */
export function encodeEvent({ wallTime, step, fileVersion, starts, scalars, histograms }: EventLine): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeDoubleField(1, wallTime);
  if (step !== undefined) pbf.writeVarintField(2, step);
  if (fileVersion !== undefined) pbf.writeStringField(3, fileVersion);
  const values = [...(scalars ?? []), ...(histograms ?? [])];
  if (values.length > 0) pbf.writeMessage(5, writeSummary, values);
  if (starts) pbf.writeMessage(7, (status: number, inner) => inner.writeVarintField(1, status), START);
  return pbf.finish();
}

/** The step of an Event message; 0 where it names none, as its schema has it, and nothing where it is no message. */
export function stepOf(event: Uint8Array): number | undefined {
  try {
    return new PbfReader(event).readFields(
      (tag: number, found: { step: number }, pbf: PbfReader) => {
        if (tag === 2) found.step = pbf.readVarint(true);
      },
      { step: 0 },
    ).step;
  } catch {
    return undefined;
  }
}

type Value = [tag: string, number | EventHistogram];

function writeSummary(values: readonly Value[], pbf: PbfWriter): void {
  for (const value of values) pbf.writeMessage(1, writeValue, value);
}

function writeValue([tag, value]: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, tag);
  if (typeof value === 'number') pbf.writeFloatField(2, value);
  else pbf.writeMessage(5, writeHistogram, value);
}

function writeHistogram({ min, max, count, sum, sumSquares, limits, counts }: EventHistogram, pbf: PbfWriter): void {
  for (const [i, value] of [min, max, count, sum, sumSquares].entries()) pbf.writeDoubleField(i + 1, value);
  pbf.writePackedDouble(6, [...limits]);
  pbf.writePackedDouble(7, [...counts]);
}
