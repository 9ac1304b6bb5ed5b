# kafka-python against the broker that is named: a hundred records out, the same back through a consumer group.
import sys
from kafka import KafkaConsumer, KafkaProducer

bootstrap = sys.argv[1]
producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type="gzip")
for number in range(100):
    producer.send("from-python", key=b"%d" % (number % 3), value=b"%d" % number)
producer.flush(20)
producer.close()

consumer = KafkaConsumer("from-python", bootstrap_servers=bootstrap, group_id="python", auto_offset_reset="earliest", consumer_timeout_ms=20000)
read = []
for record in consumer:
    read.append(int(record.value))
    if len(read) == 100:
        break
consumer.commit()
consumer.close()
print(f"{len(read)} records, {min(read)} to {max(read)}")
