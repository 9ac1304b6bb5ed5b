// Confluent's and kafkajs' registry clients for Node against the registry that is named: registry.cjs NODE_MODULES URL HEX. HEX is a message of the topic "ours".
// Prints one line of JSON: what each client saw and did, and the same message as each of them writes it, as hex.
const path = require('node:path');
const [modules, url, hex] = process.argv.slice(2);
const load = name => require(path.join(modules, name));
const { SchemaRegistryClient, AvroDeserializer, AvroSerializer, SerdeType, Compatibility } = load('@confluentinc/schemaregistry');
const { SchemaRegistry, SchemaType, COMPATIBILITY } = load('@kafkajs/confluent-schema-registry');
const ours = Buffer.from(hex, 'hex');

const point = fields => JSON.stringify({ type: 'record', name: 'Point', namespace: 'geo', fields });
const x = { name: 'x', type: 'int' };
const codeOf = async action => { try { await action(); return 'taken'; } catch (error) { return error.errorCode ?? error.status ?? error.message; } };

async function confluent() {
  const client = new SchemaRegistryClient({ baseURLs: [url], maxRetries: 0 });
  const value = await new AvroDeserializer(client, SerdeType.VALUE, {}).deserialize('ours', ours);
  const { id, schema, version } = await client.getLatestSchemaMetadata('ours-value');
  const registered = await client.register('confluent-value', { schema, schemaType: 'AVRO' });
  const written = await new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true }).serialize('confluent', value);
  const [first, second, broken] = [[x], [x, { name: 'y', type: 'int', default: 0 }], [x, { name: 'z', type: 'int' }]].map(fields => ({ schema: point(fields), schemaType: 'AVRO' }));
  await client.register('points', first);
  await client.updateCompatibility('points', Compatibility.FULL_TRANSITIVE);
  const refused = await codeOf(() => client.register('points', broken));
  const compatible = [await client.testSubjectCompatibility('points', second), await client.testCompatibility('points', 1, broken)];
  await client.register('points', second, true);
  const line = { schema: JSON.stringify({ type: 'record', name: 'Line', namespace: 'geo', fields: [{ name: 'from', type: 'Point' }, { name: 'to', type: 'geo.Point' }] }), schemaType: 'AVRO', references: [{ name: 'geo.Point', subject: 'points', version: 2 }] };
  await client.register('lines-value', line);
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
  const reader = new AvroDeserializer(new SchemaRegistryClient({ baseURLs: [url] }), SerdeType.VALUE, {});
  const resolved = await reader.deserialize('lines', await serializer.serialize('lines', { from: { x: 1, y: 2 }, to: { x: 3, y: 4 } }));
  const auto = await new AvroSerializer(client, SerdeType.VALUE, { autoRegisterSchemas: false }).serialize('points', {}).catch(error => error.message.length > 0);
  const result = {
    pair: value.pair, same: registered === id, version, refused, compatible, resolved, auto,
    level: await client.getCompatibility('points'), versions: await client.getAllVersions('points'), found: await client.getVersion('points', first),
    schema: JSON.parse((await client.getBySubjectAndId('points', await client.getId('points', second))).schema).fields.length, subjects: await client.getAllSubjects(),
    referenced: await codeOf(() => client.deleteSubjectVersion('points', 2)), deleted: await client.deleteSubjectVersion('points', 1), unknown: await codeOf(() => client.getAllVersions('nowhere')),
    soft: await client.deleteSubject('lines-value'), hard: await client.deleteSubject('lines-value', true), written: written.toString('hex'),
  };
  return result;
}

async function kafkajs() {
  const registry = new SchemaRegistry({ host: url, retry: { retries: 0 } });
  const value = await registry.decode(ours);
  const id = await registry.getLatestSchemaId('ours-value');
  const schema = await registry.getSchema(id);
  const registered = await registry.register({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }, { subject: 'kafkajs-value', compatibility: COMPATIBILITY.FORWARD });
  const written = await registry.encode(id, value);
  await registry.register({ type: SchemaType.AVRO, schema: point([x]) }, { subject: 'spots' });
  const refused = await codeOf(() => registry.register({ type: SchemaType.AVRO, schema: point([{ name: 'x', type: 'string' }]) }, { subject: 'spots' }));
  return {
    pair: value.pair, found: await registry.getRegistryId('ours-value', 1) === id, registered: registered.id > 0, looked: await registry.getRegistryIdBySchema('spots', { type: SchemaType.AVRO, schema: point([x]) }) > 0,
    refused, written: written.toString('hex'),
  };
}

(async () => {
  console.log(JSON.stringify({ confluent: await confluent(), kafkajs: await kafkajs() }));
  process.exit(0);
})().catch(error => { console.error(error); process.exit(1); });
