import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

/**
 * What Apache Kafka's Java clients do with a broker: Behaviours BOOTSTRAP. Each behaviour has topics and groups of its own and is told of in one line,
 * "ok NAME" or "FAILED NAME: why". Runs against this project's broker and Apache Kafka's alike.
 */
public class Behaviours {
    interface Behaviour {
        void run() throws Exception;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    /** So many at a time: most of them wait most of the time. */
    static final int AT_A_TIME = 8;
    static final long BOUND = 20_000;
    static String bootstrap;
    static Admin admin;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "request.timeout.ms", 10_000, "default.api.timeout.ms", 15_000));
        Map<String, Behaviour> behaviours = new LinkedHashMap<>();
        ClientBehaviours.addTo(behaviours);
        AdminBehaviours.addTo(behaviours);
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        behaviours.forEach((name, behaviour) -> threads.execute(() -> tell(name, behaviour)));
        threads.shutdown();
        boolean done = threads.awaitTermination(100, TimeUnit.SECONDS);
        admin.close(Duration.ofSeconds(2));
        System.exit(done ? 0 : 1);
    }

    static void tell(String name, Behaviour behaviour) {
        String line;
        try {
            behaviour.run();
            line = "ok " + name;
        } catch (Throwable failure) {
            StackTraceElement at = Arrays.stream(failure.getStackTrace()).filter(element -> element.getClassName().endsWith("Behaviours")).findFirst().orElse(null);
            line = "FAILED " + name + ": " + String.valueOf(failure).replace('\n', ' ') + " at " + at;
        }
        synchronized (Behaviours.class) {
            System.out.println(line);
        }
    }

    static void create(String topic, int partitions) throws Exception {
        create(topic, partitions, Map.of());
    }

    static void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
    }

    static void alter(ConfigResource topic, String name, String value, AlterConfigOp.OpType operation) throws Exception {
        admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry(name, value), operation)))).all().get();
    }

    /** A config's entry; Apache Kafka shows a change a moment after it has answered for it. */
    static ConfigEntry config(ConfigResource topic, String name) throws Exception {
        Thread.sleep(100);
        return admin.describeConfigs(List.of(topic)).all().get().get(topic).get(name);
    }

    static long offset(String topic, IsolationLevel isolation) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation)).partitionResult(partition).get().offset();
    }

    static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "acks", "all", "delivery.timeout.ms", 15_000, "request.timeout.ms", 10_000, "max.block.ms", 15_000));
        all.putAll(settings);
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(String group, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest", "enable.auto.commit", false,
            "heartbeat.interval.ms", 200, "session.timeout.ms", 10_000, "max.partition.fetch.bytes", 2_000_000));
        all.putAll(settings);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    /** Writes "value 0" to "value N"; what is not keyed by partition goes where its key says. */
    static Map<String, String> write(String topic, int count, Map<String, Object> settings) throws Exception {
        Map<String, String> written = new LinkedHashMap<>();
        try (KafkaProducer<String, String> producer = producer(settings)) {
            for (int number = 0; number < count; number++) {
                written.put("key " + number, "value " + number);
                producer.send(new ProducerRecord<>(topic, "key " + number, "value " + number));
            }
            producer.flush();
        }
        return written;
    }

    static List<ConsumerRecord<String, String>> read(String topic, int count, Map<String, Object> settings) throws Exception {
        List<ConsumerRecord<String, String>> read = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer("reader-of-" + topic, settings)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(read::add);
                return read.size() >= count;
            });
        }
        equal(count, read.size());
        return read;
    }

    /** Polls a member once; what it reads it commits, so that nobody reads it again. */
    static boolean take(KafkaConsumer<String, String> consumer, Set<String> read) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(50));
        for (ConsumerRecord<String, String> record : records)
            check(read.add(record.value()));
        if (!records.isEmpty())
            consumer.commitSync();
        return true;
    }

    static void until(Condition condition) throws Exception {
        long end = System.currentTimeMillis() + BOUND;
        while (!condition.holds()) {
            if (System.currentTimeMillis() > end)
                throw new AssertionError("nothing within " + BOUND + " ms");
            Thread.sleep(5);
        }
    }

    static void fails(Class<? extends Throwable> expected, Behaviour behaviour) throws Exception {
        Throwable failure = null;
        try {
            behaviour.run();
        } catch (Throwable thrown) {
            failure = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause())
            if (expected.isInstance(cause))
                return;
        throw new AssertionError("expected " + expected.getSimpleName() + ", got " + failure);
    }

    static void equal(Object expected, Object actual) {
        if (!Objects.equals(expected, actual))
            throw new AssertionError("expected " + expected + ", got " + actual);
    }

    static void check(boolean holds) {
        if (!holds)
            throw new AssertionError("does not hold");
    }
}
