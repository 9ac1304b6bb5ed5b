# kafka-python, authenticated: three records out, the same back. Arguments: bootstrap, mechanism, user, certificates to trust or nothing; the password is in the environment.
import os
import sys
from kafka import KafkaConsumer, KafkaProducer

bootstrap, mechanism, user, authority = sys.argv[1:]
settings = dict(
    bootstrap_servers=bootstrap,
    security_protocol="SASL_SSL" if authority else "SASL_PLAINTEXT",
    ssl_cafile=authority or None,
    sasl_mechanism=mechanism,
    sasl_plain_username=user,
    sasl_plain_password=os.environ["SASL_PASSWORD"],
)
topic = "python-" + mechanism
producer = KafkaProducer(acks="all", **settings)
for number in range(3):
    producer.send(topic, b"%d" % number)
producer.flush(20)
producer.close()
consumer = KafkaConsumer(topic, auto_offset_reset="earliest", consumer_timeout_ms=20000, **settings)
print(",".join(next(consumer).value.decode() for _ in range(3)))
consumer.close()
