// Reads a file of cases, one JSON object a line ({schema, values: [hex], own: count}), and answers each with what npm's avsc makes of it:
// the values as Avro JSON and encoded again, and so many values of its own. Longs stand as strings, for JavaScript's numbers are too small.
const { readFileSync } = require('node:fs');
const avsc = require(process.argv[2]);

const long = avsc.types.LongType.__with({
  fromBuffer: buffer => buffer.readBigInt64LE(),
  toBuffer: value => { const buffer = Buffer.alloc(8); buffer.writeBigInt64LE(value); return buffer; },
  fromJSON: BigInt,
  toJSON: String,
  isValid: value => typeof value === 'bigint',
  compare: (a, b) => (a === b ? 0 : a < b ? -1 : 1),
});
// avsc draws random longs as numbers.
long.random = () => (BigInt(Math.floor(Math.random() * 2 ** 52)) - 2n ** 51n) << BigInt(Math.floor(Math.random() * 12));

const answerOf = (type, value) => ({ hex: type.toBuffer(value).toString('hex'), json: type.toString(value) });

for (const line of readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean)) {
  const { schema, values, own } = JSON.parse(line);
  const type = avsc.Type.forSchema(JSON.parse(schema), { wrapUnions: true, registry: { long } });
  console.log(JSON.stringify({
    read: values.map(hex => answerOf(type, type.fromBuffer(Buffer.from(hex, 'hex')))),
    own: Array.from({ length: own }, () => answerOf(type, type.random())),
  }));
}
