#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace trialog::chaos {

/// Where a record stands.
using Place = std::pair<std::int32_t, std::int64_t>;

inline constexpr int partitions = 6;
inline constexpr int keys = 60;

/// An idempotent librdkafka producer with acks=all that never gives up, in a thread of its own.
/// Record n has key n % keys and value n, so each key's values must rise.
class Load {
 public:
  Load(const std::string& bootstrap, std::string topic, int per_second);
  ~Load();

  /// No new records; waits until each one sent is answered, and fails the test if they are not.
  void finish(int seconds);

  long sent() const { return sent_; }
  long failed() const { return failed_; }
  /// Where the acknowledged values stand. After `finish`.
  const std::map<Place, long>& acknowledged() const { return acknowledged_; }
  /// The longest time between two acknowledgements, and the slowest record, in milliseconds.
  double longest_silence() const { return silence_; }
  double slowest() const { return slowest_; }

 private:
  using Clock = std::chrono::steady_clock;
  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
  void on_delivery(const rd_kafka_message_t& message);
  void run();

  std::string topic_;
  int per_second_;
  rd_kafka_t* producer_ = nullptr;
  std::atomic<bool> over_{false};
  std::atomic<long> sent_{0}, failed_{0};
  std::map<Place, long> acknowledged_;
  Clock::time_point last_{};
  double silence_ = 0, slowest_ = 0;
  std::thread thread_;
};

/// Makes the topic with three replicas, and waits until all of them are in sync.
void make_topic(const std::string& bootstrap, const std::string& topic);
/// Waits until every partition of the topic has a leader and three replicas in sync.
void wait_in_sync(const std::string& bootstrap, const std::string& topic, int seconds);

/// Everything in the topic: value by place.
std::map<Place, long> read_all(const std::string& bootstrap, const std::string& topic);

/// Ends the test unless every acknowledged record is where it was acknowledged, no value is there
/// twice, and values rise within a partition.
void judge(const std::map<Place, long>& acknowledged, const std::map<Place, long>& log);

}  // namespace trialog::chaos
