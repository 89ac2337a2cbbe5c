#include "tests/conformance/chaos/load.h"

#include <algorithm>

#include "tests/conformance/chaos/tell.h"

namespace trialog::chaos {

namespace {

rd_kafka_t* client(rd_kafka_type_t type, std::map<std::string, std::string> settings,
                   void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*), void* opaque) {
  char problem[512];
  auto* conf = rd_kafka_conf_new();
  settings["reconnect.backoff.max.ms"] = "500";
  settings["log_level"] = "0";
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), problem, sizeof problem)) fail(problem);
  }
  if (delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, opaque);
  auto* made = rd_kafka_new(type, conf, problem, sizeof problem);
  if (made == nullptr) fail(problem);
  return made;
}

double ms(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// How many partitions of the topic have a leader and `replicas` in sync; -1 if nobody knows.
int in_sync(rd_kafka_t* asker, const std::string& topic, int replicas) {
  const rd_kafka_metadata_t* metadata = nullptr;
  auto* handle = rd_kafka_topic_new(asker, topic.c_str(), nullptr);
  const auto error = rd_kafka_metadata(asker, 0, handle, &metadata, 2000);
  int good = error ? -1 : 0;
  for (int i = 0; !error && i < metadata->topic_cnt; ++i) {
    const auto& found = metadata->topics[i];
    for (int p = 0; p < found.partition_cnt; ++p) {
      const auto& partition = found.partitions[p];
      if (!partition.err && partition.leader >= 0 && partition.isr_cnt == replicas) ++good;
    }
  }
  if (!error) rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  return good;
}

}  // namespace

Load::Load(const std::string& bootstrap, std::string topic, int per_second)
    : topic_(std::move(topic)), per_second_(per_second) {
  producer_ = client(RD_KAFKA_PRODUCER,
                     {{"bootstrap.servers", bootstrap},
                      {"acks", "all"},
                      {"enable.idempotence", "true"},
                      {"message.timeout.ms", "0"},
                      {"socket.timeout.ms", "10000"},
                      {"linger.ms", "1"}},
                     &Load::delivered, this);
  thread_ = std::thread([this] { run(); });
}

Load::~Load() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
  rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy(producer_);
}

void Load::delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  static_cast<Load*>(opaque)->on_delivery(*message);
}

void Load::on_delivery(const rd_kafka_message_t& message) {
  if (message.err) {
    if (failed_++ == 0) std::fprintf(stderr, "delivery: %s\n", rd_kafka_err2str(message.err));
    return;
  }
  const auto now = Clock::now();
  if (last_ != Clock::time_point()) silence_ = std::max(silence_, ms(now - last_));
  last_ = now;
  slowest_ = std::max(slowest_, static_cast<double>(rd_kafka_message_latency(&message)) / 1000);
  const std::string value(static_cast<const char*>(message.payload), message.len);
  const Place place(message.partition, message.offset);
  if (!acknowledged_.emplace(place, std::stol(value)).second) {
    fail("two records were acknowledged at partition " + std::to_string(place.first) + ", offset " +
         std::to_string(place.second));
  }
}

void Load::run() {
  auto* topic = rd_kafka_topic_new(producer_, topic_.c_str(), nullptr);
  const auto begin = Clock::now();
  while (!over_) {
    const auto due = static_cast<long>(ms(Clock::now() - begin) * per_second_ / 1000);
    while (sent_ < due && rd_kafka_outq_len(producer_) < 50000) {
      const auto key = std::to_string(sent_ % keys), value = std::to_string(sent_);
      const int partition = static_cast<int>(sent_ % keys % partitions);
      if (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                           value.size(), key.data(), key.size(), nullptr) != 0) {
        char why[512];
        if (rd_kafka_fatal_error(producer_, why, sizeof why)) fail(std::string("fatal: ") + why);
        break;
      }
      ++sent_;
    }
    rd_kafka_poll(producer_, 2);
  }
  rd_kafka_topic_destroy(topic);
}

void Load::finish(int seconds) {
  over_ = true;
  thread_.join();
  for (int i = 0; rd_kafka_outq_len(producer_) > 0 && i < seconds * 10; ++i) {
    rd_kafka_poll(producer_, 100);
  }
  if (rd_kafka_outq_len(producer_) > 0) {
    fail(std::to_string(rd_kafka_outq_len(producer_)) + " records were never answered");
  }
}

void make_topic(const std::string& bootstrap, const std::string& topic) {
  auto* asker = client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", bootstrap}}, nullptr, nullptr);
  char problem[512];
  auto* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 3, problem, sizeof problem);
  auto* queue = rd_kafka_queue_new(asker);
  rd_kafka_CreateTopics(asker, &wanted, 1, nullptr, queue);
  auto* event = rd_kafka_queue_poll(queue, 30000);
  if (event == nullptr || rd_kafka_event_error(event)) {
    fail(std::string("no topic: ") + (event ? rd_kafka_event_error_string(event) : "no answer"));
  }
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event);
  const auto* made = rd_kafka_CreateTopics_result_topics(result, &count);
  if (count == 1 && rd_kafka_topic_result_error(made[0])) {
    const char* why = rd_kafka_topic_result_error_string(made[0]);
    fail("no topic: " + std::string(why ? why : "?"));
  }
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_destroy(asker);
  wait_in_sync(bootstrap, topic, 30);
}

void wait_in_sync(const std::string& bootstrap, const std::string& topic, int seconds) {
  auto* asker = client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", bootstrap}}, nullptr, nullptr);
  int good = 0;
  for (int i = 0; i < seconds * 10 && good != partitions; ++i) {
    good = in_sync(asker, topic, 3);
    if (good != partitions) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  rd_kafka_destroy(asker);
  if (good == partitions) return;
  fail("only " + std::to_string(good) + " of " + std::to_string(partitions) +
       " partitions were fully in sync after " + std::to_string(seconds) + " s");
}

std::map<Place, long> read_all(const std::string& bootstrap, const std::string& topic) {
  auto* consumer = client(RD_KAFKA_CONSUMER,
                          {{"bootstrap.servers", bootstrap},
                           {"group.id", "chaos"},
                           {"enable.auto.commit", "false"},
                           {"enable.partition.eof", "true"}},
                          nullptr, nullptr);
  auto* list = rd_kafka_topic_partition_list_new(partitions);
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer, list);
  rd_kafka_topic_partition_list_destroy(list);
  std::map<Place, long> log;
  int left = partitions, idle = 0;
  while (left > 0 && idle < 300) {
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
  if (left > 0) fail("the topic could not be read to its end");
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return log;
}

void judge(const std::map<Place, long>& acknowledged, const std::map<Place, long>& log) {
  std::map<long, Place> seen;
  std::map<std::int32_t, long> last;
  const auto at = [](const Place& place) {
    return "partition " + std::to_string(place.first) + ", offset " + std::to_string(place.second);
  };
  for (const auto& [place, value] : log) {
    const auto [first, fresh] = seen.try_emplace(value, place);
    if (!fresh) {
      fail("value " + std::to_string(value) + " stands twice: " + at(first->second) + " and " +
           at(place));
    }
    auto& before = last.try_emplace(place.first, -1).first->second;
    if (value <= before) {
      fail("value " + std::to_string(value) + " stands behind " + std::to_string(before) + ": " +
           at(place));
    }
    before = value;
  }
  long lost = 0;
  std::string first;
  for (const auto& [place, value] : acknowledged) {
    const auto found = log.find(place);
    if (found != log.end() && found->second == value) continue;
    if (lost++ == 0) first = "value " + std::to_string(value) + " at " + at(place);
  }
  if (lost > 0)
    fail(std::to_string(lost) + " acknowledged records are lost, the first is " + first);
}

}  // namespace trialog::chaos
