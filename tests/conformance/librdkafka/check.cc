// librdkafka against a broker: topics, produce with each codec, consume from beginning, end, offset
// and time, byte for byte.   conformance_librdkafka BOOTSTRAP TOPIC-PREFIX
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr std::int64_t start = 1'700'000'000'000;
bool failed = false;

void report(const std::string& what, bool fine, const std::string& detail = "") {
  failed |= !fine;
  std::printf(fine ? "ok librdkafka %s\n" : "FAILED librdkafka %s: %s\n", what.c_str(),
              detail.c_str());
}

struct Sent {
  std::string key, value;
  bool keyed = false;
};
using Records = std::map<std::int64_t, Sent>;  // By timestamp.

std::unique_ptr<RdKafka::Conf> conf(const std::string& boot,
                                    std::map<std::string, std::string> more) {
  std::unique_ptr<RdKafka::Conf> made(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  std::string problem;
  more["bootstrap.servers"] = boot;
  for (const auto& [key, value] : more) {
    if (made->set(key, value, problem) != RdKafka::Conf::CONF_OK) report(key, false, problem);
  }
  return made;
}

/// Counts what was delivered and keeps the first error.
class Deliveries : public RdKafka::DeliveryReportCb {
 public:
  void dr_cb(RdKafka::Message& message) override {
    if (message.err() == RdKafka::ERR_NO_ERROR)
      ++count;
    else
      problem = message.errstr();
  }
  int count = 0;
  std::string problem;
};

/// The C++ interface has no admin calls; the C one below it has.
void create(RdKafka::Handle& handle, const std::string& topic) {
  char problem[256] = "";
  auto* client = handle.c_ptr();
  auto* made = rd_kafka_NewTopic_new(topic.c_str(), 3, 1, problem, sizeof problem);
  auto* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &made, 1, nullptr, queue);
  auto* event = rd_kafka_queue_poll(queue, 10000);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event);
  const auto* const* topics =
      result ? rd_kafka_CreateTopics_result_topics(result, &count) : nullptr;
  report(topic + ": created",
         count == 1 && rd_kafka_topic_result_error(topics[0]) == RD_KAFKA_RESP_ERR_NO_ERROR,
         rd_kafka_event_error_string(event));
  if (event) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(made);
}

Records produce(const std::string& boot, const std::string& topic, const std::string& codec) {
  Deliveries deliveries;
  auto settings = conf(
      boot, {{"compression.codec", codec}, {"enable.idempotence", "true"}, {"linger.ms", "20"}});
  std::string problem;
  settings->set("dr_cb", &deliveries, problem);
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(settings.get(), problem));
  create(*producer, topic);
  std::mt19937 random(11);
  Records sent;
  for (int i = 0; i < 60; ++i) {
    Sent one;
    one.keyed = i % 2 == 0;
    if (one.keyed) one.key = "key-" + std::to_string(random() % 7);
    one.value.resize(random() % 2000);
    for (auto& c : one.value) c = static_cast<char>(random());
    auto* headers = RdKafka::Headers::create();
    headers->add("n", std::to_string(i));
    producer->produce(topic, RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY,
                      one.value.data(), one.value.size(), one.keyed ? one.key.data() : nullptr,
                      one.key.size(), start + 1000 * i, headers, nullptr);
    sent[start + 1000 * i] = one;
  }
  producer->flush(15000);
  report(codec + ": 60 records delivered", deliveries.count == 60, deliveries.problem);
  return sent;
}

using Read = std::vector<std::unique_ptr<RdKafka::Message>>;

Read read(RdKafka::KafkaConsumer& consumer, const std::string& topic, int partition,
          std::int64_t from, std::size_t want) {
  std::unique_ptr<RdKafka::TopicPartition> place(
      RdKafka::TopicPartition::create(topic, partition, from));
  consumer.assign({place.get()});
  Read got;
  for (int i = 0; i < 200 && got.size() < want; ++i) {
    std::unique_ptr<RdKafka::Message> message(consumer.consume(50));
    if (message->err() == RdKafka::ERR_NO_ERROR) got.push_back(std::move(message));
  }
  return got;
}

std::size_t damaged(const Read& got, const Records& sent) {
  std::size_t wrong = 0;
  for (const auto& message : got) {
    const auto found = sent.find(message->timestamp().timestamp);
    const std::string value(static_cast<const char*>(message->payload()), message->len());
    if (found == sent.end() || found->second.value != value ||
        (message->key() != nullptr) != found->second.keyed ||
        (message->key() && *message->key() != found->second.key)) {
      ++wrong;
    }
  }
  return wrong;
}

void check(const std::string& boot, const std::string& topic, const std::string& codec) {
  const auto sent = produce(boot, topic, codec);
  std::string problem;
  auto settings = conf(
      boot, {{"group.id", "none"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "100"}});
  std::unique_ptr<RdKafka::KafkaConsumer> consumer(
      RdKafka::KafkaConsumer::create(settings.get(), problem));
  std::size_t count = 0, wrong = 0;
  int best = 0;
  std::int64_t most = 0;
  for (int partition = 0; partition < 3; ++partition) {
    std::int64_t low = 0, high = 0;
    consumer->query_watermark_offsets(topic, partition, &low, &high, 5000);
    const auto got = read(*consumer, topic, partition, RdKafka::Topic::OFFSET_BEGINNING,
                          static_cast<std::size_t>(high));
    count += got.size();
    wrong += damaged(got, sent);
    if (high > most) most = high, best = partition;
  }
  report(codec + ": from the beginning, byte for byte", count == 60 && wrong == 0,
         std::to_string(count) + " read");
  const auto again = read(*consumer, topic, best, 3, static_cast<std::size_t>(most - 3));
  report(codec + ": from an offset", !again.empty() && again[0]->offset() == 3,
         std::to_string(again.size()));
  const auto last = read(*consumer, topic, best, RdKafka::Consumer::OffsetTail(1), 1);
  report(codec + ": from the end", last.size() == 1 && last[0]->offset() == most - 1);
  std::unique_ptr<RdKafka::TopicPartition> when(
      RdKafka::TopicPartition::create(topic, best, start + 30'000));
  std::vector<RdKafka::TopicPartition*> times{when.get()};
  consumer->offsetsForTimes(times, 5000);
  const auto timed = read(*consumer, topic, best, when->offset(), 1);
  report(codec + ": from a time",
         timed.size() == 1 && timed[0]->timestamp().timestamp >= start + 30'000);
  consumer->close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: %s BOOTSTRAP TOPIC-PREFIX\n", argv[0]), 2;
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    check(argv[1], std::string(argv[2]) + "-" + codec, codec);
  }
  return failed;
}
