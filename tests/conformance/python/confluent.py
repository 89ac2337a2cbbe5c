"""The newest librdkafka, by confluent-kafka, against a broker: all topics listed, idempotent producing with each
codec, consuming from beginning, end, offset and time, settings.   confluent.py BOOTSTRAP TOPIC-PREFIX
Prints "ok …" or "FAILED …" lines."""
import sys

import confluent_kafka
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic,
                                   ResourceType)

from common import START, Report, records

BOOT, PREFIX = sys.argv[1], sys.argv[2]
report = Report(f"librdkafka {confluent_kafka.libversion()[0]}")


def read(consumer, partition, offset, end):
    """The records of one partition from an offset up to an end."""
    consumer.assign([TopicPartition(partition.topic, partition.partition, offset)])
    got = []
    while not got or got[-1].offset() + 1 < end:
        message = consumer.poll(8)
        if message is None or message.error():
            break
        got.append(message)
    consumer.unassign()
    return got


def check(codec, admin):
    topic = f"{PREFIX}-{codec}"
    admin.create_topics([NewTopic(topic, 3, 1)])[topic].result(20)
    report(f"{codec}: is among all topics", topic in admin.list_topics(timeout=20).topics)
    producer = Producer({"bootstrap.servers": BOOT, "enable.idempotence": True, "compression.type": codec,
                         "linger.ms": 20, "partitioner": "murmur2_random"})
    sent, where, lost = list(records(codec)), {}, []
    for i, (key, value, headers, time) in enumerate(sent):
        def told(error, message, i=i):
            if error:
                lost.append(error)
            else:
                where[(message.partition(), message.offset())] = i
        producer.produce(topic, value, key, headers=headers, timestamp=time, on_delivery=told)
    producer.flush(20)
    report(f"{codec}: 60 records have places of their own", len(where) == 60 and not lost, (len(where), lost[:1]))

    consumer = Consumer({"bootstrap.servers": BOOT, "group.id": "none", "enable.auto.commit": False,
                         "auto.offset.reset": "earliest"})
    got, wrong = {}, []
    for p in range(3):
        place = TopicPartition(topic, p)
        low, high = consumer.get_watermark_offsets(place, timeout=20)
        got[p] = read(consumer, place, low, high) if high > low else []
        wrong += [m for m in got[p]
                  if (m.key(), m.value(), m.headers(), m.timestamp()[1]) != sent[where[(p, m.offset())]]]
    count = sum(len(messages) for messages in got.values())
    report(f"{codec}: from the beginning, byte for byte", count == 60 and not wrong, (count, wrong[:1]))
    full = max(got, key=lambda p: len(got[p]))
    place, end = TopicPartition(topic, full), len(got[full])
    again = [m.offset() for m in read(consumer, place, 3, end)]
    report(f"{codec}: from an offset", again == list(range(3, end)), again)
    report(f"{codec}: the end", consumer.get_watermark_offsets(place, timeout=20) == (0, end))
    found = consumer.offsets_for_times([TopicPartition(topic, full, START + 30_000)], timeout=20)[0].offset
    first = next(m.offset() for m in got[full] if m.timestamp()[1] >= START + 30_000)
    report(f"{codec}: from a time", found == first, (found, first))
    consumer.close()
    admin.delete_topics([topic])[topic].result(20)


def changed(admin, broker, operation):
    """What the broker then says of log.retention.ms."""
    change = ConfigResource(ResourceType.BROKER, str(broker), incremental_configs=[
        ConfigEntry("log.retention.ms", "7200000", incremental_operation=operation)])
    admin.incremental_alter_configs([change])[change].result(20)
    asked = ConfigResource(ResourceType.BROKER, str(broker))
    return admin.describe_configs([asked])[asked].result(20)["log.retention.ms"].value


def settings(admin):
    """Of each broker, by itself; afterwards they are as they were."""
    for broker in admin.list_topics(timeout=20).brokers:
        value = changed(admin, broker, AlterConfigOpType.SET)
        report(f"settings of broker {broker} change", value == "7200000", value)
        value = changed(admin, broker, AlterConfigOpType.DELETE)
        report(f"settings of broker {broker} are taken back", value != "7200000", value)


admin = AdminClient({"bootstrap.servers": BOOT})
for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
    try:
        check(codec, admin)
    except Exception as problem:  # A client's own error is a result like any other.
        report(codec, False, repr(problem))
try:
    settings(admin)
except Exception as problem:
    report("settings", False, repr(problem))
sys.exit(report.failed)
