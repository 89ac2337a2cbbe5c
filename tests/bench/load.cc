// Load on any Kafka-compatible broker through librdkafka, one partition.
//   bench_load produce BOOTSTRAP TOPIC SIZE SECONDS [key=value ...]   as fast as it goes;
//   key=value: client settings bench_load consume BOOTSTRAP TOPIC SECONDS from the beginning to the
//   end, or so long bench_load latency BOOTSTRAP TOPIC SIZE SECONDS [key=value ...]   1,000 records
//   a second, until acknowledged bench_load spread BOOTSTRAP TOPIC PARTITIONS SIZE SECONDS [...]
//   produce, round robin over partitions
// Prints "name value" lines: records, records_per_s, mb_per_s, client_cores, p50_us, p99_us,
// failed.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void print(const char* name, double value) { std::printf("%s %.6g\n", name, value); }

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "bench_load: %s\n", why.c_str());
  std::exit(1);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// What the delivery reports say; written by whoever polls.
struct Deliveries {
  std::uint64_t acknowledged = 0;
  std::uint64_t failed = 0;
  bool timed = false;
  std::vector<double> latencies;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& deliveries = *static_cast<Deliveries*>(opaque);
  if (message->err) {
    if (deliveries.failed++ == 0)
      std::fprintf(stderr, "delivery: %s\n", rd_kafka_err2str(message->err));
    return;
  }
  ++deliveries.acknowledged;
  if (!deliveries.timed) return;
  double sent = 0;
  std::memcpy(&sent, message->payload, sizeof sent);
  deliveries.latencies.push_back(now() - sent);
}

rd_kafka_t* client(rd_kafka_type_t type, const Settings& settings, Deliveries* deliveries) {
  char problem[512];
  auto* conf = rd_kafka_conf_new();
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), problem, sizeof problem)) die(problem);
  }
  if (deliveries) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, deliveries);
  auto* made = rd_kafka_new(type, conf, problem, sizeof problem);
  if (made == nullptr) die(problem);
  return made;
}

/// Text that compresses like lines of a log.
std::string payload(std::size_t size) {
  std::string text;
  std::uint64_t state = 11;
  while (text.size() < size) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    text += "{\"user\":" + std::to_string(state >> 40) +
            ",\"op\":\"checkout\",\"ms\":" + std::to_string(state >> 54) + "}\n";
  }
  text.resize(size);
  return text;
}

class Load {
 public:
  Load(const std::string& bootstrap, const std::string& topic, int partitions, Settings settings)
      : partitions_(partitions) {
    settings.insert(settings.begin(), {{"bootstrap.servers", bootstrap},
                                       {"acks", "all"},
                                       {"linger.ms", "5"},
                                       {"queue.buffering.max.messages", "500000"},
                                       {"queue.buffering.max.kbytes", "262144"}});
    producer_ = client(RD_KAFKA_PRODUCER, settings, &deliveries_);
    topic_ = rd_kafka_topic_new(producer_, topic.c_str(), nullptr);
  }
  ~Load() {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(producer_);
  }

  void produce(std::size_t size, double seconds) {
    const auto data = payload(size);
    warm_up(data);
    const double begin = now(), cpu = cpu_seconds();
    for (std::uint64_t i = 0; (i & 255) != 0 || now() - begin < seconds;) {
      send(data, static_cast<int>(i % static_cast<std::uint64_t>(partitions_)));
      if ((++i & 255) == 0) rd_kafka_poll(producer_, 0);
    }
    rd_kafka_flush(producer_, 20000);
    const double spent = now() - begin;
    print("records_per_s", static_cast<double>(deliveries_.acknowledged) / spent);
    print("mb_per_s", static_cast<double>(deliveries_.acknowledged * size) / spent / 1e6);
    print("client_cores", (cpu_seconds() - cpu) / spent);
    print("records", static_cast<double>(deliveries_.acknowledged));
    print("failed", static_cast<double>(deliveries_.failed));
  }

  void latency(std::size_t size, double seconds) {
    auto data = payload(std::max<std::size_t>(size, sizeof(double)));
    warm_up(data);
    deliveries_.timed = true;
    std::atomic<bool> over{false};
    std::thread poller([&] {
      while (!over) rd_kafka_poll(producer_, 10);
    });
    const double begin = now();
    for (int i = 0; i < static_cast<int>(seconds * 1000); ++i) {
      const double due = begin + i * 1e-3, wait = due - now();
      if (wait > 0) std::this_thread::sleep_for(std::chrono::duration<double>(wait));
      const double sent = wait > 0 ? now() : due;
      std::memcpy(data.data(), &sent, sizeof sent);
      send(data, 0);
    }
    rd_kafka_flush(producer_, 10000);
    over = true;
    poller.join();
    auto& all = deliveries_.latencies;
    if (all.empty()) die("nothing was acknowledged");
    std::sort(all.begin(), all.end());
    print("p50_us", 1e6 * all[all.size() / 2]);
    print("p99_us", 1e6 * all[all.size() * 99 / 100]);
    print("failed", static_cast<double>(deliveries_.failed));
  }

 private:
  void send(const std::string& data, int partition) {
    while (rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(data.data()),
                            data.size(), nullptr, 0, nullptr) == -1) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        die(rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(producer_, 5);
    }
  }
  void warm_up(const std::string& data) {
    for (int p = 0; p < partitions_; ++p) send(data, p);
    rd_kafka_flush(producer_, 10000);
    deliveries_ = Deliveries();
  }

  int partitions_;
  Deliveries deliveries_;
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
};

void consume(const std::string& bootstrap, const std::string& topic, double seconds) {
  const Settings settings{{"bootstrap.servers", bootstrap},        {"group.id", "bench"},
                          {"enable.auto.commit", "false"},         {"fetch.wait.max.ms", "100"},
                          {"queued.min.messages", "1000000"},      {"enable.partition.eof", "true"},
                          {"queued.max.messages.kbytes", "262144"}};
  auto* consumer = client(RD_KAFKA_CONSUMER, settings, nullptr);
  auto* places = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(places, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, places);
  rd_kafka_topic_partition_list_destroy(places);
  auto* queue = rd_kafka_queue_get_consumer(consumer);
  std::vector<rd_kafka_message_t*> messages(1000);
  std::uint64_t count = 0, bytes = 0;
  double begin = 0, last = 0;
  const double start = now();
  for (bool end = false;
       !end && now() - start < seconds + 5 && (begin == 0 || now() - begin < seconds);) {
    const auto got = rd_kafka_consume_batch_queue(queue, 20, messages.data(), messages.size());
    for (ssize_t i = 0; i < got; ++i) {
      auto* message = messages[static_cast<std::size_t>(i)];
      if (!message->err) {
        if (count++ == 0) begin = now();
        bytes += message->len;
        last = now();
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        end = true;
      }
      rd_kafka_message_destroy(message);
    }
  }
  const double spent = std::max(1e-9, last - begin);
  print("records_per_s", static_cast<double>(count) / spent);
  print("records", static_cast<double>(count));
  print("mb_per_s", static_cast<double>(bytes) / spent / 1e6);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const std::string mode = args.empty() ? "" : args[0];
  if (mode == "consume" && args.size() == 4)
    return consume(args[1], args[2], std::stod(args[3])), 0;
  const std::size_t first = mode == "spread" ? 4 : 3;
  if ((mode != "produce" && mode != "latency" && mode != "spread") || args.size() < first + 2) {
    return std::fprintf(stderr, "usage: see the head of tests/bench/load.cc\n"), 2;
  }
  Settings settings;
  for (std::size_t i = first + 2; i < args.size(); ++i) {
    const auto equals = args[i].find('=');
    if (equals == std::string::npos) die("not key=value: " + args[i]);
    settings.emplace_back(args[i].substr(0, equals), args[i].substr(equals + 1));
  }
  Load load(args[1], args[2], mode == "spread" ? std::stoi(args[3]) : 1, std::move(settings));
  const auto size = std::stoul(args[first]);
  const auto seconds = std::stod(args[first + 1]);
  if (mode == "latency")
    load.latency(size, seconds);
  else
    load.produce(size, seconds);
  return 0;
}
