#include "core/client/metadata.h"

#include <algorithm>
#include <utility>

#include "core/client/backoff.h"
#include "core/protocol/messages/metadata.h"

namespace trialog::client {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

/// Whether asking again may help.
bool may_pass(ErrorCode error) {
  return error == ErrorCode::none || error == ErrorCode::unknown_topic_or_partition ||
         is_retriable(error);
}

Metadata::Topic topic_of(const MetadataResponse::MetadataResponseTopic& answer) {
  Metadata::Topic topic{.id = answer.topic_id, .internal = answer.is_internal, .leaders = {}};
  for (const auto& partition : answer.partitions) {
    const auto index = static_cast<std::size_t>(partition.partition_index);
    // Each partition is listed once; an index beyond them is garbage.
    if (partition.partition_index < 0 || index >= answer.partitions.size()) continue;
    topic.leaders.resize(std::max(topic.leaders.size(), index + 1));
    auto& leader = topic.leaders[index];
    leader.node = NodeId(partition.leader_id);
    leader.epoch = Epoch(partition.leader_epoch);
  }
  return topic;
}

/// True if there was one to keep.
bool keep_newer_leaders(const Metadata::Topic& known, Metadata::Topic& fresh) {
  if (known.id != fresh.id) return false;
  bool kept = false;
  const auto count = std::min(known.leaders.size(), fresh.leaders.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (fresh.leaders[i].epoch >= known.leaders[i].epoch) continue;
    fresh.leaders[i] = known.leaders[i];
    kept = true;
  }
  return kept;
}

}  // namespace

Metadata::Metadata(Env& env, const ConnectionOptions& options, bool auto_create,
                   ConnectionPool& pool, Signal& news)
    : env_(env),
      options_(options),
      auto_create_(auto_create),
      pool_(pool),
      news_(news),
      random_(env.random.fork("client.metadata")),
      wake_(env.executor),
      tasks_(env.executor) {
  tasks_.spawn("client.metadata", keep_fresh());
}

const Metadata::Topic* Metadata::find(const std::string& topic) {
  const auto [found, fresh] = topics_.try_emplace(topic);
  if (fresh || !found->second.known) refresh();
  return found->second.known ? &*found->second.known : nullptr;
}

std::optional<Metadata::Leader> Metadata::leader(const TopicPartition& partition) {
  const auto* topic = find(partition.topic);
  const auto index = static_cast<std::size_t>(partition.partition);
  if (topic == nullptr) return std::nullopt;
  if (partition.partition < 0 || index >= topic->leaders.size() ||
      topic->leaders[index].node.value < 0) {
    refresh();
    return std::nullopt;
  }
  return topic->leaders[index];
}

void Metadata::refresh() {
  if (stale_) return;
  stale_ = true;
  wake_.raise();
}

Task<Answer<Metadata::Topic>> Metadata::topic(std::string name, Instant deadline) {
  while (true) {
    if (const auto* known = find(name)) co_return *known;
    const auto error = topics_[name].error;
    if (!may_pass(error)) co_return refusal(error, name);
    auto news = within(env_.executor, env_.clock, deadline, raised(news_));
    auto told = co_await news;
    if (told) continue;
    if (error != ErrorCode::none) co_return refusal(error, name);
    IoError late(IoError::Kind::timed_out, "no metadata of topic " + name + " in time");
    co_return refusal(std::move(late));
  }
}

Task<void> Metadata::keep_fresh() {
  int failures = 0;
  while (true) {
    const auto due = stale_ ? not_before_ : best_before_;
    if (env_.clock.now() < due) {
      auto woken = within(env_.executor, env_.clock, due, raised(wake_));
      co_await woken;
      continue;
    }
    stale_ = false;  // What is found wrong from now on is not in the answer.
    auto asked = co_await ask();
    const auto now = env_.clock.now();
    failures = asked ? 0 : failures + 1;
    if (!asked) stale_ = true;
    not_before_ =
        now + backoff(options_.retry_backoff, options_.retry_backoff_max, failures, random_);
    best_before_ = now + options_.metadata_max_age;
    news_.raise();
  }
}

Task<Status> Metadata::ask() {
  const auto deadline = env_.clock.now() + options_.request_timeout;
  auto finding = was_behind_ ? pool_.another(asked_, deadline) : pool_.any(asked_, deadline);
  auto link = co_await finding;
  if (!link) co_return failure(link.error());
  const auto version = (*link)->version_of(MetadataRequest::api);
  const auto asked = request(version.value_or(0) >= 4);
  auto response = co_await (*link)->ask<MetadataResponse>(asked);
  if (!response) co_return failure(response.error());
  learn(*response);
  co_return Status();
}

MetadataRequest Metadata::request(bool can_forbid_creation) const {
  MetadataRequest request;
  request.allow_auto_topic_creation = auto_create_ || !can_forbid_creation;
  for (const auto& [name, wanted] : topics_) {
    request.topics->emplace_back().name = name;
  }
  return request;
}

void Metadata::learn(const MetadataResponse& response) {
  std::map<NodeId, Endpoint> brokers;
  for (const auto& broker : response.brokers) {
    if (broker.node_id < 0 || broker.port < 0 || broker.port > 65535) continue;
    brokers[NodeId(broker.node_id)] =
        Endpoint(broker.host, static_cast<std::uint16_t>(broker.port));
  }
  if (!brokers.empty()) pool_.learn(brokers);
  was_behind_ = false;
  for (const auto& answer : response.topics) {
    const auto found = topics_.find(answer.name.value_or(""));
    if (found == topics_.end()) continue;
    auto& wanted = found->second;
    wanted.error = answer.error_code;
    if (answer.error_code == ErrorCode::none) {
      auto fresh = topic_of(answer);
      if (wanted.known && keep_newer_leaders(*wanted.known, fresh)) was_behind_ = true;
      wanted.known = std::move(fresh);
    } else if (!may_pass(answer.error_code) ||
               answer.error_code == ErrorCode::unknown_topic_or_partition) {
      wanted.known.reset();
    }
  }
}

}  // namespace trialog::client
