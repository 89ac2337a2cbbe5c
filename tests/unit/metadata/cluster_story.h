#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/metadata/controller.h"

namespace trialog::metadata::test {

using NewTopic = protocol::CreateTopicsRequest::CreatableTopic;

/// A controller of a cluster and its log in memory. Brokers join, beat, fall silent; what is
/// decided is written down, encoded as in the real log, and applied at once. Broker n keeps its
/// logs in `directory(n)`.
class ClusterStory {
 public:
  /// Brokers 1 to `brokers` have joined and take part.
  explicit ClusterStory(int brokers = 3, ControllerOptions options = defaults());
  static ControllerOptions defaults();
  static Uuid directory(std::uint64_t number);

  /// What a broker that starts would ask, with another incarnation each time.
  protocol::BrokerRegistrationRequest registration(std::int32_t broker);
  protocol::BrokerRegistrationResponse asks(const protocol::BrokerRegistrationRequest& request);
  /// Registers, with proof of a clean shutdown or not, and is unfenced by a heartbeat.
  void joins(std::int32_t broker, bool clean = false,
             std::optional<std::string> rack = std::nullopt);
  /// Registers only.
  std::int64_t registers(std::int32_t broker, bool clean = false);
  protocol::BrokerHeartbeatRequest heartbeat(std::int32_t broker) const;
  protocol::BrokerHeartbeatResponse asks(const protocol::BrokerHeartbeatRequest& request);
  protocol::BrokerHeartbeatResponse beats(std::int32_t broker) { return asks(heartbeat(broker)); }
  protocol::BrokerHeartbeatResponse wants_to_go(std::int32_t broker);

  /// Time passes, and all brokers but the silent ones beat.
  void passes(Duration time, const std::vector<std::int32_t>& silent = {});
  /// What is due by now happens.
  void happens();
  /// The broker is silent until it is fenced.
  void dies(std::int32_t broker);
  /// Another controller goes on, which knows the log and nothing else.
  void fails_over(std::uint64_t seed = 99);
  /// Puts a record into the log that no decision made, such as one of Kafka's.
  void finds(const Record& record);
  void fences(std::int32_t broker);

  template <class Response, class Request>
  Response asks(Controller::Decision (Controller::*method)(Instant, Ticket, const Request&),
                const Request& request) {
    return std::get<Response>(decide((controller_.*method)(now_, Ticket(7), request)));
  }

  protocol::CreateTopicsResponse asks(const protocol::CreateTopicsRequest& request);
  protocol::DeleteTopicsResponse asks(const protocol::DeleteTopicsRequest& request);
  protocol::CreatePartitionsResponse asks(const protocol::CreatePartitionsRequest& request);
  protocol::AlterConfigsResponse asks(const protocol::AlterConfigsRequest& request);
  protocol::IncrementalAlterConfigsResponse asks(
      const protocol::IncrementalAlterConfigsRequest& request);
  /// A block for broker 1.
  protocol::AllocateProducerIdsResponse producer_ids();

  /// Assert that it was created.
  Uuid creates(const std::string& name, std::int32_t partitions = 1, std::int16_t replicas = 1);
  Uuid creates(const std::string& name, std::vector<std::vector<std::int32_t>> replicas);
  void deletes(const std::string& name);
  void sets(ResourceType type, const std::string& resource, const std::string& name,
            std::optional<std::string> value);
  /// The leader proposes these, with the epochs that the brokers have.
  protocol::AlterPartitionRequest proposal(const std::string& topic,
                                           const std::vector<std::int32_t>& isr,
                                           std::int32_t index = 0) const;
  /// And is answered with this for the one partition.
  protocol::AlterPartitionResponse::PartitionData proposes(
      const protocol::AlterPartitionRequest& request);
  ErrorCode shrinks_or_grows(const std::string& topic, const std::vector<std::int32_t>& isr,
                             std::int32_t index = 0);

  /// "leader 1 isr 1,2 eligible 3", and what else there is to say.
  std::string shape(const std::string& topic, std::int32_t index = 0) const;
  const Partition& partition(const std::string& topic, std::int32_t index = 0) const;
  const Broker& broker(std::int32_t id) const;
  const Image& image() const { return controller_.image(); }
  Controller& controller() { return controller_; }
  Instant now() const { return now_; }
  const std::vector<Bytes>& log() const { return log_; }
  /// What another knows that has read nothing but the log.
  Image replayed() const;

  /// Applies what was decided; the answer, if there is one.
  Controller::Reply decide(Controller::Decision decision);

 private:
  Uuid made(NewTopic topic);

  ControllerOptions options_;
  Instant now_{seconds(1000)};
  Controller controller_;
  std::vector<Bytes> log_;
  std::uint64_t incarnations_ = 0;
};

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
