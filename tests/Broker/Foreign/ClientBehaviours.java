import java.time.Duration;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.errors.*;

/** Producers, consumers, groups and transactions. */
class ClientBehaviours extends Behaviours {
    static void addTo(Map<String, Behaviour> behaviours) {
        for (String assignor : List.of("Range", "RoundRobin", "Sticky", "CooperativeSticky"))
            behaviours.put("assignor-" + assignor, () -> assignor(assignor));
        behaviours.put("static-members", ClientBehaviours::staticMembers);
        behaviours.put("transaction-timeout", ClientBehaviours::transactionTimeout);
        behaviours.put("transactions", ClientBehaviours::transactions);
        behaviours.put("fencing", ClientBehaviours::fencing);
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd"))
            behaviours.put("codec-" + codec, () -> codec(codec));
        behaviours.put("records", ClientBehaviours::records);
        behaviours.put("too-large", ClientBehaviours::tooLarge);
        behaviours.put("positions", ClientBehaviours::positions);
    }

    // Consumer groups

    static void assignor(String name) throws Exception {
        String topic = "assigned-" + name;
        create(topic, 4);
        write(topic, 100, Map.of());
        String assignor = "org.apache.kafka.clients.consumer." + name + "Assignor";
        Map<String, Object> settings = Map.of("partition.assignment.strategy", assignor);
        Set<String> read = new TreeSet<>();
        KafkaConsumer<String, String> first = consumer("group-" + name, settings);
        try (KafkaConsumer<String, String> second = consumer("group-" + name, settings)) {
            first.subscribe(List.of(topic));
            until(() -> take(first, read) && first.assignment().size() == 4);
            second.subscribe(List.of(topic));
            until(() -> take(first, read) & take(second, read) && first.assignment().size() == 2 && second.assignment().size() == 2);
            Set<TopicPartition> all = new HashSet<>(first.assignment());
            all.addAll(second.assignment());
            equal(4, all.size());
            equal(2, first.groupMetadata().memberId().isEmpty() ? 0 : admin.describeConsumerGroups(List.of("group-" + name)).all().get().get("group-" + name).members().size());
            first.commitSync();
            first.close();
            until(() -> take(second, read) && second.assignment().size() == 4);
            until(() -> take(second, read) && read.size() == 100);
        }
    }

    static void staticMembers() throws Exception {
        create("static", 2);
        Map<String, Object> settings = Map.of("group.instance.id", "one", "session.timeout.ms", 20_000, "max.poll.interval.ms", 30_000);
        Set<String> read = new TreeSet<>();
        KafkaConsumer<String, String> first = consumer("statics", settings);
        first.subscribe(List.of("static"));
        until(() -> take(first, read) && first.assignment().size() == 2);
        int generation = first.groupMetadata().generationId();
        first.close();
        try (KafkaConsumer<String, String> again = consumer("statics", settings)) {
            again.subscribe(List.of("static"));
            until(() -> take(again, read) && again.assignment().size() == 2);
            // It came back under its name: nobody had to join anew.
            equal(generation, again.groupMetadata().generationId());
            try (KafkaConsumer<String, String> usurper = consumer("statics", settings)) {
                usurper.subscribe(List.of("static"));
                until(() -> take(usurper, read) && usurper.assignment().size() == 2);
                fails(FencedInstanceIdException.class, () -> until(() -> {
                    // Fenced while it commits, the client says only that the commit failed, and why at the next poll.
                    try {
                        take(again, read);
                        again.commitSync(Map.of(new TopicPartition("static", 0), new OffsetAndMetadata(0)));
                    } catch (CommitFailedException failed) {
                        equal(true, failed.getMessage() != null);
                    }
                    return false;
                }));
            }
        }
        admin.removeMembersFromConsumerGroup("statics", new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("one")))).all().get();
        until(() -> admin.describeConsumerGroups(List.of("statics")).all().get().get("statics").members().isEmpty());
    }

    // Records

    static void codec(String codec) throws Exception {
        String topic = "codec-" + codec;
        create(topic, 1);
        Map<String, String> written = write(topic, 200, Map.of("compression.type", codec, "linger.ms", 50));
        equal(new ArrayList<>(written.values()), read(topic, 200, Map.of()).stream().map(ConsumerRecord::value).toList());
    }

    static void records() throws Exception {
        create("records", 1);
        try (KafkaProducer<String, String> producer = producer(Map.of("acks", "1", "enable.idempotence", false))) {
            RecordMetadata sent = producer.send(new ProducerRecord<>("records", 0, 1_600_000_000_000L, (String) null, (String) null)).get();
            equal(0L, sent.offset());
            equal(1_600_000_000_000L, sent.timestamp());
            ProducerRecord<String, String> marked = new ProducerRecord<>("records", "key", "ä".repeat(400_000));
            marked.headers().add("empty", null).add("twice", new byte[] {1}).add("twice", new byte[] {2});
            producer.send(marked).get();
        }
        try (KafkaProducer<String, String> producer = producer(Map.of("acks", "0", "enable.idempotence", false))) {
            equal(-1L, producer.send(new ProducerRecord<>("records", "unacknowledged")).get().offset());
        }
        List<ConsumerRecord<String, String>> records = read("records", 3, Map.of());
        equal(null, records.get(0).key());
        equal(null, records.get(0).value());
        equal(1_600_000_000_000L, records.get(0).timestamp());
        equal(800_000, records.get(1).serializedValueSize());
        equal(List.of("empty=null", "twice=[1]", "twice=[2]"),
            Stream.of(records.get(1).headers().toArray()).map(header -> header.key() + "=" + Arrays.toString(header.value())).toList());
        equal("unacknowledged", records.get(2).value());

        create("stamped", 1, Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            check(producer.send(new ProducerRecord<>("stamped", 0, 5L, "k", "v")).get().timestamp() >= before);
        }
        ConsumerRecord<String, String> stamped = read("stamped", 1, Map.of()).get(0);
        check(stamped.timestamp() >= before);
        equal("LogAppendTime", stamped.timestampType().toString());
    }

    static void tooLarge() throws Exception {
        create("small", 1, Map.of("max.message.bytes", "1000"));
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            fails(RecordTooLargeException.class, () -> producer.send(new ProducerRecord<>("small", "x".repeat(5_000))).get());
            equal(0L, producer.send(new ProducerRecord<>("small", "fits")).get().offset());
        }
        create("compacted", 1, Map.of("cleanup.policy", "compact"));
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            fails(InvalidRecordException.class, () -> producer.send(new ProducerRecord<>("compacted", "without a key")).get());
        }
    }

    static void positions() throws Exception {
        create("positions", 1);
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (long time : new long[] {10, 30, 20, 30})
                producer.send(new ProducerRecord<>("positions", 0, time, null, "at " + time)).get();
        }
        TopicPartition partition = new TopicPartition("positions", 0);
        try (KafkaConsumer<String, String> consumer = consumer("positioned", Map.of("auto.offset.reset", "none"))) {
            consumer.assign(List.of(partition));
            fails(NoOffsetForPartitionException.class, () -> consumer.poll(Duration.ofSeconds(5)));
            equal(4L, consumer.endOffsets(List.of(partition)).get(partition));
            equal(0L, consumer.beginningOffsets(List.of(partition)).get(partition));
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, 15L)).get(partition);
            equal("1 30", found.offset() + " " + found.timestamp());
            equal(null, consumer.offsetsForTimes(Map.of(partition, 31L)).get(partition));
            consumer.seek(partition, new OffsetAndMetadata(2, "note"));
            equal("at 20", consumer.poll(Duration.ofSeconds(5)).iterator().next().value());
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(3, Optional.of(0), "note")));
            OffsetAndMetadata committed = consumer.committed(Set.of(partition)).get(partition);
            equal("3 note", committed.offset() + " " + committed.metadata());
            consumer.seek(partition, 99);
            fails(org.apache.kafka.clients.consumer.OffsetOutOfRangeException.class, () -> until(() -> !consumer.poll(Duration.ofMillis(100)).isEmpty()));
            equal(1, consumer.partitionsFor("positions").size());
            check(consumer.listTopics().containsKey("positions"));
        }
        Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> newest = admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp())).all().get();
        equal("1 30", newest.get(partition).offset() + " " + newest.get(partition).timestamp());
        create("recent", 1);
        write("recent", 3, Map.of());
        try (KafkaConsumer<String, String> consumer = consumer("by-duration", Map.of("auto.offset.reset", "by_duration:PT1H"))) {
            consumer.subscribe(List.of("recent"));
            Set<String> read = new TreeSet<>();
            until(() -> take(consumer, read) && read.size() == 3);
        }
    }

    // Transactions

    @SuppressWarnings("removal")
    static void transactions() throws Exception {
        create("input", 1);
        create("output", 1);
        write("input", 10, Map.of());
        TopicPartition input = new TopicPartition("input", 0);
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "copier", "linger.ms", 0));
             KafkaConsumer<String, String> consumer = consumer("copiers", Map.of())) {
            producer.initTransactions();
            consumer.subscribe(List.of("input"));
            List<String> copied = new ArrayList<>();
            until(() -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100)))
                    copied.add(record.value());
                return copied.size() == 10;
            });
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("output", "aborted")).get();
            producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(5)), consumer.groupMetadata());
            producer.abortTransaction();
            equal(null, consumer.committed(Set.of(input)).get(input));
            producer.beginTransaction();
            for (String value : copied)
                producer.send(new ProducerRecord<>("output", value));
            producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(10)), consumer.groupMetadata());
            producer.flush();
            // Open still: its records are not shown to those who read what is committed, nor is its offset.
            equal(12L, offset("output", IsolationLevel.READ_UNCOMMITTED));
            equal(2L, offset("output", IsolationLevel.READ_COMMITTED));
            producer.commitTransaction();
            equal(10L, consumer.committed(Set.of(input)).get(input).offset());
            equal(copied, read("output", 10, Map.of("isolation.level", "read_committed")).stream().map(ConsumerRecord::value).toList());
            equal("aborted", read("output", 11, Map.of("isolation.level", "read_uncommitted")).get(0).value());
            // Offsets of a generation that is over are refused.
            ConsumerGroupMetadata old = new ConsumerGroupMetadata("copiers", consumer.groupMetadata().generationId() - 1, consumer.groupMetadata().memberId(), Optional.empty());
            producer.beginTransaction();
            fails(CommitFailedException.class, () -> {
                producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(10)), old);
                producer.commitTransaction();
            });
            producer.abortTransaction();
        }
    }

    static void fencing() throws Exception {
        create("fenced", 1);
        KafkaProducer<String, String> old = producer(Map.of("transactional.id", "fenced"));
        old.initTransactions();
        old.beginTransaction();
        old.send(new ProducerRecord<>("fenced", "left open")).get();
        try (KafkaProducer<String, String> heir = producer(Map.of("transactional.id", "fenced"))) {
            heir.initTransactions();
            fails(ProducerFencedException.class, old::commitTransaction);
            heir.beginTransaction();
            heir.send(new ProducerRecord<>("fenced", "heir's"));
            heir.commitTransaction();
            admin.fenceProducers(List.of("fenced")).all().get();
            fails(KafkaException.class, () -> {
                heir.beginTransaction();
                heir.send(new ProducerRecord<>("fenced", "too late")).get();
                heir.commitTransaction();
            });
        } finally {
            old.close(Duration.ZERO);
        }
        equal(List.of("heir's"), read("fenced", 1, Map.of("isolation.level", "read_committed")).stream().map(ConsumerRecord::value).toList());
    }

    static void transactionTimeout() throws Exception {
        create("late", 1);
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "late", "transaction.timeout.ms", 1_000))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("late", "never")).get();
            until(() -> offset("late", IsolationLevel.READ_COMMITTED) == 2);
            fails(KafkaException.class, producer::commitTransaction);
        }
        fails(KafkaException.class, () -> {
            try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "patient", "transaction.timeout.ms", 3_600_000))) {
                producer.initTransactions();
            }
        });
    }
}
