#include <algorithm>

#include "core/protocol/messages/list_offsets.h"
#include "core/records/batch.h"
#include "core/replication/fetcher.h"

namespace trialog::replication {
namespace {

constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;

}  // namespace

Task<void> Fetcher::take(Key key, PartitionAnswer answer) {
  const auto found = followed_.find(key);
  if (found == followed_.end()) co_return;
  auto& followed = found->second;
  const auto replica = followed.replica;
  const auto epoch = followed.asked_in;
  // An answer to what we no longer are, or from before the log was cut, says nothing.
  const bool ours = replica->usable() && replica->follows(epoch) &&
                    replica->log->end().value == followed.sent.fetch_offset;
  touched_.insert(key);
  if (!ours) co_return;
  Status done;
  if (answer.error_code == ErrorCode::offset_out_of_range) {
    auto resolving = resolve_range(replica, epoch);
    done = co_await resolving;
  } else if (answer.error_code != ErrorCode::none) {
    co_return back_off(followed, error_name(answer.error_code));
  } else if (answer.diverging_epoch.epoch >= 0) {
    log::EpochEnd theirs;
    theirs.epoch = Epoch(answer.diverging_epoch.epoch);
    theirs.end = Offset(answer.diverging_epoch.end_offset);
    auto cutting = replica->diverged(epoch, Offset(answer.high_watermark), theirs);
    done = co_await cutting;
  } else {
    co_return co_await append(followed, answer);
  }
  const auto now = followed_.find(key);
  if (!done && now != followed_.end()) back_off(now->second, done.error().what());
}

Task<void> Fetcher::append(Followed& followed, const PartitionAnswer& answer) {
  const auto replica = followed.replica;
  const auto epoch = followed.asked_in;
  std::size_t bytes = 0;
  auto error = ErrorCode::none;
  if (answer.records) {
    for (const auto& piece : answer.records->pieces()) {
      const auto* memory = std::get_if<Bytes>(&piece);
      if (memory == nullptr) continue;  // What a link has read is in memory.
      bytes += memory->size();
      if (error == ErrorCode::none) error = append_batches(followed, *memory);
    }
  }
  if (replica->follower_throttled) throttle_.spend(env_.clock.now(), bytes);
  replica->leader_answered(epoch, Offset(answer.high_watermark));
  if (error != ErrorCode::none) co_return back_off(followed, error_name(error));
  followed.failures = 0;
  const Offset start(answer.log_start_offset);
  if (start <= replica->log->start()) co_return;
  // What the leader no longer has nobody wants; that we have it all we do not yet know.
  const auto log = replica->log;
  auto deleted = co_await log->delete_before(std::min(start, log->end()));
  if (!deleted && !log->failed()) {
    env_.trace.note(Level::warn, "replica.log_start", deleted.error().what());
  }
}

/// Appends whole batches as they are. A batch that is damaged, or of an epoch that the leader
/// cannot have known, ends it: it will be asked for again.
ErrorCode Fetcher::append_batches(Followed& followed, const Bytes& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto size = records::Batch::size_at(bytes.view().subspan(at));
    if (!size || *size <= 0 || static_cast<std::uint64_t>(*size) > bytes.size() - at) break;
    auto batch = records::Batch::parse(bytes.slice(at, static_cast<std::size_t>(*size)));
    if (!batch || batch->leader_epoch() > followed.asked_in) return ErrorCode::corrupt_message;
    at += batch->size();
    auto appended = followed.replica->log->append_as_follower(std::move(*batch));
    if (!appended) return appended.error();
  }
  return ErrorCode::none;
}

/// The leader has nothing where our log ends: asks where its own begins and ends (SEMANTICS 4.7).
Task<Status> Fetcher::resolve_range(std::shared_ptr<Replica> replica, Epoch epoch) {
  auto first = list_offset(replica, epoch, earliest);
  auto start = co_await first;
  if (!start) co_return failure(start.error());
  auto last = list_offset(replica, epoch, latest);
  auto end = co_await last;
  if (!end) co_return failure(end.error());
  if (!replica->usable() || !replica->follows(epoch)) co_return Status();
  const auto before = replica->log->end();
  auto cutting = replica->out_of_range(epoch, *start, *end);
  auto done = co_await cutting;
  // Both logs reach as far, and still the leader does not know our last epoch.
  if (done && replica->usable() && replica->log->end() == before) {
    co_return failure(IoError::Kind::broken, "the leader does not know our last epoch");
  }
  co_return done;
}

Task<Result<Offset>> Fetcher::list_offset(std::shared_ptr<Replica> replica, Epoch epoch,
                                          std::int64_t time) {
  protocol::ListOffsetsRequest request;
  request.replica_id = self_.value;
  auto& topic = request.topics.emplace_back();
  topic.name = replica->partition.topic;
  auto& asked = topic.partitions.emplace_back();
  asked.partition_index = replica->partition.partition;
  asked.current_leader_epoch = epoch.value;
  asked.timestamp = time;
  const auto link = pool_.ready(leader_);
  if (link == nullptr) co_return failure(IoError::Kind::closed, "no link to the leader");
  auto asking = link->ask<protocol::ListOffsetsResponse>(request);
  auto response = co_await asking;
  if (!response) co_return failure(response.error());
  const bool whole =
      response->topics.size() == 1 && response->topics.front().partitions.size() == 1;
  if (!whole) co_return failure(IoError::Kind::corrupt, "an answer to another question");
  const auto& answer = response->topics.front().partitions.front();
  if (answer.error_code != ErrorCode::none) {
    co_return failure(IoError::Kind::broken, std::string(error_name(answer.error_code)));
  }
  co_return Offset(answer.offset);
}

}  // namespace trialog::replication
