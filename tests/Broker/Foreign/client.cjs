// kafkajs against the broker that is named: client.cjs NODE_MODULES BOOTSTRAP. Prints one line for each thing that it did.
const path = require('node:path');
const [modules, bootstrap] = process.argv.slice(2);
const load = name => require(path.join(modules, name));
const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, ResourceTypes, PartitionAssigners, logLevel } = load('kafkajs');

const kafka = new Kafka({ clientId: 'test', brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 3, initialRetryTime: 50 } });
const admin = kafka.admin();
const bound = 20000;

// kafkajs brings gzip along; for the others it takes any codec.
async function addCodecs() {
  CompressionCodecs[CompressionTypes.Snappy] = load('kafkajs-snappy');
  const lz4 = load('lz4js');
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    // A frame of one block that depends on no other, which Kafka asks for and lz4js does not write: magic, flags, block size and their checksum, the block, the end.
    compress: async encoder => {
      const block = Buffer.alloc(lz4.compressBound(encoder.buffer.length));
      const size = lz4.compressBlock(encoder.buffer, block, 0, encoder.buffer.length, new Uint32Array(1 << 16));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(size);
      return Buffer.concat([Buffer.from('04224d18604082', 'hex'), length, block.subarray(0, size), Buffer.alloc(4)]);
    },
    decompress: async buffer => Buffer.from(lz4.decompress(buffer)),
  });
  const zstd = await new Promise(resolve => load('zstd-codec').ZstdCodec.run(codec => resolve(new codec.Simple())));
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async encoder => Buffer.from(zstd.compress(encoder.buffer)),
    decompress: async buffer => Buffer.from(zstd.decompress(buffer)),
  });
}

// Runs consumers of one group until the condition holds for what they read.
async function consume(groupId, topics, members, enough, assigned = () => true) {
  const read = [];
  const assignments = new Map();
  const consumers = Array.from({ length: members }, () => kafka.consumer({ groupId, partitionAssigners: [PartitionAssigners.roundRobin], heartbeatInterval: 200, rebalanceTimeout: 5000, maxWaitTimeInMs: 100 }));
  let timer;
  try {
    await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${groupId}: only ${read.length} records, ${JSON.stringify([...assignments.values()])}`)), bound);
      const look = () => { if (enough(read) && assigned([...assignments.values()])) resolve(); };
      consumers.forEach(async (consumer, index) => {
        try {
          consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { assignments.set(index, payload.memberAssignment); look(); });
          await consumer.connect();
          await consumer.subscribe({ topics, fromBeginning: true });
          await consumer.run({ eachMessage: async ({ message }) => { read.push(message); look(); } });
        } catch (error) { reject(error); }
      });
    });
  } finally {
    clearTimeout(timer);
    await Promise.all(consumers.map(consumer => consumer.disconnect()));
  }
  return read;
}

async function codecs() {
  await addCodecs();
  const producer = kafka.producer();
  await producer.connect();
  for (const [name, compression] of Object.entries({ none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 })) {
    const messages = Array.from({ length: 100 }, (_, number) => ({ key: `${number % 3}`, value: `${name} ${number} ${'x'.repeat(50)}`, headers: { codec: name } }));
    await producer.send({ topic: `node-${name}`, compression, messages });
    const read = await consume(`node-${name}`, [`node-${name}`], 1, all => all.length >= 100);
    if (read.some((message, number) => message.value.toString() !== messages[number].value || message.headers.codec.toString() !== name)) throw new Error(`${name} came back changed`);
  }
  await producer.disconnect();
  return 'none gzip snappy lz4 zstd';
}

async function group() {
  await admin.createTopics({ topics: [{ topic: 'node-shared', numPartitions: 4 }] });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'node-shared', messages: Array.from({ length: 40 }, (_, number) => ({ partition: number % 4, value: `${number}` })) });
  await producer.disconnect();
  const shares = all => all.length === 2 && all.every(assignment => assignment['node-shared']?.length === 2);
  const read = await consume('node-shared', ['node-shared'], 2, all => new Set(all.map(message => message.value.toString())).size === 40, shares);
  return `2 members, ${new Set(read.map(message => message.value.toString())).size} records`;
}

async function transactions() {
  await admin.createTopics({ topics: [{ topic: 'from-node', numPartitions: 1 }] });
  const producer = kafka.producer({ transactionalId: 'node', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const aborted = await producer.transaction();
  await aborted.send({ topic: 'from-node', messages: [{ value: 'never' }] });
  await aborted.sendOffsets({ consumerGroupId: 'node-copier', topics: [{ topic: 'from-node', partitions: [{ partition: 0, offset: '7' }] }] });
  await aborted.abort();
  const committed = await producer.transaction();
  await committed.send({ topic: 'from-node', messages: ['1', '2', '3'].map(value => ({ value })) });
  await committed.sendOffsets({ consumerGroupId: 'node-copier', topics: [{ topic: 'from-node', partitions: [{ partition: 0, offset: '3' }] }] });
  await committed.commit();
  await producer.disconnect();
  const read = await consume('node', ['from-node'], 1, all => all.length >= 3);
  const [{ partitions: [{ offset }] }] = await admin.fetchOffsets({ groupId: 'node-copier', topics: ['from-node'] });
  return `${read.map(message => message.value)} at ${offset}`;
}

async function administration() {
  const topic = 'node-administered';
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'retention.ms', value: '1000000' }] }] });
  await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }] });
  const { resources: [{ configEntries }] } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] }] });
  const { topics: [{ partitions }] } = await admin.fetchTopicMetadata({ topics: [topic] });
  const [shared] = await admin.fetchTopicOffsets('node-shared');
  await admin.deleteTopicRecords({ topic: 'node-shared', partitions: [{ partition: 0, offset: '4' }] });
  const low = (await admin.fetchTopicOffsets('node-shared')).find(({ partition }) => partition === 0).low;
  const byTime = await admin.fetchTopicOffsetsByTimestamp('node-shared', 0);
  await admin.setOffsets({ groupId: 'node-shared', topic: 'node-shared', partitions: [{ partition: 1, offset: '2' }] });
  const [{ partitions: moved }] = await admin.fetchOffsets({ groupId: 'node-shared', topics: ['node-shared'] });
  const { groups: [{ state }] } = await admin.describeGroups(['node-shared']);
  const listed = (await admin.listGroups()).groups.some(({ groupId }) => groupId === 'node-shared');
  const { brokers, controller } = await admin.describeCluster();
  await admin.deleteGroups(['node-shared']);
  await admin.deleteTopics({ topics: [topic] });
  const gone = !(await admin.listTopics()).includes(topic);
  return JSON.stringify({
    policy: configEntries[0].configValue, partitions: partitions.length, high: shared.high, low, byTime: byTime.find(({ partition }) => partition === 0).offset,
    moved: moved.find(({ partition }) => partition === 1).offset, state, listed, brokers: brokers.length, controller, gone,
  });
}

async function main() {
  await admin.connect();
  for (const step of [codecs, group, transactions, administration]) console.log(`${step.name}: ${await step()}`);
  await admin.disconnect();
}

main().catch(error => { console.error(error); process.exit(1); });
