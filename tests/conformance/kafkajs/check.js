// kafkajs against a broker: topics, produce with each codec, fetch from beginning, offset and time, byte for byte.
//   node check.js BOOTSTRAP TOPIC-PREFIX
// kafkajs consumes through a group only, so records are fetched with its own cluster layer.
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs');
const crypto = require('crypto');
const [, , boot, prefix] = process.argv;
const START = 1700000000000;
let failed = false;

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');
const lz4 = require('lz4-napi');
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
});
const zstd = new Promise((ready) => require('zstd-codec').ZstdCodec.run((codec) => ready(new codec.Simple())));
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from((await zstd).compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from((await zstd).decompress(buffer)),
});

function report(what, fine, detail) {
  failed = failed || !fine;
  console.log(fine ? `ok kafkajs ${what}` : `FAILED kafkajs ${what}: ${detail}`);
}

function bytes(seed, count) {
  let out = Buffer.alloc(0);
  for (let i = 0; out.length < count; i++) {
    out = Buffer.concat([out, crypto.createHash('sha256').update(`${seed}/${i}`).digest()]);
  }
  return out.subarray(0, count);
}

async function fetchFrom(cluster, topic, partition, offset) {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  const broker = await cluster.findBroker({ nodeId });
  const out = [];
  for (;;) {
    const answer = await broker.fetch({ maxWaitTime: 200, minBytes: 1, maxBytes: 10485760, isolationLevel: 0,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 1048576 }] }] });
    const part = answer.responses[0].partitions[0];
    const fresh = part.messages.filter((m) => Number(m.offset) >= offset);
    if (fresh.length === 0) return out;
    out.push(...fresh);
    offset = Number(fresh[fresh.length - 1].offset) + 1;
  }
}

async function check(kafka, cluster, name, compression) {
  const topic = `${prefix}-${name}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 3 }] });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const messages = [];
  for (let i = 0; i < 60; i++) {
    messages.push({ key: i % 2 ? null : `key-${i % 7}`, value: bytes(`${name}${i}`, (i * 37) % 2000),
      headers: { n: String(i) }, timestamp: String(START + 1000 * i) });
  }
  await producer.send({ topic, compression, messages });
  await producer.disconnect();
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const byTime = new Map(messages.map((m) => [m.timestamp, m]));
  let count = 0;
  let wrong = 0;
  let all = [];
  for (let p = 0; p < 3; p++) {
    const got = await fetchFrom(cluster, topic, p, 0);
    for (const m of got) {
      const sent = byTime.get(m.timestamp);
      count++;
      const key = sent && sent.key === null ? m.key === null : sent && m.key && m.key.toString() === sent.key;
      if (!sent || !key || !m.value.equals(sent.value) || m.headers.n.toString() !== sent.headers.n) wrong++;
    }
    if (got.length > all.length) all = got.map((m) => ({ ...m, p }));
  }
  report(`${name}: from the beginning, byte for byte`, count === 60 && wrong === 0, `${count} read, ${wrong} wrong`);
  const p = all[0].p;
  const again = await fetchFrom(cluster, topic, p, 3);
  report(`${name}: from an offset`, again.length === all.length - 3 && Number(again[0].offset) === 3, again.length);
  const ends = await admin.fetchTopicOffsets(topic);
  report(`${name}: the end`, Number(ends.find((e) => e.partition === p).high) === all.length, JSON.stringify(ends));
  const times = await admin.fetchTopicOffsetsByTimestamp(topic, START + 30000);
  const first = all.find((m) => Number(m.timestamp) >= START + 30000);
  report(`${name}: from a time`, times.find((e) => e.partition === p).offset === first.offset, JSON.stringify(times));
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}

async function clusterOf() {
  const { createLogger } = require('kafkajs/src/loggers');
  const Cluster = require('kafkajs/src/cluster');
  const logger = createLogger({ level: logLevel.NOTHING, logCreator: require('kafkajs/src/loggers/console') });
  const cluster = new Cluster({ logger, socketFactory: require('kafkajs/src/network/socketFactory')(), brokers: [boot],
    clientId: 'conformance', connectionTimeout: 3000, authenticationTimeout: 3000, reauthenticationThreshold: 1000,
    requestTimeout: 30000, metadataMaxAge: 300000, allowAutoTopicCreation: false, maxInFlightRequests: null,
    isolationLevel: 0, offsets: new Map() });
  await cluster.connect();
  return cluster;
}

(async () => {
  const kafka = new Kafka({ clientId: 'conformance', brokers: [boot], logLevel: logLevel.NOTHING });
  const codecs = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy,
    lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD };
  for (const [name, compression] of Object.entries(codecs)) {
    try {
      const cluster = await clusterOf();
      await check(kafka, cluster, name, compression);
      await cluster.disconnect();
    } catch (problem) {
      report(name, false, problem.stack.split('\n').slice(0, 3).join(' '));
    }
  }
  process.exit(failed ? 1 : 0);
})();
