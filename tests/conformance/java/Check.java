// The Java client against a broker: topics, produce with each codec, consume from beginning, end, offset and time,
// byte for byte; configurations; deletion of records.   java -cp 'LIB/*' Check.java BOOTSTRAP TOPIC-PREFIX
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

public class Check {
    static final long START = 1700000000000L;
    static boolean failed = false;
    static String boot;

    static void report(String what, boolean fine, Object detail) {
        failed |= !fine;
        System.out.println(fine ? "ok java " + what : "FAILED java " + what + ": " + detail);
    }

    static List<ConsumerRecord<byte[], byte[]>> read(KafkaConsumer<byte[], byte[]> consumer, int want) {
        List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
        long limit = System.currentTimeMillis() + 8000;
        while (got.size() < want && System.currentTimeMillis() < limit)
            for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(200))) got.add(r);
        return got;
    }

    static void check(Admin admin, String topic, String codec) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1).configs(Map.of("retention.ms", "-1")))).all().get();
        Map<Long, ProducerRecord<byte[], byte[]>> sent = new HashMap<>();
        Map<String, Object> settings = Map.of("bootstrap.servers", boot, "compression.type", codec, "linger.ms", 20);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            Random random = new Random(5);
            for (int i = 0; i < 60; i++) {
                byte[] value = new byte[random.nextInt(2000)];
                random.nextBytes(value);
                byte[] key = i % 2 == 0 ? ("key-" + random.nextInt(7)).getBytes() : null;
                ProducerRecord<byte[], byte[]> r = new ProducerRecord<>(topic, null, START + 1000L * i, key, value,
                    List.of(new RecordHeader("n", ("" + i).getBytes())));
                sent.put(r.timestamp(), r);
                producer.send(r);
            }
            producer.flush();
        }
        List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1), new TopicPartition(topic, 2));
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", boot), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<byte[], byte[]>> got = read(consumer, 60);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long wrong = got.stream().filter(r -> {
                ProducerRecord<byte[], byte[]> s = sent.get(r.timestamp());
                return s == null || !Arrays.equals(s.key(), r.key()) || !Arrays.equals(s.value(), r.value()) || !s.headers().equals(r.headers());
            }).count();
            report(codec + ": from the beginning, byte for byte", got.size() == 60 && wrong == 0, got.size() + " read, " + wrong + " wrong");
            TopicPartition best = Collections.max(partitions, Comparator.comparing(ends::get));
            consumer.assign(List.of(best));
            consumer.seek(best, 3);
            List<ConsumerRecord<byte[], byte[]>> again = read(consumer, (int) (ends.get(best) - 3));
            report(codec + ": from an offset", again.size() == ends.get(best) - 3 && again.get(0).offset() == 3, again.size());
            consumer.seekToEnd(List.of(best));
            report(codec + ": the end", consumer.position(best) == ends.get(best), consumer.position(best));
            OffsetAndTimestamp at = consumer.offsetsForTimes(Map.of(best, START + 30000)).get(best);
            consumer.seek(best, at.offset());
            report(codec + ": from a time", at.timestamp() >= START + 30000 && read(consumer, 1).get(0).timestamp() == at.timestamp(), at);
            admin.deleteRecords(Map.of(best, RecordsToDelete.beforeOffset(4))).all().get();
            report(codec + ": records before an offset deleted", consumer.beginningOffsets(List.of(best)).get(best) == 4, consumer.beginningOffsets(List.of(best)));
        }
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
        report(codec + ": partitions added", admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() == 5, "");
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry("retention.bytes", "12345"), AlterConfigOp.OpType.SET)))).all().get();
        Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        report(codec + ": configuration", config.get("retention.bytes").value().equals("12345") && config.get("retention.ms").value().equals("-1"), config);
        admin.deleteTopics(List.of(topic)).all().get();
        report(codec + ": deleted", !admin.listTopics().names().get().contains(topic), "");
    }

    public static void main(String[] args) throws Exception {
        boot = args[0];
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", boot))) {
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                try {
                    check(admin, args[1] + "-" + codec, codec);
                } catch (Exception problem) {
                    report(codec, false, problem);
                }
            }
        }
        System.exit(failed ? 1 : 0);
    }
}
