#include "core/metadata/controller.h"

#include "core/base/check.h"
#include "core/base/match.h"
#include "core/metadata/features.h"

namespace trialog::metadata {

Controller::Controller(ControllerOptions options, Image image, Epoch epoch, Instant now)
    : options_(std::move(options)),
      epoch_(epoch),
      image_(std::move(image)),
      index_(image_),
      sessions_(options_.session_timeout) {
  CHECK(options_.num_partitions > 0);
  CHECK(options_.default_replication_factor > 0);
  for (const auto& [id, broker] : image_.brokers()) sessions_.expect(id, now);
  read_defaults();
}

Controller::Decision Controller::on_elected(Instant now) {
  Decision decision;
  auto& records = decision.records;
  if (image_.in_transaction()) {
    protocol::AbortTransactionRecord abort;
    abort.reason = "The controller that began it is gone.";
    records.emplace_back(std::move(abort));
  }
  if (!image_.features().contains(metadata_version)) begin_log(records);
  for (const auto& [id, broker] : image_.brokers()) sessions_.expect(id, now);
  if (options_.auto_leader_rebalance) {
    balance_at_ = now + options_.leader_imbalance_check_interval;
  }
  unclean_at_ = now;
  return decision;
}

void Controller::begin_log(std::vector<Record>& records) const {
  for (const auto& feature : supported_features()) {
    if (feature.initial == 0) continue;
    protocol::FeatureLevelRecord level;
    level.name = feature.name;
    level.feature_level = feature.initial;
    records.emplace_back(std::move(level));
  }
  pin_min_isr(records);
}

void Controller::apply(const Record& record) {
  const auto key_of = [](const auto& r) { return PartitionKey{r.topic_id, r.partition_id}; };
  const auto forget = [&](const auto& r) {
    const auto topic = image_.topic(r.topic_id);
    const auto* partition = topic ? topic->partition(r.partition_id) : nullptr;
    if (partition) index_.remove(key_of(r), *partition);
  };
  const auto learn = [&](const auto& r) {
    index_.add(key_of(r), *image_.topic(r.topic_id)->partition(r.partition_id));
  };
  match(
      record, [&](const protocol::PartitionRecord& r) { forget(r); },
      [&](const protocol::PartitionChangeRecord& r) { forget(r); },
      [&](const protocol::RemoveTopicRecord& r) { index_.remove(*image_.topic(r.topic_id)); },
      [&](const protocol::UnregisterBrokerRecord& r) { sessions_.forget(NodeId(r.broker_id)); },
      [](const auto&) {});
  image_.apply(record);
  match(
      record, [&](const protocol::PartitionRecord& r) { learn(r); },
      [&](const protocol::PartitionChangeRecord& r) { learn(r); },
      [&](const protocol::TopicRecord& r) { index_.add(*image_.topic(r.topic_id)); },
      [&](const protocol::AbortTransactionRecord&) { read_all(); },
      [&](const protocol::ClearElrRecord&) { read_all(); },
      [&](const protocol::ConfigRecord& r) {
        read_defaults();
        // Partitions without leader may get one at once.
        if (r.name == "unclean.leader.election.enable") unclean_at_ = Instant();
      },
      [](const auto&) {});
}

void Controller::read_all() {
  index_ = PartitionIndex(image_);
  read_defaults();
}

void Controller::read_defaults() {
  defaults_ = options_.settings;
  for (const auto& [name, value] : image_.settings({ResourceType::broker, ""})) {
    defaults_[name] = value;
  }
}

std::optional<ErrorCode> Controller::epoch_error(std::int32_t id, std::int64_t epoch) const {
  const auto* broker = image_.broker(NodeId(id));
  if (!broker) return ErrorCode::broker_id_not_registered;
  if (broker->epoch != epoch) return ErrorCode::stale_broker_epoch;
  return std::nullopt;
}

Controller::Decision Controller::answer(Ticket ticket, Reply reply) {
  Decision decision;
  decision.after_commit.push_back({ticket, std::move(reply)});
  return decision;
}

void Controller::pin_min_isr(std::vector<Record>& records) const {
  constexpr std::string_view name = "min.insync.replicas";
  for (const auto& [id, broker] : image_.brokers()) {
    const Resource own{ResourceType::broker, std::to_string(id.value)};
    if (!image_.settings(own).contains(name)) continue;
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(own.type);
    record.resource_name = own.name;
    record.name = name;
    record.value = std::nullopt;
    records.emplace_back(std::move(record));
  }
  if (image_.settings({ResourceType::broker, ""}).contains(name)) return;
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(ResourceType::broker);
  record.name = name;
  record.value = topic_value(name, {}, defaults_);
  records.emplace_back(std::move(record));
}

Controller::Decision Controller::allocate_producer_ids(
    Instant, Ticket ticket, const protocol::AllocateProducerIdsRequest& request) {
  protocol::AllocateProducerIdsResponse response;
  if (const auto error = epoch_error(request.broker_id, request.broker_epoch)) {
    response.error_code = *error;
    return answer(ticket, std::move(response));
  }
  const auto first = image_.next_producer_id();
  response.producer_id_start = first.value;
  response.producer_id_len = static_cast<std::int32_t>(producer_id_block);
  protocol::ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = first.value + producer_id_block;
  auto decision = answer(ticket, std::move(response));
  decision.records.emplace_back(record);
  return decision;
}

}  // namespace trialog::metadata
