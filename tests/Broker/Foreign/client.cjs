// kafkajs against the broker that is named: one transaction committed, one aborted, and a consumer group that sees the first alone.
const [folder, bootstrap] = process.argv.slice(2);
const { Kafka, logLevel } = require(folder);

async function main() {
  const kafka = new Kafka({ clientId: 'test', brokers: [bootstrap], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'from-node', numPartitions: 1 }] });
  await admin.disconnect();

  const producer = kafka.producer({ transactionalId: 'node', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const aborted = await producer.transaction();
  await aborted.send({ topic: 'from-node', messages: [{ value: 'never' }] });
  await aborted.abort();
  const committed = await producer.transaction();
  await committed.send({ topic: 'from-node', messages: ['1', '2', '3'].map(value => ({ value })) });
  await committed.commit();
  await producer.disconnect();

  const consumer = kafka.consumer({ groupId: 'node' });
  await consumer.connect();
  await consumer.subscribe({ topics: ['from-node'], fromBeginning: true });
  const values = [];
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`only ${values} came`)), 20000).unref();
    consumer.run({ eachMessage: async ({ message }) => { if (values.push(message.value.toString()) === 3) resolve(); } }).catch(reject);
  });
  await consumer.disconnect();
  console.log(`committed ${values}`);
}

main().catch(error => { console.error(error); process.exit(1); });
