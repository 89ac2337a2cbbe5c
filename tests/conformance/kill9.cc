// kill -9 of trialogd in the middle of a load with acks=all, again and again: every acknowledged
// record is there once, in order.   conformance_kill9 TRIALOGD SCRATCH ROUNDS
//
// One idempotent librdkafka producer goes on over all rounds; it retries what the dead broker did
// not answer.
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int partitions = 3;
constexpr auto port = 29092;

void pause_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

[[noreturn]] void fail(const std::string& why) {
  std::printf("FAILED kill9: %s\n", why.c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

/// The broker process, on one port and one directory through all its lives.
class Broker {
 public:
  Broker(std::string program, std::string scratch)
      : program_(std::move(program)), scratch_(std::move(scratch)) {
    std::ofstream(scratch_ + "/server.properties")
        << "node.id=1\nlisteners=PLAINTEXT://127.0.0.1:" << port << "\nlog.dirs=" << scratch_
        << "/data\nlog.segment.bytes=1048576\nnum.partitions=" << partitions << "\n";
  }
  ~Broker() { end(SIGTERM); }

  void start() {
    const auto ready = scratch_ + "/ready";
    unlink(ready.c_str());
    pid_ = fork();
    if (pid_ == 0) {
      freopen((scratch_ + "/broker.log").c_str(), "a", stderr);
      const auto config = scratch_ + "/server.properties";
      execl(program_.c_str(), "trialogd", "--config", config.c_str(), "--ready-file", ready.c_str(),
            nullptr);
      _exit(127);
    }
    for (int i = 0; i < 1000; ++i) {
      if (access(ready.c_str(), F_OK) == 0) return;
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) fail("trialogd ended at start");
      pause_ms(10);
    }
    fail("trialogd was not ready within 10 s");
  }

  void end(int signal) {
    if (pid_ <= 0) return;
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  std::string program_, scratch_;
  pid_t pid_ = -1;
};

struct Progress {
  std::map<std::pair<int, std::int64_t>, long> acknowledged;  // (partition, offset) -> value.
  long failed = 0;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& progress = *static_cast<Progress*>(opaque);
  if (message->err) {
    ++progress.failed;
    return;
  }
  const std::string value(static_cast<const char*>(message->payload), message->len);
  const auto place = std::pair(static_cast<int>(message->partition), message->offset);
  if (!progress.acknowledged.emplace(place, std::stol(value)).second) {
    fail("two records were acknowledged at one offset");
  }
}

rd_kafka_t* client(rd_kafka_type_t type, std::map<std::string, std::string> settings,
                   void* opaque) {
  char problem[512];
  auto* conf = rd_kafka_conf_new();
  settings["bootstrap.servers"] = "127.0.0.1:" + std::to_string(port);
  settings["reconnect.backoff.max.ms"] = "100";
  settings["log_level"] = "0";
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), problem, sizeof problem)) fail(problem);
  }
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, opaque);
  auto* made = rd_kafka_new(type, conf, problem, sizeof problem);
  if (made == nullptr) fail(problem);
  return made;
}

/// Everything in the topic, by partition and offset.
std::map<std::pair<int, std::int64_t>, long> read_all() {
  auto* consumer =
      client(RD_KAFKA_CONSUMER, {{"group.id", "kill9"}, {"enable.partition.eof", "true"}}, nullptr);
  auto* list = rd_kafka_topic_partition_list_new(partitions);
  for (int p = 0; p < partitions; ++p)
    rd_kafka_topic_partition_list_add(list, "kill9", p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, list);
  rd_kafka_topic_partition_list_destroy(list);
  std::map<std::pair<int, std::int64_t>, long> log;
  for (int left = partitions, idle = 0; left > 0 && idle < 100;) {
    auto* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) {
      ++idle;
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) --left;
    if (!message->err) {
      const std::string value(static_cast<const char*>(message->payload), message->len);
      log[{message->partition, message->offset}] = std::stol(value);
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return log;
}

void judge(const Progress& progress, long sent) {
  const auto log = read_all();
  std::map<long, int> times;
  std::map<int, long> last;
  for (const auto& [place, value] : log) {
    if (++times[value] > 1) fail("value " + std::to_string(value) + " stands twice");
    auto& before = last.try_emplace(place.first, -1).first->second;
    if (value <= before) fail("value " + std::to_string(value) + " stands behind a later one");
    before = value;
  }
  for (const auto& [place, value] : progress.acknowledged) {
    const auto found = log.find(place);
    if (found == log.end() || found->second != value)
      fail("acknowledged value " + std::to_string(value) + " is lost");
  }
  std::printf(
      "ok kill9 every acknowledged record is there once, in order (%ld sent, %zu acknowledged, %zu "
      "in the log)\n",
      sent, progress.acknowledged.size(), log.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: %s TRIALOGD SCRATCH ROUNDS\n", argv[0]), 2;
  const int rounds = std::atoi(argv[3]);
  Broker broker(argv[1], argv[2]);
  broker.start();
  Progress progress;
  auto* producer =
      client(RD_KAFKA_PRODUCER,
             {{"acks", "all"}, {"enable.idempotence", "true"}, {"linger.ms", "1"}}, &progress);
  auto* topic = rd_kafka_topic_new(producer, "kill9", nullptr);
  long sent = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto before = progress.acknowledged.size();
    const auto wanted = before + 2000 + static_cast<std::size_t>(round * 37 % 1000);
    for (int i = 0; progress.acknowledged.size() < wanted; ++i) {
      const auto value = std::to_string(sent);
      if (rd_kafka_produce(topic, static_cast<int>(sent % partitions), RD_KAFKA_MSG_F_COPY,
                           const_cast<char*>(value.data()), value.size(), nullptr, 0,
                           nullptr) == 0) {
        ++sent;
      } else {
        rd_kafka_poll(producer, 5);
      }
      if (i % 64 == 0) rd_kafka_poll(producer, 0);
    }
    broker.end(SIGKILL);
    broker.start();
  }
  for (int i = 0; rd_kafka_outq_len(producer) > 0 && i < 600; ++i) rd_kafka_poll(producer, 100);
  if (rd_kafka_outq_len(producer) > 0) fail("some records were never answered");
  if (progress.failed > 0) fail(std::to_string(progress.failed) + " records failed");
  judge(progress, sent);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return 0;
}
