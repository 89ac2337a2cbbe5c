#include <fmt/format.h>

#include <algorithm>

#include "core/replication/metadata_quorum.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

using protocol::FetchResponse;

/// How long the leader may hold a fetch back (Kafka's quorum has this fixed, too).
constexpr Duration longest_poll = milliseconds(500);
constexpr Duration longest_pause = milliseconds(500);
/// Nobody's metadata takes more.
constexpr std::int64_t largest_snapshot = std::int64_t{2} << 30;

const FetchResponse::PartitionData* the_partition(const FetchResponse& response) {
  if (response.responses.size() != 1) return nullptr;
  const auto& partitions = response.responses[0].partitions;
  return partitions.size() == 1 ? &partitions[0] : nullptr;
}

}  // namespace

/// The leader, if there is one that answers; else everybody in turn, until somebody names it.
std::optional<NodeId> MetadataQuorum::whom_to_ask() {
  if (failed_ || machine_->leads() || machine_->role_name() == quorum::RoleName::candidate) {
    return std::nullopt;
  }
  const auto leader = machine_->leader();
  const bool known = leader && *leader != options_.self && peers_.endpoint(*leader);
  if (known && !leader_silent_) return *leader;
  const auto all = peers_.all();
  if (all.empty()) return std::nullopt;
  return all[next_asked_ % all.size()];
}

MetadataQuorum::Asked MetadataQuorum::asking(NodeId whom) const {
  return Asked(whom, machine_->epoch(), machine_->log());
}

Task<void> MetadataQuorum::follow() {
  auto pause = options_.retry_backoff;
  while (!failed_) {
    const auto whom = whom_to_ask();
    if (!whom) {
      co_await moved_.wait();
      continue;
    }
    const auto epoch = machine_->epoch();
    auto attempt = std::make_shared<Attempt>();
    {
      TaskGroup trying(env_.executor);
      trying.spawn("quorum.fetch", fetch_from(*whom, attempt));
      // Not a moment longer than it makes sense: somebody else may lead meanwhile.
      while (!attempt->ended &&
             (attempt->taking || (machine_->epoch() == epoch && whom_to_ask() == whom))) {
        co_await moved_.wait();
      }
    }
    const bool was_leader = machine_->leader() == *whom;
    leader_silent_ = was_leader && attempt->ended && !attempt->fruitful;
    if (!attempt->ended || attempt->fruitful) {
      pause = options_.retry_backoff;
      continue;
    }
    ++next_asked_;
    auto moved = within(env_.executor, env_.clock, env_.clock.now() + pause, raised(moved_));
    co_await moved;
    pause = std::min<Duration>(pause * 2, longest_pause);
  }
}

Task<void> MetadataQuorum::fetch_from(NodeId whom, AttemptPtr attempt) {
  attempt->fruitful = co_await fetch_once(whom, attempt);
  attempt->ended = true;
  moved_.raise();
}

/// A voter's position says what it has on disk: so everything is synced before it asks for more.
Task<bool> MetadataQuorum::fetch_once(NodeId whom, AttemptPtr attempt) {
  const auto kept = co_await log_->committed(log_->end());
  if (!kept) co_return false;
  auto link = co_await peers_.link(whom, env_.clock.now() + options_.request_timeout);
  if (!link) {
    peers_.lost(whom, link.error());
    co_return false;
  }
  const auto asked = asking(whom);
  protocol::FetchRequest request;
  request.cluster_id = options_.cluster_id;
  request.replica_state.replica_id = options_.self.value;
  request.max_wait_ms = static_cast<std::int32_t>(longest_poll / milliseconds(1));
  request.max_bytes = options_.fetch_max_bytes;
  auto& topic = request.topics.emplace_back();
  topic.topic = log_->partition().topic;
  topic.topic_id = metadata_topic_id();
  auto& partition = topic.partitions.emplace_back();
  partition.current_leader_epoch = asked.epoch.value;
  partition.fetch_offset = asked.position.end.value;
  partition.last_fetched_epoch = asked.position.last_epoch.value;
  partition.log_start_offset = log_->start().value;
  partition.partition_max_bytes = options_.fetch_max_bytes;
  partition.replica_directory_id = options_.directory;
  partition.high_watermark = seen_.high_watermark.value;
  auto sent = (*link)->ask<FetchResponse>(request, longest_poll);
  auto response = co_await sent;
  if (!response) {
    peers_.lost(whom, response.error());
    co_return false;
  }
  peers_.heard_from(whom);
  learn_from(*response);
  auto outcome = std::make_shared<Outcome>();
  attempt->taking = true;
  submit([this, asked, attempt, outcome, answer = std::move(*response)]() mutable {
    return take(asked, std::move(answer), attempt, outcome);
  });
  co_await ended(outcome);
  attempt->taking = false;
  if (attempt->snapshot)
    co_return co_await fetch_whole_snapshot(asked, *attempt->snapshot, attempt);
  if (attempt->fruitful && should_tell_where_we_are()) {
    told_in_ = machine_->epoch();
    tasks_.spawn("quorum.tell", tell_where_we_are(whom));
  }
  co_return attempt->fruitful;
}

void MetadataQuorum::learn_from(const FetchResponse& response) {
  for (const auto& node : response.node_endpoints) {
    if (node.port <= 0 || node.port > 65535) continue;
    peers_.learn(NodeId(node.node_id), Endpoint(node.host, static_cast<std::uint16_t>(node.port)));
  }
}

Task<void> MetadataQuorum::take(Asked asked, FetchResponse response, AttemptPtr attempt,
                                OutcomePtr outcome) {
  const auto* answer = the_partition(response);
  if (response.error_code != ErrorCode::none || !answer) {
    if (response.error_code != ErrorCode::none) {
      const auto why = std::string(error_name(response.error_code));
      env_.trace.note(Level::warn, "quorum.refused", peers_.text(asked.whom) + ": " + why);
    }
  } else {
    const auto& named = answer->current_leader;
    const auto leader = named.leader_id < 0 ? std::nullopt : std::optional(NodeId(named.leader_id));
    const auto now = env_.clock.now();
    auto effects = machine_->on_leader_named(now, Epoch(named.leader_epoch), leader);
    co_await carry_out(std::move(effects), nullptr);
    auto taken = take_partition(asked, *answer, attempt);
    attempt->fruitful = co_await taken;
  }
  outcome->ended = true;
  job_ended_.raise();
}

Task<bool> MetadataQuorum::take_partition(Asked asked, FetchResponse::PartitionData answer,
                                          AttemptPtr attempt) {
  const bool current = !failed_ && asking(asked.whom) == asked && !machine_->leads() &&
                       machine_->role_name() != quorum::RoleName::candidate &&
                       machine_->leader() == NodeId(answer.current_leader.leader_id) &&
                       machine_->epoch() == Epoch(answer.current_leader.leader_epoch);
  if (answer.error_code != ErrorCode::none || !current) co_return false;
  const bool diverging = answer.diverging_epoch.epoch >= 0;
  const bool snapshot = answer.snapshot_id.end_offset >= 0;
  // The watermark of an answer that takes something away says nothing of our log yet
  // (KAFKA-14704).
  const Offset watermark(diverging || snapshot ? 0 : answer.high_watermark);
  auto effects = machine_->on_fetched(env_.clock.now(), asked.epoch, watermark);
  co_await carry_out(std::move(effects), nullptr);
  if (failed_) co_return false;
  if (diverging) {
    auto cut =
        truncate(Epoch(answer.diverging_epoch.epoch), Offset(answer.diverging_epoch.end_offset));
    co_return co_await cut;
  }
  if (snapshot) {
    const Epoch epoch(answer.snapshot_id.epoch);
    attempt->snapshot = quorum::SnapshotId(Offset(answer.snapshot_id.end_offset), epoch);
    co_return true;
  }
  if (!answer.records || answer.records->empty()) co_return true;
  co_return co_await take_records(std::move(*answer.records));
}

/// SEMANTICS 4.5. What is committed never goes: a leader that asks for that has lost what a
/// majority had, or is none.
Task<bool> MetadataQuorum::truncate(Epoch epoch, Offset end) {
  const auto own = log_->end_of(epoch);
  auto cut = std::min(end, log_->end());
  if (own.epoch == epoch) cut = std::min(cut, own.end);
  if (own.epoch != epoch && own.epoch != no_epoch) cut = std::min(log_->end(), own.end);
  if (cut < machine_->committed()) {
    fail(fmt::format("the leader's log ends at offset {} of epoch {}, ours is committed to {}",
                     end.value, epoch.value, machine_->committed().value));
    co_return false;
  }
  env_.trace.note(Level::info, "quorum.truncate",
                  fmt::format("from {} to {}", log_->end().value, cut.value));
  auto done = co_await log_->truncate_to(cut);
  if (!done) {
    fail(done.error().what());
    co_return false;
  }
  machine_->on_truncated(env_.clock.now(), log_end());
  peers_.know(machine_->voters());
  co_return true;
}

/// They are a peer's word: each batch is checked before any of it counts.
Task<bool> MetadataQuorum::take_records(Chain records) {
  auto bytes = co_await gathered(std::move(records));
  auto batches = bytes ? batches_in(*bytes) : failure(bytes.error());
  if (!batches) {
    env_.trace.note(Level::warn, "quorum.bad_records", batches.error().what());
    co_return false;
  }
  for (auto& batch : *batches) {
    auto named = voters_in(batch);
    const bool follows = batch.base() == log_->end() && batch.leader_epoch() <= machine_->epoch() &&
                         batch.leader_epoch() >= machine_->log().last_epoch;
    if (!named || !follows) {
      env_.trace.note(Level::warn, "quorum.bad_records",
                      named ? fmt::format("offset {} of epoch {} behind {} of epoch {}",
                                          batch.base().value, batch.leader_epoch().value,
                                          log_->end().value, machine_->log().last_epoch.value)
                            : named.error().what());
      co_return false;
    }
    const auto epoch = batch.leader_epoch();
    const auto end = log_->append_as_follower(std::move(batch));
    if (!end) {
      fail(error_name(end.error()));
      co_return false;
    }
    machine_->on_appended(quorum::LogEnd(epoch, *end));
    for (auto& each : *named) note_voters(each.at, std::move(each.voters));
  }
  co_return true;
}

Task<bool> MetadataQuorum::fetch_whole_snapshot(Asked asked, quorum::SnapshotId id,
                                                AttemptPtr attempt) {
  std::vector<std::byte> whole;
  std::int64_t size = 1;
  env_.trace.note(Level::info, "quorum.fetch_snapshot", snapshot_name(id));
  while (std::ssize(whole) < size) {
    auto link = co_await peers_.link(asked.whom, env_.clock.now() + options_.request_timeout);
    if (!link) co_return false;
    protocol::FetchSnapshotRequest request;
    request.cluster_id = options_.cluster_id;
    request.replica_id = options_.self.value;
    request.max_bytes = options_.fetch_snapshot_max_bytes;
    auto& topic = request.topics.emplace_back();
    topic.name = log_->partition().topic;
    auto& part = topic.partitions.emplace_back();
    part.current_leader_epoch = asked.epoch.value;
    part.snapshot_id.end_offset = id.end.value;
    part.snapshot_id.epoch = id.epoch.value;
    part.position = std::ssize(whole);
    part.replica_directory_id = options_.directory;
    auto sent = (*link)->ask<protocol::FetchSnapshotResponse>(request);
    auto response = co_await sent;
    if (!response || response->topics.size() != 1 || response->topics[0].partitions.size() != 1) {
      co_return false;
    }
    auto& answer = response->topics[0].partitions[0];
    const bool fits = answer.error_code == ErrorCode::none &&
                      answer.position == std::ssize(whole) && answer.size > 0 &&
                      answer.size <= largest_snapshot && answer.unaligned_records &&
                      !answer.unaligned_records->empty();
    if (!fits) co_return false;
    (void)machine_->on_fetched(env_.clock.now(), asked.epoch, Offset(0));
    size = answer.size;
    auto bytes = co_await gathered(std::move(*answer.unaligned_records));
    if (!bytes) co_return false;
    whole.insert(whole.end(), bytes->view().begin(), bytes->view().end());
  }
  auto outcome = std::make_shared<Outcome>();
  attempt->taking = true;
  attempt->fruitful = false;
  submit([this, asked, id, attempt, outcome, bytes = Bytes(std::move(whole))] {
    return install(asked, id, bytes, attempt, outcome);
  });
  co_await ended(outcome);
  attempt->taking = false;
  co_return attempt->fruitful;
}

Task<void> MetadataQuorum::install(Asked asked, quorum::SnapshotId id, Bytes whole,
                                   AttemptPtr attempt, OutcomePtr outcome) {
  const bool current = !failed_ && asking(asked.whom) == asked && !machine_->leads() &&
                       machine_->role_name() != quorum::RoleName::candidate;
  if (current && id.end >= machine_->committed() && id.end > Offset(0)) {
    auto contents = parse_snapshot(whole);
    if (contents) {
      auto replaced = replace_log(id, std::move(whole), contents->voters);
      attempt->fruitful = co_await replaced;
    } else {
      env_.trace.note(Level::warn, "quorum.bad_snapshot", contents.error().what());
    }
  }
  outcome->ended = true;
  job_ended_.raise();
}

/// The snapshot is durable before the log that it replaces goes; `load` completes what a crash
/// between the two leaves.
Task<bool> MetadataQuorum::replace_log(quorum::SnapshotId id, Bytes whole,
                                       std::optional<quorum::VoterSet> voters) {
  auto done = co_await snapshots_.put(id, std::move(whole));
  if (done) done = co_await log_->truncate_fully_and_start_at(id.end);
  if (done) done = co_await snapshots_.remove_before(id.end);
  if (!done) {
    fail(done.error().what());
    co_return false;
  }
  log_->begin_epoch(id.epoch);
  auto effects =
      machine_->on_snapshot(env_.clock.now(), log_end(), voters.value_or(quorum::VoterSet()));
  co_await carry_out(std::move(effects), nullptr);
  peers_.know(machine_->voters());
  co_return true;
}

}  // namespace trialog::replication
