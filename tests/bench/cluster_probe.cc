// Small questions to a Kafka-compatible cluster through librdkafka, for tests/bench/cluster.
//   bench_cluster_probe create BOOTSTRAP TOPIC PARTITIONS REPLICAS    makes a topic: create_ms,
//   led_ms bench_cluster_probe leader BOOTSTRAP TOPIC                        the leader of
//   partition 0 bench_cluster_probe in_sync BOOTSTRAP TOPIC REPLICAS SECONDS      waits until all
//   are: in_sync_ms bench_cluster_probe gap BOOTSTRAP TOPIC SECONDS                   1,000 records
//   a second to
//       partition 0 with acks=all: longest_gap_ms without an acknowledgement, failed
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void pause_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "bench_cluster_probe: %s\n", why.c_str());
  std::exit(1);
}

struct Gap {
  Clock::time_point last{};
  double longest = 0;
  std::uint64_t acknowledged = 0, failed = 0;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& gap = *static_cast<Gap*>(opaque);
  if (message->err) {
    ++gap.failed;
    return;
  }
  if (gap.acknowledged++ > 0) gap.longest = std::max(gap.longest, since(gap.last));
  gap.last = Clock::now();
}

rd_kafka_t* client(const std::string& bootstrap, Gap* gap) {
  const std::pair<const char*, std::string> settings[] = {
      {"bootstrap.servers", bootstrap},
      {"acks", "all"},
      {"enable.idempotence", "true"},
      {"linger.ms", "0"},
      {"reconnect.backoff.ms", "10"},
      {"reconnect.backoff.max.ms", "50"},
      {"retry.backoff.ms", "10"},
      {"topic.metadata.refresh.fast.interval.ms", "10"},
      {"message.timeout.ms", "120000"},
      {"socket.connection.setup.timeout.ms", "1000"},
      {"topic.metadata.refresh.interval.ms", "1000"}};
  char problem[512];
  auto* conf = rd_kafka_conf_new();
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key, value.c_str(), problem, sizeof problem)) die(problem);
  }
  if (gap != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, gap);
  rd_kafka_conf_set(conf, "log_level", "0", problem, sizeof problem);
  auto* made = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
  if (made == nullptr) die(problem);
  return made;
}

using Look = std::function<bool(const rd_kafka_metadata_topic_t&)>;

/// Asks for the topic until `look` is content with it.
bool look_until(rd_kafka_t* asker, const std::string& topic, double seconds, const Look& look) {
  const auto begin = Clock::now();
  auto* handle = rd_kafka_topic_new(asker, topic.c_str(), nullptr);
  bool content = false;
  while (!content && since(begin) < seconds * 1000) {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(asker, 0, handle, &metadata, 5000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        content = content || (!metadata->topics[i].err && look(metadata->topics[i]));
      }
      rd_kafka_metadata_destroy(metadata);
    }
    if (!content) pause_ms(20);
  }
  rd_kafka_topic_destroy(handle);
  return content;
}

Look all_have(int replicas, int partitions) {
  return [=](const rd_kafka_metadata_topic_t& topic) {
    if (topic.partition_cnt == 0 || (partitions > 0 && topic.partition_cnt != partitions)) {
      return false;
    }
    return std::all_of(topic.partitions, topic.partitions + topic.partition_cnt,
                       [&](const auto& partition) {
                         return partition.leader >= 0 && partition.isr_cnt >= replicas;
                       });
  };
}

int create(const std::string& bootstrap, const std::string& name, int partitions, int replicas) {
  char problem[512];
  auto* asker = client(bootstrap, nullptr);
  auto* wanted = rd_kafka_NewTopic_new(name.c_str(), partitions, replicas, problem, sizeof problem);
  if (wanted == nullptr) die(problem);
  auto* options = rd_kafka_AdminOptions_new(asker, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_request_timeout(options, 120000, problem, sizeof problem);
  rd_kafka_AdminOptions_set_operation_timeout(options, 120000, problem, sizeof problem);
  auto* queue = rd_kafka_queue_new(asker);
  const auto begin = Clock::now();
  rd_kafka_CreateTopics(asker, &wanted, 1, options, queue);
  auto* event = rd_kafka_queue_poll(queue, 120000);
  if (event == nullptr) die("no answer to CreateTopics");
  if (rd_kafka_event_error(event)) die(rd_kafka_event_error_string(event));
  std::size_t count = 0;
  const auto* made =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  if (count == 1 && rd_kafka_topic_result_error(made[0])) {
    const char* why = rd_kafka_topic_result_error_string(made[0]);
    die(why ? why : "the topic was not made");
  }
  std::printf("create_ms %.1f\n", since(begin));
  if (!look_until(asker, name, 120, all_have(1, partitions))) die("not all have a leader");
  std::printf("led_ms %.1f\n", since(begin));
  rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(asker);
  return 0;
}

int leader(const std::string& bootstrap, const std::string& topic) {
  auto* asker = client(bootstrap, nullptr);
  std::int32_t id = -1;
  const bool found = look_until(asker, topic, 30, [&](const rd_kafka_metadata_topic_t& it) {
    if (it.partition_cnt > 0) id = it.partitions[0].leader;
    return id >= 0;
  });
  rd_kafka_destroy(asker);
  if (!found) die("partition 0 has no leader");
  std::printf("%d\n", id);
  return 0;
}

int in_sync(const std::string& bootstrap, const std::string& topic, int replicas, double seconds) {
  auto* asker = client(bootstrap, nullptr);
  const auto begin = Clock::now();
  const bool all = look_until(asker, topic, seconds, all_have(replicas, 0));
  const double took = since(begin);
  rd_kafka_destroy(asker);
  if (!all) die("the replicas were not in sync in time");
  std::printf("in_sync_ms %.0f\n", took);
  return 0;
}

int gap(const std::string& bootstrap, const std::string& name, double seconds) {
  Gap gap;
  auto* producer = client(bootstrap, &gap);
  auto* topic = rd_kafka_topic_new(producer, name.c_str(), nullptr);
  std::string data(100, 'x');
  const auto begin = Clock::now();
  for (long sent = 0; since(begin) < seconds * 1000;) {
    for (const auto due = static_cast<long>(since(begin)); sent < due; ++sent) {
      rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, data.data(), data.size(), nullptr, 0,
                       nullptr);
    }
    rd_kafka_poll(producer, 1);
  }
  rd_kafka_flush(producer, 60000);
  std::printf("longest_gap_ms %.0f\nacknowledged %llu\nfailed %llu\n", gap.longest,
              static_cast<unsigned long long>(gap.acknowledged),
              static_cast<unsigned long long>(gap.failed));
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const std::string mode = args.empty() ? "" : args[0];
  if (mode == "create" && args.size() == 5) {
    return create(args[1], args[2], std::stoi(args[3]), std::stoi(args[4]));
  }
  if (mode == "leader" && args.size() == 3) return leader(args[1], args[2]);
  if (mode == "in_sync" && args.size() == 5) {
    return in_sync(args[1], args[2], std::stoi(args[3]), std::stod(args[4]));
  }
  if (mode == "gap" && args.size() == 4) return gap(args[1], args[2], std::stod(args[3]));
  return std::fprintf(stderr, "usage: see the head of tests/bench/cluster_probe.cc\n"), 2;
}
