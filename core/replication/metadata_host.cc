#include "core/replication/metadata_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/protocol/codec.h"
#include "core/protocol/messages/control_records.h"
#include "core/records/build.h"
#include "core/records/control.h"
#include "core/replication/metadata_replay.h"

namespace trialog::replication {
namespace {

/// Kafka's first elected leader has this epoch; 0 is before any.
constexpr Epoch first_epoch{1};

std::vector<std::byte> leader_change(NodeId leader) {
  protocol::LeaderChangeMessage message;
  message.leader_id = leader.value;
  protocol::LeaderChangeMessage::Voter voter;
  voter.voter_id = leader.value;
  message.voters.push_back(voter);
  message.granting_voters.push_back(voter);
  const auto encoded = protocol::encode(message, 0);
  CHECK(encoded.has_value());
  std::vector<std::byte> bytes;
  for (const auto& piece : encoded->pieces()) {
    const auto view = std::get<Bytes>(piece).view();
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  return bytes;
}

}  // namespace

TopicPartition metadata_partition() { return {"__cluster_metadata", 0}; }

log::Options metadata_log_options() {
  log::Options options;
  options.durability = log::Durability::fsync;
  options.deletes = false;
  return options;
}

MetadataHost::MetadataHost(Env& env, std::shared_ptr<log::PartitionLog> log,
                           metadata::ControllerOptions options, Prepare prepare)
    : env_(env),
      log_(std::move(log)),
      self_(options.self),
      controller_(std::move(options)),
      prepare_(std::move(prepare)),
      image_(std::make_shared<const metadata::Image>()),
      appended_(env.executor),
      changed_(env.executor),
      producer_ids_came_(env.executor),
      tasks_(env.executor) {
  CHECK(log_ != nullptr);
}

Task<Status> MetadataHost::load() {
  CHECK(epoch_ == no_epoch);
  auto replayed = co_await replay(env_, *log_, controller_);
  if (!replayed) co_return failure(std::move(replayed.error()));

  epoch_ = std::max(log_->latest_epoch().next(), first_epoch);
  tasks_.spawn("metadata.publish", publish());
  tasks_.spawn("metadata.watch", watch());
  bool kept = begin_epoch();
  if (kept) kept = co_await published();
  if (!kept) co_return failure(IoError::Kind::broken, "the metadata log can't be written");
  env_.trace.note(Level::info, "metadata.loaded",
                  fmt::format("epoch {}, up to offset {}: {} topics", epoch_.value,
                              image_->end().value, image_->topics().size()));
  co_return Status();
}

bool MetadataHost::begin_epoch() {
  records::BatchOptions options;
  options.leader_epoch = epoch_;
  log_->begin_epoch(epoch_);
  auto batch = records::control_batch(options, env_.clock.wall_now(),
                                      records::ControlType::leader_change, leader_change(self_));
  const auto appended = log_->append_as_leader(std::move(batch), epoch_);
  if (!appended) return fail(error_name(appended.error())), false;
  controller_.skip_to(log_->end());
  hand_over();
  return true;
}

bool MetadataHost::append(const std::vector<metadata::Record>& records) {
  records::BatchOptions options;
  options.leader_epoch = epoch_;
  records::BatchBuilder builder(options);
  const auto now = env_.clock.wall_now();
  for (const auto& record : records) {
    const auto value = metadata::encode_record(record);
    builder.add(now, std::nullopt, value.view());
  }
  const auto appended = log_->append_as_leader(builder.build(), epoch_);
  if (!appended) return fail(error_name(appended.error())), false;
  CHECK(appended->base == controller_.image().end());
  for (const auto& record : records) controller_.apply(record);
  CHECK(appended->end == controller_.image().end());
  hand_over();
  return true;
}

void MetadataHost::hand_over() {
  const auto& now = controller_.image();
  pending_.push_back({now.end(), std::make_shared<const metadata::Image>(now)});
  appended_.raise();
}

Task<bool> MetadataHost::keep(std::vector<metadata::Record> records) {
  if (!records.empty() && !append(records)) co_return false;
  co_return co_await published();
}

Task<bool> MetadataHost::published() {
  const Offset end = controller_.image().end();
  while (!failed_ && image_->end() < end) co_await changed_.wait();
  co_return !failed_;
}

Task<void> MetadataHost::publish() {
  while (!failed_) {
    if (pending_.empty()) {
      co_await appended_.wait();
      continue;
    }
    const bool committed = co_await log_->committed(pending_.front().end);
    if (!committed) co_return fail("the metadata log failed");
    // What was committed together is shown together.
    while (pending_.size() > 1 && pending_[1].end <= log_->committed_end()) pending_.pop_front();
    const ImagePtr next = std::move(pending_.front().image);
    pending_.pop_front();
    auto prepared = co_await prepare_(next);
    if (!prepared) co_return fail(prepared.error().what());
    image_ = next;
    changed_.raise();
  }
}

Task<void> MetadataHost::watch() {
  while (!log_->failed()) co_await log_->progress().wait();
  fail("the metadata log failed");
}

void MetadataHost::fail(std::string_view why) {
  if (failed_) return;
  failed_ = true;
  env_.trace.note(Level::error, "metadata.failed", why);
  appended_.raise();
  changed_.raise();
  producer_ids_came_.raise();
}

Task<std::expected<ProducerId, ErrorCode>> MetadataHost::next_producer_id() {
  while (producer_ids_.size == 0) {
    if (failed_) co_return std::unexpected(ErrorCode::kafka_storage_error);
    // One block serves all who wait. It is fetched by a task of our own, because whoever waits may
    // be cancelled.
    if (!fetching_producer_ids_) {
      fetching_producer_ids_ = true;
      tasks_.spawn("metadata.producer_ids", fetch_producer_ids());
    }
    co_await producer_ids_came_.wait();
  }
  const auto id = producer_ids_.first;
  producer_ids_.first = ProducerId(id.value + 1);
  --producer_ids_.size;
  co_return id;
}

Task<void> MetadataHost::fetch_producer_ids() {
  const auto decide = [self = self_](Controller& controller, Instant now, Ticket ticket) {
    return controller.allocate_producer_ids(now, ticket, self);
  };
  const auto reply = co_await ask(decide);
  fetching_producer_ids_ = false;
  if (reply) producer_ids_ = std::get<metadata::ProducerIds>(*reply);
  producer_ids_came_.raise();
}

}  // namespace trialog::replication
