#include "core/replication/mender.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/protocol/messages/fetch.h"
#include "core/replication/replica_host.h"

namespace trialog::replication {
namespace {

constexpr Duration retry_after = seconds(1);
constexpr Duration connect_timeout = seconds(5);
constexpr std::int32_t piece = 1 << 20;

/// Takes the batches of the range that `bytes` begins with; where the next one is to begin. Nothing
/// if they are not what the range needs there.
std::optional<Offset> take_batches(const Bytes& bytes, Offset at, Offset end,
                                   std::vector<records::Batch>& into) {
  std::size_t position = 0;
  while (at < end && position < bytes.size()) {
    const auto size = records::Batch::size_at(bytes.view().subspan(position));
    const auto left = bytes.size() - position;
    if (!size || *size <= 0 || static_cast<std::uint64_t>(*size) > left) break;
    auto batch = records::Batch::parse(bytes.slice(position, static_cast<std::size_t>(*size)));
    if (!batch || batch->base() < at || batch->end() > end) return std::nullopt;
    position += batch->size();
    at = batch->end();
    into.push_back(std::move(*batch));
  }
  return at;
}

}  // namespace

Task<void> Mender::run(log::LogDirectory& directory) {
  while (!directory.failed()) {
    const bool whole = co_await mend_all(directory);
    if (whole) {
      co_await directory.damage_found().wait();
    } else {
      co_await env_.clock.sleep(retry_after);
    }
  }
}

Task<bool> Mender::mend_all(log::LogDirectory& directory) {
  bool whole = true;
  for (const auto& log : directory.logs()) {
    const auto replica = host_.find(log->topic_id(), log->partition().partition);
    if (replica == nullptr || replica->log != log) continue;
    for (const auto& range : log->damaged()) {
      auto mending = mend(replica, range);
      const bool mended = co_await mending;
      env_.trace.note(mended ? Level::info : Level::warn, "replica.damage",
                      fmt::format("{}: offsets {} to {} are damaged{}", log->partition().text(),
                                  range.from.value, range.end.value,
                                  mended ? "; repaired from another replica" : ""));
      whole = whole && mended;
    }
  }
  co_return whole;
}

Task<bool> Mender::mend(std::shared_ptr<Replica> replica, log::DamagedRange range) {
  for (const auto from : sources(*replica)) {
    auto fetching = fetch(from, replica, range);
    auto batches = co_await fetching;
    if (!batches || !replica->usable()) continue;
    auto repairing = replica->log->repair(std::move(*batches));
    auto repaired = co_await repairing;
    if (repaired) co_return true;
  }
  co_return false;
}

/// The leader first, then who is in sync, then the others.
std::vector<NodeId> Mender::sources(const Replica& replica) const {
  std::vector<NodeId> result;
  const auto* partition = replica.topic->partition(replica.partition.partition);
  if (partition == nullptr) return result;
  const auto add = [&](NodeId id) {
    const bool known = id == self_ || id.value < 0 || std::ranges::count(result, id) > 0;
    if (!known) result.push_back(id);
  };
  add(partition->leader);
  for (const auto id : partition->isr) add(id);
  for (const auto id : partition->replicas) add(id);
  return result;
}

Task<Result<Mender::Batches>> Mender::fetch(NodeId from, std::shared_ptr<Replica> replica,
                                            log::DamagedRange range) {
  Batches batches;
  auto at = range.from;
  while (at < range.end) {
    auto fetching = fetch_at(from, replica, at);
    auto bytes = co_await fetching;
    if (!bytes) co_return failure(bytes.error());
    const auto next = take_batches(*bytes, at, range.end, batches);
    if (!next) co_return failure(IoError::Kind::corrupt, "other batches than the damaged ones");
    if (*next == at) co_return failure(IoError::Kind::not_found, "the other has not got it");
    at = *next;
  }
  co_return batches;
}

Task<Result<Bytes>> Mender::fetch_at(NodeId from, std::shared_ptr<Replica> replica, Offset at) {
  auto connecting = pool_.link(from, env_.clock.now() + connect_timeout);
  auto link = co_await connecting;
  if (!link) co_return failure(link.error());
  protocol::FetchRequest request;
  request.max_bytes = piece;
  auto& topic = request.topics.emplace_back();
  topic.topic_id = replica->topic_id;
  auto& wish = topic.partitions.emplace_back();
  wish.partition = replica->partition.partition;
  wish.fetch_offset = at.value;
  wish.partition_max_bytes = piece;
  auto asking = (*link)->ask<protocol::FetchResponse>(request);
  auto response = co_await asking;
  if (!response) co_return failure(response.error());
  const bool answered = response->error_code == ErrorCode::none &&
                        response->responses.size() == 1 &&
                        response->responses.front().partitions.size() == 1;
  if (!answered) co_return failure(IoError::Kind::broken, "no answer to what was asked");
  auto& partition = response->responses.front().partitions.front();
  if (partition.error_code != ErrorCode::none || !partition.records ||
      partition.records->pieces().empty()) {
    co_return failure(IoError::Kind::not_found, std::string(error_name(partition.error_code)));
  }
  const auto* bytes = std::get_if<Bytes>(&partition.records->pieces().front());
  co_return bytes == nullptr ? Bytes() : *bytes;
}

}  // namespace trialog::replication
