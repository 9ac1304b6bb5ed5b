# kafka-python against the broker that is named: client.py BOOTSTRAP. Prints one line for each thing that it did.
import sys
import threading
import time
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import TopicAlreadyExistsError

bootstrap = sys.argv[1]
bound = 20
admin = KafkaAdminClient(bootstrap_servers=bootstrap)


def consumer(group, **settings):
    return KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, heartbeat_interval_ms=200, **settings)


def take(member, read):
    for records in member.poll(timeout_ms=50).values():
        read.extend(int(record.value) for record in records)


def until(condition, what):
    end = time.monotonic() + bound
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.005)


for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
    topic = f"python-{codec}"
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type=codec, linger_ms=20)
    for number in range(100):
        producer.send(topic, key=b"%d" % (number % 3), value=b"%d" % number, headers=[("codec", b"here")])
    producer.flush(bound)
    producer.close()
    member = consumer(topic)
    member.subscribe([topic])
    read = []
    until(lambda: take(member, read) or len(read) >= 100, f"{codec}: {len(read)} records")
    member.commit()
    member.close()
    print(f"{codec}: {len(read)} records, {min(read)} to {max(read)}")

admin.create_topics([NewTopic("python-shared", 4, 1)])
producer = KafkaProducer(bootstrap_servers=bootstrap)
for number in range(40):
    producer.send("python-shared", partition=number % 4, value=b"%d" % number)
producer.flush(bound)
producer.close()


class Member(threading.Thread):
    """A consumer in a thread of its own: joining a group blocks it until the others have joined."""

    def __init__(self, assignor):
        super().__init__(daemon=True)
        self.assignor, self.read, self.share, self.leave = assignor, [], 0, threading.Event()
        self.start()

    def run(self):
        member = consumer(f"python-{self.assignor.name}", partition_assignment_strategy=[self.assignor])
        member.subscribe(["python-shared"])
        while not self.leave.is_set():
            take(member, self.read)
            member.commit()
            self.share = len(member.assignment())
        member.close()


for assignor in [RangePartitionAssignor, RoundRobinPartitionAssignor]:
    first, second = Member(assignor), Member(assignor)
    until(lambda: len(set(first.read + second.read)) == 40 and first.share == second.share == 2, assignor.name)
    first.leave.set()
    until(lambda: second.share == 4, f"{assignor.name} after one left")
    second.leave.set()
    first.join(bound)
    second.join(bound)
    print(f"{assignor.name}: {len(set(first.read + second.read))} records")

try:
    admin.create_topics([NewTopic("python-shared", 1, 1)])
    print("made twice")
except TopicAlreadyExistsError:
    print("made once")
admin.create_topics([NewTopic("python-administered", 1, 1)])
admin.create_partitions({"python-administered": NewPartitions(3)})
topic = ConfigResource(ConfigResourceType.TOPIC, "python-administered", {"retention.ms": "1000000"})
admin.alter_configs([topic])
configs = {entry[0]: entry[1] for entry in admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "python-administered")])[0].resources[0][4]}
partitions = len(admin.describe_topics(["python-administered"])[0]["partitions"])
groups = [name for name, _ in admin.list_consumer_groups()]
described = admin.describe_consumer_groups(["python-range"])[0]
offsets = admin.list_consumer_group_offsets("python-range")
print(f"retention {configs['retention.ms']}, {partitions} partitions, {'python-range' in groups}, {described.state}, {sum(offset.offset for offset in offsets.values())} committed")
lookup = consumer(None)
shared = TopicPartition("python-shared", 1)
print(f"offsets {lookup.beginning_offsets([shared])[shared]} {lookup.end_offsets([shared])[shared]} {lookup.offsets_for_times({shared: 0})[shared].offset}")
lookup.close()
admin.delete_consumer_groups(["python-range"])
admin.delete_topics(["python-administered"])
print(f"gone {'python-administered' not in admin.list_topics()} {'python-range' not in [name for name, _ in admin.list_consumer_groups()]}")
admin.close()
