import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.StreamsConfig.InternalConfig;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.*;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.ProcessorMetadata;
import org.apache.kafka.streams.processor.internals.TopicPartitionMetadata;
import org.apache.kafka.streams.state.*;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Runs topologies in Kafka Streams' TopologyTestDriver. Each line of standard input is a request, each line of standard output its answer, both JSON.
 *
 * request: {"topology": ["a = stream in", "to a out"], "runs": [[[topic, key, value, timestamp], ...], ...]}
 * answer:  {"describe": text, "runs": [{"outputs": [[number of the input, topic, key, value, timestamp, headers], ...], "changelogs": {topic: {key: [value, timestamp]}}}]}
 *          or {"error": text}
 * request: {"commit": metadata of a commit, "time": partition time}
 * answer:  {"time": what the metadata says, "metadata": what says the partition time}
 *
 * Bytes travel as Latin-1 text. Each input has one header, its number. A topology is a line per operator, "name = operator source... option=value...", whose functions are fixed ones on
 * text; Topologies.cs builds the same from the same lines.
 */
@SuppressWarnings({"unchecked", "rawtypes"})
public class KafkaStreamsDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Serde<String> TEXT = Serdes.String();
    /** What a sink writes: a windowed key as key@start/end. */
    private static final Serde<Object> ANY = Serdes.serdeFrom((topic, data) -> data == null ? null : text(data).getBytes(StandardCharsets.UTF_8), (topic, bytes) -> null);

    private final StreamsBuilder builder = new StreamsBuilder();
    private final Map<String, Object> named = new HashMap<>();

    public static void main(String[] args) throws Exception {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        // Every update comes out, and a window closes with the record that closes it, not once a wall-clock second.
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        config.put(InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_WINDOWED_AGGREGATION, 0L);
        config.put(InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_OUTER_JOIN_SPURIOUS_RESULTS_FIX, 0L);
        config.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int folders = 0;
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            ObjectNode answer = JSON.createObjectNode();
            try {
                JsonNode request = JSON.readTree(line);
                if (request.has("commit")) {
                    answer.put("metadata", new TopicPartitionMetadata(request.get("time").longValue(), new ProcessorMetadata()).encode());
                    answer.put("time", TopicPartitionMetadata.decode(request.get("commit").textValue()).partitionTime());
                    answers.println(JSON.writeValueAsString(answer));
                    continue;
                }
                List<String> topology = new ArrayList<>();
                request.get("topology").forEach(operator -> topology.add(operator.textValue()));
                answer.put("describe", build(topology).describe().toString());
                ArrayNode runs = answer.putArray("runs");
                for (JsonNode inputs : request.get("runs")) {
                    // A folder each: the database of the one before may take a moment to let go of its own.
                    config.put(StreamsConfig.STATE_DIR_CONFIG, args[0] + "/" + ++folders);
                    run(build(topology), config, inputs, runs.addObject());
                }
            } catch (Exception failure) {
                answer.removeAll();
                answer.put("error", failure + (failure.getCause() == null ? "" : ": " + failure.getCause()));
            }
            answers.println(JSON.writeValueAsString(answer));
        }
    }

    private static void run(Topology topology, Properties config, JsonNode inputs, ObjectNode answer) {
        ArrayNode outputs = answer.putArray("outputs");
        Map<String, Map<String, Object[]>> changelogs = new TreeMap<>();
        try (TopologyTestDriver driver = new TopologyTestDriver(topology, config)) {
            Map<String, TestInputTopic<String, String>> topics = new HashMap<>();
            Map<String, TestOutputTopic<byte[], byte[]>> written = new TreeMap<>();
            for (int i = 0; i < inputs.size(); i++) {
                JsonNode input = inputs.get(i);
                topics.computeIfAbsent(input.get(0).textValue(), topic -> driver.createInputTopic(topic, TEXT.serializer(), TEXT.serializer()))
                    .pipeInput(new TestRecord<>(input.get(1).textValue(), input.get(2).textValue(),
                        new RecordHeaders().add("number", Integer.toString(i).getBytes(StandardCharsets.UTF_8)), input.get(3).longValue()));
                for (String topic : driver.producedTopicNames())
                    written.computeIfAbsent(topic, name -> driver.createOutputTopic(name, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
                for (Map.Entry<String, TestOutputTopic<byte[], byte[]>> topic : written.entrySet()) {
                    for (TestRecord<byte[], byte[]> record : topic.getValue().readRecordsToList()) {
                        if (topic.getKey().endsWith("-changelog"))
                            keep(changelogs.computeIfAbsent(topic.getKey(), name -> new TreeMap<>()), topic.getKey(), record);
                        else
                            outputs.addArray().add(i).add(topic.getKey()).add(latin(record.key())).add(latin(record.value())).add(record.timestamp())
                                .add(Stream.of(record.headers().toArray()).map(header -> latin(header.value())).collect(Collectors.joining(",")));
                    }
                }
            }
        }
        answer.set("changelogs", JSON.valueToTree(changelogs));
    }

    /** The last record of a key; the latest one in a changelog of versions. */
    private static void keep(Map<String, Object[]> changelog, String topic, TestRecord<byte[], byte[]> record) {
        Object[] before = changelog.get(latin(record.key()));
        if (before == null || !topic.contains("versioned") || (Long) before[1] <= record.timestamp())
            changelog.put(latin(record.key()), new Object[] {latin(record.value()), record.timestamp()});
    }

    private static Topology build(List<String> lines) {
        KafkaStreamsDriver topology = new KafkaStreamsDriver();
        for (String line : lines) {
            String[] sides = line.split(" = ");
            List<String> words = List.of(sides[sides.length - 1].split(" "));
            Map<String, String> options = words.stream().filter(word -> word.contains("=")).map(word -> word.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
            List<String> arguments = words.stream().skip(1).filter(word -> !word.contains("=")).collect(Collectors.toList());
            Object result = topology.operator(words.get(0), arguments, options);
            if (sides.length == 2)
                topology.named.put(sides[0], result);
        }
        return topology.builder.build();
    }

    private Object operator(String operator, List<String> arguments, Map<String, String> options) {
        switch (operator) {
            case "stream": return builder.stream(arguments, Consumed.with(TEXT, TEXT));
            case "table": return builder.table(arguments.get(0), Consumed.with(TEXT, TEXT), table(options));
        }
        Object source = named.get(arguments.get(0));
        if (source == null)
            throw new IllegalArgumentException("nothing is named " + arguments.get(0));
        List<Object> others = arguments.stream().skip(1).map(named::get).collect(Collectors.toList());
        if (source instanceof KStream && !others.isEmpty() && others.get(0) instanceof KStream && operator.toLowerCase().endsWith("join"))
            return joinStreams(operator, (KStream) source, (KStream) others.get(0), options);
        if (source instanceof KStream && !others.isEmpty() && others.get(0) instanceof KTable)
            return joinTable(operator, (KStream) source, (KTable) others.get(0), options);
        if (source instanceof KStream)
            return stream(operator, (KStream) source, arguments, options);
        if (source instanceof KTable && operator.toLowerCase().endsWith("join"))
            return joinTables(operator, (KTable) source, (KTable) others.get(0), options);
        if (source instanceof KTable)
            return table(operator, (KTable) source, options);
        return grouped(operator, source, options);
    }

    private Object stream(String operator, KStream stream, List<String> arguments, Map<String, String> options) {
        KStream<String, String> texts = stream;
        switch (operator) {
            case "filter": return texts.filter((key, value) -> has(value, options.get("has")));
            case "filterNot": return texts.filterNot((key, value) -> has(value, options.get("has")));
            case "map": return texts.map((key, value) -> KeyValue.pair(letter(value), tag("m", value)));
            case "mapValues": return texts.mapValues(value -> tag(options.get("tag"), value));
            case "flatMap": return texts.flatMap((key, value) -> parts(value).map(part -> KeyValue.pair(letter(value), part)).collect(Collectors.toList()));
            case "flatMapValues": return texts.flatMapValues(value -> parts(value).collect(Collectors.toList()));
            case "selectKey": return texts.selectKey((key, value) -> letter(value));
            case "peek": return texts.peek((key, value) -> { });
            case "merge": return texts.merge((KStream<String, String>) named.get(arguments.get(1)));
            case "process": return texts.process(counter(Long.parseLong(options.get("interval"))), new String[0]);
            case "repartition": return texts.repartition(
                options.containsKey("name") ? Repartitioned.with(TEXT, TEXT).withName(options.get("name")) : Repartitioned.with(TEXT, TEXT));
            case "toTable": return texts.toTable(table(options));
            case "groupByKey": return texts.groupByKey(groups(options));
            case "groupBy": return texts.groupBy((key, value) -> letter(value), groups(options));
            case "split":
                BranchedKStream<String, String> split = options.containsKey("name") ? texts.split(Named.as(options.get("name"))) : texts.split();
                int number = 0;
                for (String has : arguments.subList(1, arguments.size())) {
                    String branch = "." + ++number;
                    split = split.branch((key, value) -> has(value, has), Branched.withConsumer(made -> named.put(arguments.get(0) + branch, made)));
                }
                split.defaultBranch(Branched.withConsumer(made -> named.put(arguments.get(0) + ".0", made)));
                return null;
            case "to":
                Serializer keys = "window".equals(options.get("keys")) ? new TimeWindowedSerializer<>(TEXT.serializer())
                    : "session".equals(options.get("keys")) ? new SessionWindowedSerializer<>(TEXT.serializer()) : ANY.serializer();
                stream.to(arguments.get(1), Produced.with(Serdes.serdeFrom(keys, ANY.deserializer()), ANY));
                return null;
            default: throw new IllegalArgumentException("a stream has no " + operator);
        }
    }

    private Object table(String operator, KTable table, Map<String, String> options) {
        KTable<String, String> texts = table;
        boolean stored = options.containsKey("store");
        switch (operator) {
            case "filter": return stored ? texts.filter((key, value) -> has(value, options.get("has")), table(options)) : texts.filter((key, value) -> has(value, options.get("has")));
            case "filterNot": return texts.filterNot((key, value) -> has(value, options.get("has")));
            case "mapValues": return stored ? texts.mapValues(value -> tag(options.get("tag"), value), table(options)) : texts.mapValues(value -> tag(options.get("tag"), value));
            case "toStream": return table.toStream();
            case "groupBy": return texts.groupBy((key, value) -> KeyValue.pair(letter(value), value), groups(options));
            case "suppress":
                if (!options.containsKey("limit"))
                    return table.suppress((Suppressed) Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()));
                Suppressed.BufferConfig buffer = options.containsKey("max")
                    ? Suppressed.BufferConfig.maxRecords(Long.parseLong(options.get("max"))).emitEarlyWhenFull() : Suppressed.BufferConfig.unbounded();
                return table.suppress(Suppressed.untilTimeLimit(time(options, "limit"), buffer));
            default: throw new IllegalArgumentException("a table has no " + operator);
        }
    }

    private Object grouped(String operator, Object group, Map<String, String> options) {
        if (operator.equals("windows")) {
            TimeWindows windows = TimeWindows.ofSizeAndGrace(time(options, "size"), time(options, "grace"));
            if (options.containsKey("advance"))
                windows = windows.advanceBy(time(options, "advance"));
            return ((KGroupedStream) group).windowedBy(windows).emitStrategy(emit(options));
        }
        if (operator.equals("sliding"))
            return ((KGroupedStream) group).windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(time(options, "size"), time(options, "grace"))).emitStrategy(emit(options));
        if (operator.equals("sessions"))
            return ((KGroupedStream) group).windowedBy(SessionWindows.ofInactivityGapAndGrace(time(options, "size"), time(options, "grace"))).emitStrategy(emit(options));
        Materialized kept = options.containsKey("store") ? Materialized.as(options.get("store")) : Materialized.with(TEXT, null);
        kept = kept.withKeySerde(TEXT).withValueSerde(operator.equals("count") ? Serdes.Long() : TEXT);
        // count(Materialized) without a name leaves a number out in names, count() does not: ours is the latter.
        boolean bare = !options.containsKey("store");
        if (options.containsKey("retention"))
            kept = kept.withRetention(time(options, "retention"));
        ValueMapper<Long, String> number = count -> count == null ? null : count.toString();
        Reducer<String> add = (total, value) -> has(value, options.get("clear")) ? null : total + value;
        Reducer<String> subtract = (total, value) -> total + "-" + value;
        Initializer<String> empty = () -> "<";
        Aggregator<String, String, String> adder = (key, value, total) -> has(value, options.get("clear")) ? null : total + value;
        Aggregator<String, String, String> subtractor = (key, value, total) -> total + "-" + value;
        Merger<String, String> merger = (key, one, other) -> one + "&" + other;
        if (group instanceof KGroupedStream) {
            KGroupedStream<String, String> stream = (KGroupedStream) group;
            return operator.equals("count") ? (bare ? stream.count() : stream.count(kept)).mapValues(number) : operator.equals("reduce") ? stream.reduce(add, kept) : stream.aggregate(empty, adder, kept);
        }
        if (group instanceof KGroupedTable) {
            KGroupedTable<String, String> table = (KGroupedTable) group;
            return operator.equals("count") ? (bare ? table.count() : table.count(kept)).mapValues(number)
                : operator.equals("reduce") ? table.reduce(add, subtract, kept) : table.aggregate(empty, adder, subtractor, kept);
        }
        if (group instanceof SessionWindowedKStream) {
            SessionWindowedKStream<String, String> sessions = (SessionWindowedKStream) group;
            return operator.equals("count") ? (bare ? sessions.count() : sessions.count(kept)).mapValues(number)
                : operator.equals("reduce") ? sessions.reduce(add, kept) : sessions.aggregate(empty, adder, merger, kept);
        }
        TimeWindowedKStream<String, String> windowed = (TimeWindowedKStream) group;
        return operator.equals("count") ? (bare ? windowed.count() : windowed.count(kept)).mapValues(number) : operator.equals("reduce") ? windowed.reduce(add, kept) : windowed.aggregate(empty, adder, kept);
    }

    private static Object joinStreams(String operator, KStream left, KStream right, Map<String, String> options) {
        JoinWindows windows = JoinWindows.ofTimeDifferenceAndGrace(time(options, "size"), time(options, "grace"));
        if (options.containsKey("before"))
            windows = windows.before(time(options, "before"));
        if (options.containsKey("after"))
            windows = windows.after(time(options, "after"));
        StreamJoined joined = StreamJoined.with(TEXT, TEXT, TEXT);
        if (options.containsKey("name"))
            joined = joined.withName(options.get("name"));
        if (options.containsKey("store"))
            joined = joined.withStoreName(options.get("store"));
        return operator.equals("join") ? left.join(right, JOINER, windows, joined)
            : operator.equals("leftJoin") ? left.leftJoin(right, JOINER, windows, joined) : left.outerJoin(right, JOINER, windows, joined);
    }

    private static Object joinTable(String operator, KStream stream, KTable table, Map<String, String> options) {
        Joined joined = Joined.with(TEXT, TEXT, TEXT);
        if (options.containsKey("name"))
            joined = joined.withName(options.get("name"));
        if (options.containsKey("grace"))
            joined = joined.withGracePeriod(time(options, "grace"));
        return operator.equals("join") ? stream.join(table, JOINER, joined) : stream.leftJoin(table, JOINER, joined);
    }

    private static Object joinTables(String operator, KTable left, KTable right, Map<String, String> options) {
        Materialized kept = table(options);
        boolean stored = options.containsKey("store");
        switch (operator) {
            case "join": return stored ? left.join(right, JOINER, kept) : left.join(right, JOINER);
            case "leftJoin": return stored ? left.leftJoin(right, JOINER, kept) : left.leftJoin(right, JOINER);
            default: return stored ? left.outerJoin(right, JOINER, kept) : left.outerJoin(right, JOINER);
        }
    }

    private static Materialized table(Map<String, String> options) {
        if (options.containsKey("versioned"))
            return ((Materialized) Materialized.as(Stores.persistentVersionedKeyValueStore(options.get("store"), time(options, "versioned"))))
                .withKeySerde(TEXT).withValueSerde(TEXT);
        Materialized<String, String, KeyValueStore<Bytes, byte[]>> kept = options.containsKey("store") ? Materialized.as(options.get("store")) : Materialized.with(TEXT, TEXT);
        return kept.withKeySerde(TEXT).withValueSerde(TEXT);
    }

    private static Grouped groups(Map<String, String> options) {
        return options.containsKey("name") ? Grouped.with(options.get("name"), TEXT, TEXT) : Grouped.with(TEXT, TEXT);
    }

    private static EmitStrategy emit(Map<String, String> options) {
        return "close".equals(options.get("emit")) ? EmitStrategy.onWindowClose() : EmitStrategy.onWindowUpdate();
    }

    private static Duration time(Map<String, String> options, String name) {
        return Duration.ofMillis(Long.parseLong(options.get(name)));
    }

    /** Counts each key's records in a store and sends the counts each time an interval of stream time has passed. */
    private static ProcessorSupplier<String, String, String, String> counter(long interval) {
        return new ProcessorSupplier<>() {
            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("counter"), TEXT, Serdes.Long()));
            }

            @Override
            public Processor<String, String, String, String> get() {
                return new ContextualProcessor<>() {
                    private KeyValueStore<String, Long> store;

                    @Override
                    public void init(ProcessorContext<String, String> context) {
                        super.init(context);
                        store = context.getStateStore("counter");
                        context.schedule(Duration.ofMillis(interval), PunctuationType.STREAM_TIME, now -> {
                            try (KeyValueIterator<String, Long> all = store.all()) {
                                all.forEachRemaining(entry -> context.forward(new Record<>(entry.key, entry.value.toString(), now)));
                            }
                        });
                    }

                    @Override
                    public void process(Record<String, String> record) {
                        Long count = store.get(record.key());
                        store.put(record.key(), count == null ? 1 : count + 1);
                    }
                };
            }
        };
    }

    // The functions, on values like "b17".

    private static final ValueJoiner<Object, Object, String> JOINER = (left, right) -> left + "," + right;

    private static boolean has(String value, String part) {
        return value != null && part != null && value.contains(part);
    }

    private static String letter(String value) {
        return value == null ? "none" : value.substring(0, 1);
    }

    private static String tag(String tag, String value) {
        return value == null ? null : value + tag;
    }

    private static Stream<String> parts(String value) {
        return value == null || value.endsWith("0") ? Stream.of() : Stream.of(value, value + "'");
    }

    private static String text(Object data) {
        if (!(data instanceof Windowed))
            return data.toString();
        Windowed<?> windowed = (Windowed<?>) data;
        return windowed.key() + "@" + windowed.window().start() + "/" + windowed.window().end();
    }

    private static String latin(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
