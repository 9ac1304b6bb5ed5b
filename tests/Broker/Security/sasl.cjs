// kafkajs, authenticated: three records out, the same back. Arguments: kafkajs, bootstrap, mechanism, user, certificates to trust or nothing; the password is in the environment.
const [folder, bootstrap, mechanism, username, authority] = process.argv.slice(2);
const { Kafka, logLevel } = require(folder);

async function main() {
  const ssl = authority ? { ca: [require('fs').readFileSync(authority, 'utf8')] } : undefined;
  const sasl = { mechanism: mechanism.toLowerCase(), username, password: process.env.SASL_PASSWORD };
  const kafka = new Kafka({ clientId: 'test', brokers: [bootstrap], ssl, sasl, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
  const topic = `node-${mechanism}`;
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: ['0', '1', '2'].map(value => ({ value })) });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const values = [];
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`only ${values} came`)), 20000).unref();
    consumer.run({ eachMessage: async ({ message }) => { if (values.push(message.value.toString()) === 3) resolve(); } }).catch(reject);
  });
  await consumer.disconnect();
  console.log(values.join());
}

main().catch(error => { console.log(error.name, error.message); process.exit(1); });
