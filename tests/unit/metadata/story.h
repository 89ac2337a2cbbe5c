#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/metadata/controller.h"

namespace trialog::metadata::test {

/// A controller with a log in memory: what it decides is written down, encoded as in the real log,
/// and applied at once. Broker 1 is registered from the start unless told otherwise.
class Story {
 public:
  explicit Story(ControllerOptions options = defaults(), bool registered = true);
  static ControllerOptions defaults();

  Registered joins(std::int32_t broker, std::vector<Uuid> log_dirs = {directory(1)});
  void fences(std::int32_t broker);

  protocol::CreateTopicsResponse asks(const protocol::CreateTopicsRequest& request);
  protocol::DeleteTopicsResponse asks(const protocol::DeleteTopicsRequest& request);
  protocol::CreatePartitionsResponse asks(const protocol::CreatePartitionsRequest& request);
  protocol::AlterConfigsResponse asks(const protocol::AlterConfigsRequest& request);
  protocol::IncrementalAlterConfigsResponse asks(
      const protocol::IncrementalAlterConfigsRequest& request);
  protocol::CreateTopicsResponse asks_for(const std::vector<std::string>& names);
  ProducerIds producer_ids(std::int32_t broker = 1);
  /// Puts a record into the log that no decision made, such as one of Kafka's.
  void finds(Record record);

  /// Asserts that the topic was created.
  Uuid creates(const std::string& name, std::int32_t partitions = 1, std::int16_t replicas = 1);
  void deletes(const std::string& name);

  const Image& image() const { return controller_.image(); }
  const std::vector<Bytes>& log() const { return log_; }
  /// What another controller knows that has read nothing but the log.
  Image replayed() const;
  /// The state of a restarted controller: everything that is not in the log is forgotten.
  Story restarted(std::uint64_t seed = 99) const;

  static Uuid directory(std::uint64_t number);

 private:
  template <class Reply, class Decide>
  Reply decide(Decide decide);

  ControllerOptions options_;
  Controller controller_;
  std::vector<Bytes> log_;
  std::uint64_t tickets_ = 0;
  std::uint64_t incarnations_ = 0;
};

using NewTopic = protocol::CreateTopicsRequest::CreatableTopic;
NewTopic topic(std::string name, std::int32_t partitions = 1, std::int16_t replicas = 1);
/// Partition 0, 1, ... with these replicas.
NewTopic assigned(std::string name, std::vector<std::vector<std::int32_t>> replicas);
NewTopic with(NewTopic topic, std::string name, std::optional<std::string> value);
protocol::CreateTopicsRequest create(std::vector<NewTopic> topics, bool validate_only = false);

/// "NONE", or "INVALID_PARTITIONS: Number of ...".
std::string said(ErrorCode code, const std::optional<std::string>& text);
template <class Result>
std::string said(const Result& result) {
  return said(result.error_code, result.error_message);
}

}  // namespace trialog::metadata::test
