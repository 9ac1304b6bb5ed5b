import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;

/** The admin client. */
class AdminBehaviours extends Behaviours {
    static void addTo(Map<String, Behaviour> behaviours) {
        behaviours.put("admin-topics", AdminBehaviours::topics);
        behaviours.put("admin-configs", AdminBehaviours::configs);
        behaviours.put("admin-groups", AdminBehaviours::groups);
        behaviours.put("admin-records", AdminBehaviours::records);
        behaviours.put("admin-producers", AdminBehaviours::producers);
        behaviours.put("admin-cluster", AdminBehaviours::cluster);
    }

    static void topics() throws Exception {
        admin.createTopics(List.of(new NewTopic("checked", 1, (short) 1)), new CreateTopicsOptions().validateOnly(true)).all().get();
        CreateTopicsResult created = admin.createTopics(List.of(
            new NewTopic("administered", 2, (short) 1).configs(Map.of("retention.ms", "1000000")), new NewTopic("assigned", Map.of(0, List.of(1), 1, List.of(1)))));
        created.all().get();
        equal(2, created.numPartitions("administered").get());
        equal("1000000", created.config("administered").get().get("retention.ms").value());
        fails(TopicExistsException.class, () -> admin.createTopics(List.of(new NewTopic("administered", 1, (short) 1))).all().get());
        fails(InvalidTopicException.class, () -> admin.createTopics(List.of(new NewTopic("no/slash", 1, (short) 1))).all().get());
        fails(InvalidReplicationFactorException.class, () -> admin.createTopics(List.of(new NewTopic("replicated", 1, (short) 3))).all().get());
        fails(InvalidPartitionsException.class, () -> admin.createTopics(List.of(new NewTopic("hollow", 0, (short) 1))).all().get());
        fails(InvalidConfigurationException.class, () -> admin.createTopics(List.of(new NewTopic("odd", 1, (short) 1).configs(Map.of("no.such", "1")))).all().get());
        admin.createPartitions(Map.of("administered", NewPartitions.increaseTo(3))).all().get();
        fails(InvalidPartitionsException.class, () -> admin.createPartitions(Map.of("administered", NewPartitions.increaseTo(1))).all().get());
        TopicDescription described = admin.describeTopics(List.of("administered")).allTopicNames().get().get("administered");
        equal(3, described.partitions().size());
        equal(1, described.partitions().get(2).leader().id());
        equal(described.topicId(), created.topicId("administered").get());
        equal(described.name(), admin.describeTopics(TopicCollection.ofTopicIds(List.of(described.topicId()))).allTopicIds().get().get(described.topicId()).name());
        check(!admin.listTopics().names().get().contains("checked"));
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(described.topicId()))).all().get();
        admin.deleteTopics(List.of("assigned")).all().get();
        fails(UnknownTopicOrPartitionException.class, () -> admin.deleteTopics(List.of("administered")).all().get());
        fails(UnknownTopicIdException.class, () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(described.topicId()))).allTopicIds().get());
    }

    static void configs() throws Exception {
        create("configured", 1);
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "configured");
        alter(topic, "cleanup.policy", "compact", AlterConfigOp.OpType.SET);
        alter(topic, "cleanup.policy", "delete", AlterConfigOp.OpType.APPEND);
        equal("compact,delete", config(topic, "cleanup.policy").value());
        alter(topic, "cleanup.policy", "compact", AlterConfigOp.OpType.SUBTRACT);
        equal("delete", config(topic, "cleanup.policy").value());
        check(!config(topic, "cleanup.policy").isDefault());
        alter(topic, "cleanup.policy", "", AlterConfigOp.OpType.DELETE);
        check(config(topic, "cleanup.policy").isDefault());
        check(config(topic, "max.message.bytes").isDefault());
        fails(InvalidConfigurationException.class, () -> alter(topic, "segment.bytes", "small", AlterConfigOp.OpType.SET));
        fails(UnknownTopicOrPartitionException.class, () -> config(new ConfigResource(ConfigResource.Type.TOPIC, "nowhere"), "segment.bytes"));
        check(!admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.BROKER, "1"))).all().get().isEmpty());
    }

    static void groups() throws Exception {
        create("grouped", 2);
        write("grouped", 10, Map.of());
        TopicPartition partition = new TopicPartition("grouped", 0);
        Set<String> read = new TreeSet<>();
        try (KafkaConsumer<String, String> member = consumer("administered", Map.of("client.id", "member", "client.rack", "attic"))) {
            member.subscribe(List.of("grouped"));
            until(() -> take(member, read) && read.size() == 10);
            member.commitSync();
            ConsumerGroupDescription group = admin.describeConsumerGroups(List.of("administered")).all().get().get("administered");
            equal(GroupState.STABLE, group.groupState());
            equal("range", group.partitionAssignor());
            MemberDescription shown = group.members().iterator().next();
            equal("member", shown.clientId());
            equal(2, shown.assignment().topicPartitions().size());
            equal(1, group.coordinator().id());
            fails(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of("administered")).all().get());
            fails(UnknownMemberIdException.class, () -> admin.alterConsumerGroupOffsets("administered", Map.of(partition, new OffsetAndMetadata(1))).all().get());
            fails(GroupSubscribedToTopicException.class, () -> admin.deleteConsumerGroupOffsets("administered", Set.of(partition)).all().get());
        }
        check(admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get().stream().anyMatch(group -> group.groupId().equals("administered")));
        Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets("administered").partitionsToOffsetAndMetadata().get();
        equal(10L, offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum());
        admin.alterConsumerGroupOffsets("administered", Map.of(partition, new OffsetAndMetadata(1, "moved"))).all().get();
        equal("moved", admin.listConsumerGroupOffsets("administered").partitionsToOffsetAndMetadata().get().get(partition).metadata());
        admin.deleteConsumerGroupOffsets("administered", Set.of(partition)).all().get();
        check(!admin.listConsumerGroupOffsets("administered").partitionsToOffsetAndMetadata().get().containsKey(partition));
        admin.deleteConsumerGroups(List.of("administered")).all().get();
        fails(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of("administered")).all().get());
        // A group that only ever committed.
        admin.alterConsumerGroupOffsets("lonely", Map.of(partition, new OffsetAndMetadata(3))).all().get();
        equal(GroupState.EMPTY, admin.describeConsumerGroups(List.of("lonely")).all().get().get("lonely").groupState());
    }

    static void records() throws Exception {
        create("shortened", 1);
        write("shortened", 10, Map.of());
        TopicPartition partition = new TopicPartition("shortened", 0);
        equal(4L, admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(partition).get().lowWatermark());
        equal(4L, admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset());
        equal("value 4", read("shortened", 6, Map.of()).get(0).value());
        fails(org.apache.kafka.common.errors.OffsetOutOfRangeException.class, () -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11))).all().get());
        equal(10L, admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).lowWatermarks().get(partition).get().lowWatermark());
    }

    static void producers() throws Exception {
        create("produced", 1);
        TopicPartition partition = new TopicPartition("produced", 0);
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "watched"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("produced", "one")).get();
            ProducerState state = admin.describeProducers(List.of(partition)).all().get().get(partition).activeProducers().get(0);
            equal(0L, state.currentTransactionStartOffset().getAsLong());
            equal(0, state.lastSequence());
            TransactionDescription open = admin.describeTransactions(List.of("watched")).all().get().get("watched");
            equal(TransactionState.ONGOING, open.state());
            equal(Set.of(partition), open.topicPartitions());
            equal(state.producerId(), open.producerId());
            check(admin.listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING))).all().get().stream()
                .anyMatch(listed -> listed.transactionalId().equals("watched")));
            producer.commitTransaction();
            until(() -> admin.describeTransactions(List.of("watched")).all().get().get("watched").state() == TransactionState.COMPLETE_COMMIT);
        }
        fails(TransactionalIdNotFoundException.class, () -> admin.describeTransactions(List.of("nobody")).all().get());
    }

    static void cluster() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        equal(1, cluster.nodes().get().size());
        equal(1, cluster.controller().get().id());
        equal(22, cluster.clusterId().get().length());
        create("sized", 1);
        write("sized", 10, Map.of());
        Map<String, LogDirDescription> folders = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
        check(folders.values().stream().anyMatch(folder -> folder.replicaInfos().get(new TopicPartition("sized", 0)).size() > 0));
    }
}
