"""kafka-python against a broker: topics, produce with each codec, consume from beginning, end, offset and
time, byte for byte.   check.py BOOTSTRAP TOPIC-PREFIX
Prints "ok …" or "FAILED …" lines."""
import sys

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from common import START, Report, records

BOOT, PREFIX = sys.argv[1], sys.argv[2]
report = Report(f"kafka-python {kafka.__version__}")


def consumer(**more):
    return KafkaConsumer(bootstrap_servers=BOOT, auto_offset_reset="earliest", group_id=None,
                         enable_auto_commit=False, consumer_timeout_ms=8000, **more)


def read_all(c, partitions):
    """Everything from the positions up to the end, by partition."""
    ends = c.end_offsets(partitions)
    got = {p: [] for p in partitions}
    left = {p for p in partitions if c.position(p) < ends[p]}
    for r in c if left else ():
        p = TopicPartition(r.topic, r.partition)
        got[p].append(r)
        if r.offset + 1 >= ends[p]:
            left.discard(p)
        if not left:
            break
    return got


def check(codec):
    topic = f"{PREFIX}-{codec or 'none'}"
    admin = KafkaAdminClient(bootstrap_servers=BOOT)
    admin.create_topics([NewTopic(topic, 3, 1)])
    producer = KafkaProducer(bootstrap_servers=BOOT, acks="all", compression_type=codec, linger_ms=20)
    sent = {}
    futures = []
    for i, (key, value, headers, time) in enumerate(records(codec or "none")):
        futures.append((i, producer.send(topic, value=value, key=key, headers=headers, timestamp_ms=time)))
        sent[i] = (key, value, headers, time)
    where = {}
    for i, future in futures:
        m = future.get(timeout=20)
        where[(m.partition, m.offset)] = i
    producer.close()
    report(f"{codec}: {len(where)} records have places of their own", len(where) == 60, where)

    c = consumer()
    partitions = [TopicPartition(topic, p) for p in range(3)]
    c.assign(partitions)
    c.seek_to_beginning()
    got = read_all(c, partitions)
    wrong = [r for rs in got.values() for r in rs
             if (r.key, r.value, list(r.headers), r.timestamp) != sent[where[(r.partition, r.offset)]]]
    count = sum(len(rs) for rs in got.values())
    report(f"{codec}: from the beginning, byte for byte", count == 60 and not wrong, (count, wrong[:1]))
    homes = {}
    for rs in got.values():
        for r in rs:
            if r.key:
                homes.setdefault(r.key, set()).add(r.partition)
    report(f"{codec}: a key has one partition", all(len(h) == 1 for h in homes.values()), homes)

    full = max(partitions, key=lambda p: len(got[p]))
    c.assign([full])
    c.seek(full, 3)
    again = read_all(c, [full])[full]
    report(f"{codec}: from an offset", [r.offset for r in again] == [r.offset for r in got[full][3:]], again[:1])
    c.seek_to_end(full)
    report(f"{codec}: the end", c.position(full) == len(got[full]), c.position(full))
    found = c.offsets_for_times({full: START + 30_000})[full]
    first = next(r for r in got[full] if r.timestamp >= START + 30_000)
    report(f"{codec}: from a time", (found.offset, found.timestamp) == (first.offset, first.timestamp), found)
    c.close()
    admin.delete_topics([topic])
    admin.close()


for codec in (None, "gzip", "snappy", "lz4", "zstd"):
    try:
        check(codec)
    except Exception as problem:  # A client's own error is a result like any other.
        report(f"{codec}", False, repr(problem))
sys.exit(report.failed)
