// The examples of docs/client.md. A test sees to it that they are the same.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/client/consumer.h"
#include "core/client/partitioner.h"
#include "core/client/producer.h"
#include "real/console_log.h"
#include "real/machine.h"
#include "tests/unit/client/broker_story.h"

namespace trialog::client {
namespace {

// [sync]
Task<void> send_and_wait(Producer& producer) {
  Record record("orders", "customer-7", "two apples");
  auto result = co_await producer.send(std::move(record));
  if (result.acknowledged()) {
    EXPECT_EQ(result.partition.topic, "orders");
    EXPECT_GE(result.offset, Offset(0));
  }
}
// [end]

// [async]
Task<void> send_and_ask_later(Producer& producer) {
  std::vector<Delivery> deliveries;
  for (int i = 0; i < 100; ++i) {
    Record record("orders", "customer-7", std::to_string(i));
    auto delivery = co_await producer.post(std::move(record));  // Waits only for the buffer.
    deliveries.push_back(std::move(delivery));
  }
  for (const auto& delivery : deliveries) {
    auto result = co_await delivery.wait();
    EXPECT_EQ(result.outcome, Outcome::acknowledged);
  }
}
// [end]

// [callback]
Task<void> send_with_callback(Producer& producer, int& failed) {
  for (int i = 0; i < 100; ++i) {
    Record record("orders", "customer-7", std::to_string(i));
    DeliveryCallback callback = [&failed](const SendResult& result) {
      if (result.outcome == Outcome::not_written) ++failed;
    };
    co_await producer.post(std::move(record), std::move(callback));
  }
  co_await producer.flush();
}
// [end]

// [partitioner]
class VipFirst : public Partitioner {
 public:
  std::int32_t choose(const PartitionsOfTopic& partitions, MaybeBytes key, MaybeBytes value,
                      Random& random) override {
    if (key && as_text(*key) == "vip") return 0;
    return others_.choose(partitions, key, value, random);
  }

 private:
  RoundRobinPartitioner others_;
};

ProducerOptions with_own_partitioner(Endpoint broker) {
  ProducerOptions options;
  options.bootstrap = {broker};
  options.partitioner = std::make_shared<VipFirst>();
  return options;
}
// [end]

// [consumer]
Task<void> read_from(Consumer& consumer, std::string where, std::size_t& count) {
  const TopicPartition partition("orders", 0);
  std::vector<TopicPartition> all = {partition};
  consumer.assign(all);
  if (where == "beginning") consumer.seek_to_beginning(all);
  if (where == "end") consumer.seek_to_end(all);
  if (where == "offset") consumer.seek(partition, Offset(50));
  if (where == "time") {
    auto sought = co_await consumer.seek_to_time(all, wall_time(0));
    EXPECT_TRUE(sought.has_value());
  }
  while (true) {
    auto records = co_await consumer.poll(seconds(1));
    if (!records || records->empty()) co_return;  // An error, or nothing for a second.
    for (const auto& record : *records) {
      EXPECT_EQ(record.partition, partition);
      ++count;
    }
  }
}
// [end]

// [sim]
TEST(Example, InTheSimulator) {
  BrokerStory story(/*seed=*/7);  // A machine with a broker, and one for us.
  ProducerOptions options;
  options.bootstrap = {story.broker()};
  Producer producer(story.env(), options);
  story.plays(send_and_wait(producer));
  story.crash_broker();
  story.plays(send_and_ask_later(producer));
}
// [end]

// [real]
Task<void> whole_life(Env env, Endpoint broker, real::Machine& machine) {
  ProducerOptions options;
  options.bootstrap = {broker};
  options.max_block = seconds(1);
  Producer producer(env, options);
  co_await send_and_wait(producer);
  co_await producer.close(env.clock.now() + seconds(5));
  machine.stop();
}

void run_for_real(Endpoint broker) {
  real::ConsoleLog log(Level::warn);
  real::Machine machine(log);
  auto env = machine.env();
  TaskGroup tasks(env.executor);
  tasks.spawn("example", whole_life(env, broker, machine));
  machine.run();
}
// [end]

TEST(Example, ForRealEndsAlsoWhereNobodyListens) { run_for_real(Endpoint("127.0.0.1", 1)); }

TEST(Example, CallsBackAndPartitions) {
  BrokerStory story;
  Producer producer(story.env(), with_own_partitioner(story.broker()));
  int failed = 0;
  story.plays(send_with_callback(producer, failed));
  EXPECT_EQ(failed, 0);
}

TEST(Example, ReadsFromEverywhere) {
  BrokerStory story;
  ProducerOptions options;
  options.bootstrap = {story.broker()};
  Producer producer(story.env(), options);
  story.plays(send_and_ask_later(producer));
  const std::map<std::string, std::size_t> places{
      {"beginning", 100}, {"end", 0}, {"offset", 50}, {"time", 100}};
  for (const auto& [where, expected] : places) {
    ConsumerOptions consuming;
    consuming.bootstrap = {story.broker()};
    Consumer consumer(story.env(), consuming);
    std::size_t count = 0;
    story.plays(read_from(consumer, where, count));
    EXPECT_EQ(count, expected) << where;
  }
}

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(TRIALOG_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Example, StandsInTheDocumentAsItIsCompiled) {
  const auto document = text_of("docs/client.md");
  const auto code = text_of("tests/unit/client/examples_test.cc");
  int found = 0;
  const std::string end = "// [end]";
  for (std::size_t at = code.find("\n// ["); at != std::string::npos;
       at = code.find("\n// [", at + 1)) {
    const auto first = code.find('\n', at + 1) + 1;
    const auto last = code.find(end, first);
    if (code.compare(at + 1, end.size(), end) == 0 || last == std::string::npos) continue;
    const auto example = code.substr(first, last - first);
    EXPECT_NE(document.find(example), std::string::npos) << "not in docs/client.md:\n" << example;
    ++found;
  }
  EXPECT_EQ(found, 7);
}

}  // namespace
}  // namespace trialog::client
