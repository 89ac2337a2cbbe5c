// What the Java client is told in some hundred situations, one line each, so that two brokers can be compared:
//   java -cp 'LIB/*' Answers.java BOOTSTRAP TOPIC-PREFIX            prints "situation: answer" lines
//   java -cp 'LIB/*' Answers.java BOOTSTRAP TOPIC-PREFIX FILE ...   compares them with files of such lines; later files win
// answers.txt is what Apache Kafka 4.3.1 answered, differences.txt what Trialog answers otherwise, and why. The broker
// has node id 1 and no topics, and nothing is set but its listeners and its directory.
import java.nio.file.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

public class Answers {
    static String boot, prefix;
    static Map<String, String> expected;
    static boolean failed = false;
    static int next = 0, count = 0;
    static Admin admin;

    interface Situation { Object ask() throws Exception; }

    static String text(Throwable problem) {
        Throwable cause = problem;
        while (cause instanceof ExecutionException && cause.getCause() != null) cause = cause.getCause();
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    static void say(String situation, Situation body) {
        String answer;
        try {
            answer = String.valueOf(body.ask());
        } catch (Throwable problem) {
            answer = text(problem);
        }
        answer = answer.replace(boot, "BOOT").replace(prefix, "PREFIX").replace("\n", " ");
        if (expected == null) {
            System.out.println(situation + ": " + answer);
            return;
        }
        String wanted = expected.remove(situation);
        boolean fine = answer.equals(wanted);
        failed |= !fine;
        count++;
        if (!fine) System.out.println("FAILED answers " + situation + ": expected '" + wanted + "', found '" + answer + "'");
    }

    static String topic() { return prefix + "-" + next++; }

    static String created(int partitions) throws Exception {
        String name = topic();
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
        return name;
    }

    static Map<String, Object> with(Object... more) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", boot));
        for (int i = 0; i < more.length; i += 2) settings.put((String) more[i], more[i + 1]);
        return settings;
    }

    static Producer<byte[], byte[]> producer(Object... more) {
        return new KafkaProducer<>(with(more), new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(Object... more) {
        return new KafkaConsumer<>(with(more), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static List<ConsumerRecord<byte[], byte[]>> read(KafkaConsumer<byte[], byte[]> c, int want) {
        List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
        long limit = System.currentTimeMillis() + 5000;
        while (got.size() < want && System.currentTimeMillis() < limit)
            for (ConsumerRecord<byte[], byte[]> r : c.poll(Duration.ofMillis(100))) got.add(r);
        return got;
    }

    static String values(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(r -> r.partition() + "/" + r.offset() + "=" + (r.value() == null ? "null" : new String(r.value()))).collect(Collectors.joining(" "));
    }

    static byte[] bytes(String text) { return text.getBytes(); }

    public static class Modulo implements Partitioner {
        public void configure(Map<String, ?> settings) {}
        public void close() {}
        public int partition(String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes, Cluster cluster) {
            return (keyBytes[0] - '0') % cluster.partitionCountForTopic(topic);
        }
    }

    static void topics() {
        String name = topic();
        say("create a topic", () -> {
            CreateTopicsResult r = admin.createTopics(List.of(new NewTopic(name, 2, (short) 1).configs(Map.of("retention.ms", "1000", "cleanup.policy", "compact"))));
            Config config = r.config(name).get();
            return r.numPartitions(name).get() + " " + r.replicationFactor(name).get() + " " + !r.topicId(name).get().equals(Uuid.ZERO_UUID) + " "
                + config.entries().stream().sorted(Comparator.comparing(ConfigEntry::name)).map(e -> e.name() + "=" + e.value() + " " + e.source() + e.isReadOnly() + e.isSensitive()).toList();
        });
        say("create it again", () -> admin.createTopics(List.of(new NewTopic(name, 2, (short) 1))).all().get());
        for (String bad : List.of("", ".", "..", "a b", "a/b", "x".repeat(250), "__cluster_metadata"))
            say("create '" + (bad.length() > 20 ? "x*250" : bad) + "'", () -> admin.createTopics(List.of(new NewTopic(bad, 1, (short) 1))).all().get());
        String dotted = prefix + ".a_b";
        say("create with a dot", () -> admin.createTopics(List.of(new NewTopic(dotted, 1, (short) 1))).all().get());
        say("create what collides", () -> admin.createTopics(List.of(new NewTopic(prefix + "_a.b", 1, (short) 1))).all().get());
        say("no partitions", () -> admin.createTopics(List.of(new NewTopic(topic(), 0, (short) 1))).all().get());
        say("minus two partitions", () -> admin.createTopics(List.of(new NewTopic(topic(), -2, (short) 1))).all().get());
        say("no replicas", () -> admin.createTopics(List.of(new NewTopic(topic(), 1, (short) 0))).all().get());
        say("two replicas", () -> admin.createTopics(List.of(new NewTopic(topic(), 1, (short) 2))).all().get());
        say("20000 partitions", () -> admin.createTopics(List.of(new NewTopic(topic(), 20000, (short) 1))).all().get());
        say("defaults", () -> {
            String n = topic();
            CreateTopicsResult r = admin.createTopics(List.of(new NewTopic(n, Optional.empty(), Optional.empty())));
            return r.numPartitions(n).get() + " " + r.replicationFactor(n).get();
        });
        String[][] configs = {{"no.such.key", "1"}, {"retention.ms", "x"}, {"retention.ms", "-2"}, {"segment.bytes", "13"}, {"segment.bytes", "1048575"},
            {"cleanup.policy", "shred"}, {"cleanup.policy", "compact,delete"}, {"cleanup.policy", ""}, {"compression.type", "rar"}, {"min.insync.replicas", "0"}, {"max.message.bytes", "-1"},
            {"message.timestamp.type", "Yesterday"}, {"unclean.leader.election.enable", "maybe"}, {"compression.zstd.level", "99"}, {"compression.gzip.level", "0"},
            {"local.retention.ms", "99999999999"}, {"remote.storage.enable", "true"}, {"retention.bytes", "9223372036854775808"}, {"segment.ms", "0"}, {"min.compaction.lag.ms", "5"},
            {"max.compaction.lag.ms", "0"}, {"message.format.version", "3.0"}, {"leader.replication.throttled.replicas", "0:1"}, {"leader.replication.throttled.replicas", "x"},
            {"preallocate", "TRUE"}, {"retention.ms", " 5 "}, {"message.timestamp.difference.max.ms", "1"}, {"min.cleanable.dirty.ratio", "1.5"}, {"flush.messages", "0"}, {"index.interval.bytes", "-1"}};
        for (String[] config : configs)
            say("create with " + config[0] + "='" + config[1] + "'", () -> admin.createTopics(List.of(new NewTopic(topic(), 1, (short) 1).configs(Map.of(config[0], config[1])))).all().get());
        say("create with min over max lag", () -> admin.createTopics(List.of(new NewTopic(topic(), 1, (short) 1).configs(Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "5")))).all().get());
        String maybe = topic();
        say("only validate", () -> {
            CreateTopicsResult r = admin.createTopics(List.of(new NewTopic(maybe, 3, (short) 1)), new CreateTopicsOptions().validateOnly(true));
            return r.numPartitions(maybe).get() + " " + admin.listTopics().names().get().contains(maybe);
        });
        say("validate what exists", () -> admin.createTopics(List.of(new NewTopic(name, 3, (short) 1)), new CreateTopicsOptions().validateOnly(true)).all().get());
        String manual = topic();
        say("assignments", () -> {
            admin.createTopics(List.of(new NewTopic(manual, Map.of(0, List.of(1), 1, List.of(1))))).all().get();
            return admin.describeTopics(List.of(manual)).allTopicNames().get().get(manual).partitions().size();
        });
        say("assignment to an unknown broker", () -> admin.createTopics(List.of(new NewTopic(topic(), Map.of(0, List.of(7))))).all().get());
        say("assignment to a broker twice", () -> admin.createTopics(List.of(new NewTopic(topic(), Map.of(0, List.of(1, 1))))).all().get());
        say("assignment with a gap", () -> admin.createTopics(List.of(new NewTopic(topic(), Map.of(1, List.of(1))))).all().get());
        say("assignment of nothing", () -> admin.createTopics(List.of(new NewTopic(topic(), Map.of(0, List.of())))).all().get());
        say("describe", () -> {
            TopicDescription d = admin.describeTopics(List.of(name), new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames().get().get(name);
            return d.name() + " " + d.isInternal() + " " + new TreeSet<>(d.authorizedOperations()) + " " + d.partitions().stream()
                .map(p -> p.partition() + ":" + p.leader().id() + p.replicas().stream().map(Node::id).toList() + p.isr().stream().map(Node::id).toList() + p.elr() + p.lastKnownElr()).toList();
        });
        say("describe in pages", () -> {
            TopicDescription d = admin.describeTopics(TopicCollection.ofTopicNames(List.of(name, manual)), new DescribeTopicsOptions().partitionSizeLimitPerResponse(1)).allTopicNames().get().get(manual);
            return d.partitions().size();
        });
        say("describe by id", () -> {
            Uuid id = admin.describeTopics(List.of(name)).allTopicNames().get().get(name).topicId();
            return admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get().get(id).name();
        });
        say("describe what is not there", () -> admin.describeTopics(List.of(prefix + "-none")).allTopicNames().get());
        say("describe a bad name", () -> admin.describeTopics(List.of("a b")).allTopicNames().get());
        say("describe an unknown id", () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(new Uuid(5, 6)))).allTopicIds().get().size());
        say("list", () -> admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get().containsAll(List.of(name, manual, dotted)));
        say("more partitions", () -> { admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(4, List.of(List.of(1), List.of(1))))).all().get();
            return admin.describeTopics(List.of(manual)).allTopicNames().get().get(manual).partitions().size(); });
        say("fewer partitions", () -> admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(1))).all().get());
        say("as many partitions", () -> admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(4))).all().get());
        say("minus one partitions", () -> admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(-1))).all().get());
        say("partitions of nothing", () -> admin.createPartitions(Map.of(prefix + "-none", NewPartitions.increaseTo(4))).all().get());
        say("partitions with too few assignments", () -> admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(6, List.of(List.of(1))))).all().get());
        say("partitions on unknown brokers", () -> admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(5, List.of(List.of(9))))).all().get());
        say("partitions on two brokers", () -> admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(5, List.of(List.of(1, 2))))).all().get());
        say("only validate partitions", () -> { admin.createPartitions(Map.of(manual, NewPartitions.increaseTo(9)), new CreatePartitionsOptions().validateOnly(true)).all().get();
            return admin.describeTopics(List.of(manual)).allTopicNames().get().get(manual).partitions().size(); });
        say("delete by id", () -> {
            Uuid id = admin.describeTopics(List.of(manual)).allTopicNames().get().get(manual).topicId();
            admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
            return admin.listTopics().names().get().contains(manual);
        });
        say("delete an unknown id", () -> admin.deleteTopics(TopicCollection.ofTopicIds(List.of(new Uuid(5, 6)))).all().get());
        say("delete what is not there", () -> admin.deleteTopics(List.of(prefix + "-none")).all().get());
        say("delete a bad name", () -> admin.deleteTopics(List.of("a b")).all().get());
        say("delete", () -> { admin.deleteTopics(List.of(name)).all().get(); return admin.listTopics().names().get().contains(name); });
    }

    static String shown(ConfigEntry e) {
        return e.name() + "=" + e.value() + " " + e.source() + " " + e.type() + (e.isReadOnly() ? " read-only" : "") + (e.isSensitive() ? " sensitive" : "")
            + e.synonyms().stream().map(s -> s.name() + "=" + s.value() + " " + s.source()).toList();
    }

    /** What one of the brokers that were compared has in its file, so that its default isn't seen there. */
    static final Set<String> SET_IN_ONE = Set.of("advertised.listeners", "broker.id", "controller.listener.names", "controller.quorum.voters",
        "default.replication.factor", "group.initial.rebalance.delay.ms", "min.insync.replicas", "offsets.topic.replication.factor", "process.roles",
        "share.coordinator.state.topic.min.isr", "share.coordinator.state.topic.replication.factor", "transaction.state.log.min.isr", "transaction.state.log.replication.factor");

    static void configs() throws Exception {
        String name = created(1);
        Thread.sleep(500);  // Kafka's broker hears of it a little later.
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        ConfigResource all = new ConfigResource(ConfigResource.Type.BROKER, "");
        say("topic's configuration, names", () -> admin.describeConfigs(List.of(topic)).all().get().get(topic).entries().stream().map(ConfigEntry::name).sorted().toList());
        Config described = admin.describeConfigs(List.of(topic), new DescribeConfigsOptions().includeSynonyms(true)).all().get().get(topic);
        for (ConfigEntry e : described.entries().stream().sorted(Comparator.comparing(ConfigEntry::name)).toList()) say("topic's " + e.name(), () -> shown(e));
        Config own = admin.describeConfigs(List.of(broker), new DescribeConfigsOptions().includeSynonyms(true)).all().get().get(broker);
        for (ConfigEntry e : own.entries().stream().sorted(Comparator.comparing(ConfigEntry::name)).toList())
            if (e.source() == ConfigEntry.ConfigSource.DEFAULT_CONFIG && !SET_IN_ONE.contains(e.name())) say("broker's " + e.name(), () -> shown(e));
        say("all brokers' configuration", () -> admin.describeConfigs(List.of(all)).all().get().get(all).entries());
        say("configuration of an unknown topic", () -> admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, prefix + "-none"))).all().get());
        say("configuration of a bad topic name", () -> admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, "a b"))).all().get());
        Object[][] alters = {{topic, "retention.ms", "77", AlterConfigOp.OpType.SET}, {topic, "retention.ms", "x", AlterConfigOp.OpType.SET}, {topic, "no.such", "1", AlterConfigOp.OpType.SET},
            {topic, "no.such", "", AlterConfigOp.OpType.DELETE}, {topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND}, {topic, "cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT},
            {topic, "retention.ms", "1", AlterConfigOp.OpType.APPEND}, {topic, "retention.ms", "", AlterConfigOp.OpType.DELETE}, {topic, "max.message.bytes", "2000000", AlterConfigOp.OpType.SET},
            {topic, "retention.ms", null, AlterConfigOp.OpType.SET},
            {broker, "log.retention.ms", "88", AlterConfigOp.OpType.SET}, {broker, "log.dirs", "/x", AlterConfigOp.OpType.SET}, {broker, "no.such", "1", AlterConfigOp.OpType.SET},
            {broker, "message.max.bytes", "x", AlterConfigOp.OpType.SET}, {broker, "log.retention.ms", "", AlterConfigOp.OpType.DELETE}, {broker, "num.io.threads", "1000", AlterConfigOp.OpType.SET},
            {broker, "auto.create.topics.enable", "false", AlterConfigOp.OpType.SET}, {broker, "num.partitions", "4", AlterConfigOp.OpType.SET},
            {all, "log.segment.bytes", "2000000", AlterConfigOp.OpType.SET}, {all, "min.insync.replicas", "1", AlterConfigOp.OpType.SET}, {all, "listeners", "PLAINTEXT://:1", AlterConfigOp.OpType.SET}};
        for (Object[] a : alters)
            say("alter " + ((ConfigResource) a[0]).type() + (((ConfigResource) a[0]).name().isEmpty() ? "S" : "") + " " + a[3] + " " + a[1] + "=" + a[2], () -> {
                admin.incrementalAlterConfigs(Map.of((ConfigResource) a[0], List.of(new AlterConfigOp(new ConfigEntry((String) a[1], (String) a[2]), (AlterConfigOp.OpType) a[3])))).all().get();
                if (a[0] == broker) Thread.sleep(400);  // Kafka's broker hears of it a little later.
                Config now = admin.describeConfigs(List.of((ConfigResource) a[0]), new DescribeConfigsOptions().includeSynonyms(true)).all().get().get(a[0]);
                ConfigEntry e = now.get((String) a[1]);
                return e == null ? "none" : shown(e);
            });
        say("topic's segment.bytes then", () -> shown(admin.describeConfigs(List.of(topic), new DescribeConfigsOptions().includeSynonyms(true)).all().get().get(topic).get("segment.bytes")));
        say("all brokers' configuration then", () -> admin.describeConfigs(List.of(all)).all().get().get(all).entries().stream().map(Answers::shown).sorted().toList());
        for (String key : List.of("log.segment.bytes", "min.insync.replicas"))
            say("take back " + key, () -> admin.incrementalAlterConfigs(Map.of(all, List.of(new AlterConfigOp(new ConfigEntry(key, ""), AlterConfigOp.OpType.DELETE)))).all().get());
        say("alter twice in one", () -> admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "1"), AlterConfigOp.OpType.SET),
            new AlterConfigOp(new ConfigEntry("retention.ms", "2"), AlterConfigOp.OpType.SET)))).all().get());
        say("alter an unknown topic", () -> admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, prefix + "-none"),
            List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "1"), AlterConfigOp.OpType.SET)))).all().get());
        say("only validate a configuration", () -> { admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "99"), AlterConfigOp.OpType.SET))), new AlterConfigsOptions().validateOnly(true)).all().get();
            return admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value(); });
    }

    static void cluster() {
        say("cluster", () -> { DescribeClusterResult r = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
            return r.nodes().get().stream().map(n -> n.id() + " " + n.rack() + n.isFenced()).toList() + " " + r.controller().get().id() + " " + (r.clusterId().get().length() == 22) + " " + new TreeSet<>(r.authorizedOperations().get()); });
        say("cluster without operations", () -> admin.describeCluster().authorizedOperations().get());
        say("cluster with fenced brokers", () -> admin.describeCluster(new DescribeClusterOptions().includeFencedBrokers(true)).nodes().get().size());
        say("metadata.version", () -> { FeatureMetadata f = admin.describeFeatures().featureMetadata().get();
            return f.supportedFeatures().containsKey("metadata.version") + " " + f.finalizedFeatures().get("metadata.version") + " " + f.finalizedFeaturesEpoch().isPresent(); });
        say("log directories", () -> { String t = created(2);
            try (var p = producer()) { p.send(new ProducerRecord<>(t, 0, null, bytes("x"))).get(); }
            Map<String, LogDirDescription> d = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
            LogDirDescription one = d.values().iterator().next();
            return d.size() + " " + one.error() + " " + new TreeMap<>(one.replicaInfos().entrySet().stream().filter(e -> e.getKey().topic().equals(t)).collect(Collectors.toMap(e -> e.getKey().partition(), e -> e.getValue().toString())))
                + one.replicaInfos().keySet().stream().anyMatch(k -> k.topic().startsWith("__cluster")) + (one.totalBytes().getAsLong() > one.usableBytes().getAsLong()); });
    }

    static void producing() throws Exception {
        for (String acks : List.of("0", "1", "all"))
            for (boolean idempotent : acks.equals("all") ? new boolean[] {true, false} : new boolean[] {false})
                say("acks=" + acks + (idempotent ? " idempotent" : ""), () -> {
                    String t = created(1);
                    StringBuilder told = new StringBuilder();
                    try (var p = producer("acks", acks, "enable.idempotence", idempotent)) {
                        for (int i = 0; i < 5; i++) told.append(p.send(new ProducerRecord<>(t, 0, 1000L + i, bytes("k"), bytes("v" + i)), (m, e) -> told.append(e == null ? "+" : "-")).get()).append(' ');
                    }
                    try (var c = consumer()) {
                        TopicPartition tp = new TopicPartition(t, 0);
                        c.assign(List.of(tp)); c.seekToBeginning(List.of(tp));
                        return told + values(read(c, 5));
                    }
                });
        say("a partitioner of one's own", () -> {
            String t = created(3);
            List<Integer> places = new ArrayList<>();
            try (var p = producer("partitioner.class", Modulo.class)) {
                for (int i = 0; i < 6; i++) places.add(p.send(new ProducerRecord<>(t, bytes("" + i), bytes("v"))).get().partition());
            }
            return places;
        });
        say("append time", () -> {
            String t = topic();
            admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime")))).all().get();
            try (var p = producer(); var c = consumer()) {
                RecordMetadata m = p.send(new ProducerRecord<>(t, 0, 5L, null, bytes("v"))).get();
                TopicPartition tp = new TopicPartition(t, 0);
                c.assign(List.of(tp)); c.seekToBeginning(List.of(tp));
                ConsumerRecord<byte[], byte[]> r = read(c, 1).get(0);
                return (m.timestamp() == r.timestamp()) + " " + r.timestampType() + (Math.abs(r.timestamp() - System.currentTimeMillis()) < 60000);
            }
        });
        say("too large for the topic", () -> {
            String t = topic();
            admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("max.message.bytes", "1000")))).all().get();
            try (var p = producer()) { return p.send(new ProducerRecord<>(t, 0, null, new byte[2000])).get().offset(); }
        });
        say("too large for the broker", () -> {
            String t = created(1);
            try (var p = producer("max.request.size", 3000000)) { return p.send(new ProducerRecord<>(t, 0, null, new byte[2000000])).get().offset(); }
        });
        say("larger than a segment", () -> {
            String t = topic();
            admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("max.message.bytes", "5000000", "segment.bytes", "1048576")))).all().get();
            try (var p = producer("max.request.size", 5000000)) { return p.send(new ProducerRecord<>(t, 0, null, new byte[2000000])).get().offset(); }
        });
        say("a large batch split", () -> {
            String t = topic();
            admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("max.message.bytes", "3000")))).all().get();
            try (var p = producer("linger.ms", 300, "batch.size", 20000)) {
                List<Future<RecordMetadata>> all = new ArrayList<>();
                for (int i = 0; i < 10; i++) all.add(p.send(new ProducerRecord<>(t, 0, null, new byte[1000])));
                List<Long> offsets = new ArrayList<>();
                for (var f : all) offsets.add(f.get().offset());
                return offsets;
            }
        });
        for (long[] shift : new long[][] {{7200000, 1}, {-7200000, 1}})
            say("a timestamp " + (shift[0] > 0 ? "ahead" : "behind"), () -> {
                String t = topic();
                admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("message.timestamp.before.max.ms", "3600000")))).all().get();
                try (var p = producer()) { return p.send(new ProducerRecord<>(t, 0, System.currentTimeMillis() + shift[0], null, bytes("v"))).get().offset(); }
                catch (ExecutionException e) { return e.getCause().getClass().getSimpleName() + ": " + e.getCause().getMessage().replaceAll("[0-9]{13}", "N"); }
            });
        say("no key in a compacted topic", () -> {
            String t = topic();
            admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("cleanup.policy", "compact")))).all().get();
            try (var p = producer()) { return p.send(new ProducerRecord<>(t, 0, null, bytes("v"))).get().offset(); }
        });
        say("some without a key in a compacted topic", () -> {
            String t = topic();
            admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("cleanup.policy", "compact")))).all().get();
            try (var p = producer("linger.ms", 300)) {
                List<Future<RecordMetadata>> all = new ArrayList<>();
                for (int i = 0; i < 4; i++) all.add(p.send(new ProducerRecord<>(t, 0, i == 2 ? null : bytes("k"), bytes("v"))));
                List<String> told = new ArrayList<>();
                for (var f : all) try { told.add("" + f.get().offset()); } catch (ExecutionException e) { told.add(text(e)); }
                return told;
            }
        });
        say("a topic made by producing", () -> { String t = topic(); try (var p = producer()) { return p.send(new ProducerRecord<>(t, null, bytes("v"))).get().partition() + " " + admin.listTopics().names().get().contains(t); } });
        say("a partition that is not there", () -> { String t = created(1); try (var p = producer("max.block.ms", 1500)) { return p.send(new ProducerRecord<>(t, 5, null, bytes("v"))).get().offset(); } });
        say("a bad topic name", () -> { try (var p = producer("max.block.ms", 1500)) { return p.send(new ProducerRecord<>("a b", null, bytes("v"))).get().offset(); } });
        say("fifty batches idempotent at once", () -> {
            String t = created(1);
            try (var p = producer("linger.ms", 0, "batch.size", 0)) {
                List<Future<RecordMetadata>> all = new ArrayList<>();
                for (int i = 0; i < 50; i++) all.add(p.send(new ProducerRecord<>(t, 0, null, bytes("v" + i))));
                for (int i = 0; i < 50; i++) if (all.get(i).get().offset() != i) return "out of order";
                return "in order";
            }
        });
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd", "uncompressed"))
            say("recompressed with " + codec, () -> {
                String t = topic();
                admin.createTopics(List.of(new NewTopic(t, 1, (short) 1).configs(Map.of("compression.type", codec)))).all().get();
                try (var p = producer("compression.type", "lz4", "linger.ms", 50); var c = consumer()) {
                    for (int i = 0; i < 10; i++) p.send(new ProducerRecord<>(t, 0, bytes("k"), bytes("value " + i)));
                    p.flush();
                    TopicPartition tp = new TopicPartition(t, 0);
                    c.assign(List.of(tp)); c.seekToBeginning(List.of(tp));
                    return values(read(c, 10));
                }
            });
        say("a metric's topic partitions", () -> { String t = created(3); try (var p = producer()) { return p.partitionsFor(t).size(); } });
    }

    static void consuming() throws Exception {
        String t = created(2);
        TopicPartition zero = new TopicPartition(t, 0), one = new TopicPartition(t, 1), none = new TopicPartition(prefix + "-none", 0);
        try (var p = producer()) {
            for (int i = 0; i < 10; i++) p.send(new ProducerRecord<>(t, 0, 1000L + 10 * i, bytes("k" + i), i == 4 ? null : bytes("v" + i))).get();
            p.send(new ProducerRecord<>(t, 0, 500L, null, bytes(""))).get();
        }
        Map<String, OffsetSpec> specs = new LinkedHashMap<>();
        specs.put("earliest", OffsetSpec.earliest()); specs.put("latest", OffsetSpec.latest()); specs.put("max timestamp", OffsetSpec.maxTimestamp());
        specs.put("earliest local", OffsetSpec.earliestLocal()); specs.put("latest tiered", OffsetSpec.latestTiered()); specs.put("earliest pending upload", OffsetSpec.earliestPendingUpload());
        for (long at : new long[] {0, 500, 1000, 1001, 1090, 1091}) specs.put("time " + at, OffsetSpec.forTimestamp(at));
        for (var spec : specs.entrySet())
            for (TopicPartition tp : List.of(zero, one))
                say("offsets of " + tp.partition() + " " + spec.getKey(), () -> { var r = admin.listOffsets(Map.of(tp, spec.getValue())).partitionResult(tp).get(); return r.offset() + " " + r.timestamp() + " " + r.leaderEpoch(); });
        say("offsets read committed", () -> admin.listOffsets(Map.of(zero, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).partitionResult(zero).get().offset());
        for (String level : List.of("read_uncommitted", "read_committed"))
            say("seek " + level, () -> { try (var c = consumer("isolation.level", level, "max.poll.records", 3)) {
                c.assign(List.of(zero, one));
                StringBuilder told = new StringBuilder();
                c.seekToBeginning(List.of(zero, one)); told.append(values(read(c, 11))).append(" | ");
                c.seek(zero, 7); told.append(values(read(c, 4))).append(" | ");
                c.seekToEnd(List.of(zero)); told.append(c.position(zero)).append(" | ");
                told.append(c.beginningOffsets(List.of(zero, one)).get(zero)).append(c.endOffsets(List.of(zero, one)).get(zero)).append(" | ");
                var times = c.offsetsForTimes(Map.of(zero, 1035L, one, 5L));
                told.append(times.get(zero)).append(times.get(one)).append(" | ");
                c.seek(zero, new OffsetAndMetadata(2, Optional.of(0), "")); told.append(values(read(c, 9))).append(" | ");
                c.seek(zero, 0); c.pause(List.of(zero)); told.append(c.poll(Duration.ofMillis(300)).count()).append(c.paused()); c.resume(List.of(zero)); told.append(read(c, 11).size());
                told.append(c.currentLag(zero));
                return told; } });
        say("out of range", () -> { try (var c = consumer("auto.offset.reset", "none")) { c.assign(List.of(zero)); c.seek(zero, 99); return c.poll(Duration.ofMillis(2000)).count(); } });
        say("out of range, back to the earliest", () -> { try (var c = consumer("auto.offset.reset", "earliest")) { c.assign(List.of(zero)); c.seek(zero, 99); return values(read(c, 11)).length(); } });
        say("delete records", () -> admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(3))).lowWatermarks().get(zero).get().lowWatermark());
        say("delete records past the end", () -> admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(99))).all().get());
        say("delete records before the start", () -> admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(1))).lowWatermarks().get(zero).get().lowWatermark());
        say("delete records minus two", () -> admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(-2))).all().get());
        say("offsets then", () -> admin.listOffsets(Map.of(zero, OffsetSpec.earliest())).partitionResult(zero).get().offset() + " " + admin.listOffsets(Map.of(zero, OffsetSpec.forTimestamp(0))).partitionResult(zero).get().offset());
        say("below the start", () -> { try (var c = consumer("auto.offset.reset", "earliest")) { c.assign(List.of(zero)); c.seek(zero, 1); return read(c, 1).get(0).offset(); } });
        say("delete all records", () -> admin.deleteRecords(Map.of(zero, RecordsToDelete.beforeOffset(-1))).lowWatermarks().get(zero).get().lowWatermark());
        say("max timestamp of nothing", () -> { var r = admin.listOffsets(Map.of(zero, OffsetSpec.maxTimestamp())).partitionResult(zero).get(); return r.offset() + " " + r.timestamp() + " " + r.leaderEpoch(); });
        say("earliest of nothing", () -> { var r = admin.listOffsets(Map.of(zero, OffsetSpec.earliest())).partitionResult(zero).get(); return r.offset() + " " + r.leaderEpoch(); });
        say("delete records of a compacted topic", () -> { String k = topic(); admin.createTopics(List.of(new NewTopic(k, 1, (short) 1).configs(Map.of("cleanup.policy", "compact")))).all().get();
            return admin.deleteRecords(Map.of(new TopicPartition(k, 0), RecordsToDelete.beforeOffset(0))).all().get(); });
        say("subscribe by pattern of none", () -> { try (var c = consumer()) { return c.listTopics().containsKey(t) + " " + c.partitionsFor(t).size(); } });
        say("a topic deleted under a consumer", () -> { String k = created(1); TopicPartition tp = new TopicPartition(k, 0);
            try (var p = producer(); var c = consumer("auto.offset.reset", "earliest", "metadata.max.age.ms", 500)) {
                p.send(new ProducerRecord<>(k, 0, null, bytes("old"))).get();
                c.assign(List.of(tp)); c.seekToBeginning(List.of(tp));
                String told = values(read(c, 1));
                admin.deleteTopics(List.of(k)).all().get();
                admin.createTopics(List.of(new NewTopic(k, 1, (short) 1))).all().get();
            }
            try (var p = producer(); var c = consumer()) {
                p.send(new ProducerRecord<>(k, 0, null, bytes("new"))).get();
                c.assign(List.of(tp)); c.seekToBeginning(List.of(tp));
                return values(read(c, 1)); } });
    }

    public static void main(String[] args) throws Exception {
        boot = args[0];
        prefix = args[1];
        if (args.length > 2) {
            expected = new LinkedHashMap<>();
            for (String file : Arrays.asList(args).subList(2, args.length))
                for (String line : Files.readAllLines(Path.of(file)))
                    if (!line.startsWith("#")) expected.put(line.substring(0, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2));
        }
        admin = Admin.create(with());
        topics();
        configs();
        cluster();
        producing();
        consuming();
        admin.close();
        if (expected != null) {
            for (String situation : expected.keySet()) System.out.println("FAILED answers " + situation + ": never asked");
            failed |= !expected.isEmpty();
            if (!failed) System.out.println("ok answers in " + count + " situations are those expected");
        }
        System.exit(failed ? 1 : 0);
    }
}
