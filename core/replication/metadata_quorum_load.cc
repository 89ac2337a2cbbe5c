#include <fmt/format.h>

#include "core/base/check.h"
#include "core/replication/metadata_quorum.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

constexpr std::size_t read_size = 4u << 20;

}  // namespace

quorum::LogEnd MetadataQuorum::log_end() const {
  const auto end = log_->end();
  if (end > log_->start()) return {log_->epoch_at(Offset(end.value - 1)), end};
  const auto snapshot = snapshots_.latest();
  return {snapshot && snapshot->end == end ? snapshot->epoch : Epoch(0), end};
}

/// A crash may have come between a snapshot's arrival and the end of what it replaces.
Task<Status> MetadataQuorum::load_snapshots() {
  auto done = co_await snapshots_.load();
  if (!done) co_return done;
  const auto newest = snapshots_.latest();
  if (newest && newest->end > log_->end()) {
    done = co_await log_->truncate_fully_and_start_at(newest->end);
    if (!done) co_return done;
    log_->begin_epoch(newest->epoch);
  }
  if (log_->start() > (newest ? newest->end : Offset(0))) {
    co_return failure(IoError::Kind::corrupt,
                      fmt::format("the metadata log begins at offset {}, and no whole snapshot "
                                  "reaches there; see the notes above, or give the node a new "
                                  "directory, so that it fetches one",
                                  log_->start().value));
  }
  co_return Status();
}

/// Nothing before the newest snapshot is ever truncated, so what held there needs not be known.
Task<Result<quorum::VoterHistory>> MetadataQuorum::load_voters() {
  auto configured = quorum::VoterSet::of(options_.static_voters);
  if (!configured) co_return failure(IoError::Kind::corrupt, configured.error());
  quorum::VoterHistory history(std::move(*configured));
  Offset from = log_->start();
  if (const auto newest = snapshots_.latest()) {
    auto contents = co_await snapshots_.read(*newest);
    if (!contents) co_return failure(contents.error());
    if (contents->voters) history.reset(newest->end, std::move(*contents->voters));
    from = newest->end;
  }
  auto scanned = co_await scan(from, history);
  if (!scanned) co_return failure(scanned.error());
  co_return history;
}

Task<Status> MetadataQuorum::scan(Offset from, quorum::VoterHistory& history) {
  while (from < log_->end()) {
    auto chain = co_await log_->read(from, log_->end(), read_size);
    if (!chain) co_return failure(chain.error());
    auto bytes = co_await gathered(std::move(*chain));
    if (!bytes) co_return failure(bytes.error());
    const auto batches = batches_in(*bytes);
    if (!batches) co_return failure(batches.error());
    if (batches->empty()) {
      co_return failure(IoError::Kind::corrupt, std::string("the metadata log has a hole"));
    }
    for (const auto& batch : *batches) {
      auto named = voters_in(batch);
      if (!named) co_return failure(named.error());
      for (auto& each : *named) history.note(each.at, std::move(each.voters));
      from = batch.end();
    }
  }
  co_return Status();
}

Task<Status> MetadataQuorum::load() {
  CHECK(!machine_);
  auto done = co_await load_snapshots();
  if (!done) co_return done;
  auto history = co_await load_voters();
  if (!history) co_return failure(history.error());
  quorum::VoterSet listed;
  if (!history->recorded()) listed = history->latest();
  auto ballot = co_await ballot_file_.load(std::move(listed));
  if (!ballot) co_return failure(ballot.error());
  const quorum::ReplicaKey self(options_.self, options_.directory);
  if (!options_.voter && history->latest().has(self)) {
    co_return failure(
        IoError::Kind::corrupt,
        fmt::format("node {} is one of the voters, but not a controller", options_.self.value));
  }
  if (history->latest().size() == 0 && options_.bootstrap.empty()) {
    co_return failure(IoError::Kind::not_found,
                      std::string("there are no voters, and no bootstrap servers to ask for them"));
  }
  const auto snapshot_end = snapshots_.latest() ? snapshots_.latest()->end : Offset(0);
  const auto committed = std::max(snapshot_end, log_->recovered_high_watermark());
  const quorum::Options options(self, options_.election_timeout, options_.election_backoff_max,
                                options_.fetch_timeout, env_.bugs);
  quorum::Recovered recovered(ballot->value_or(quorum::Ballot()), log_end(), std::move(*history),
                              committed);
  const auto now = env_.clock.now();
  machine_.emplace(options, std::move(recovered), env_.random.fork("quorum"), now);
  well_at_ = now;
  peers_.know(machine_->voters());
  if (machine_->leads() && !begin_leading())
    co_return failure(IoError::Kind::broken, std::string("the metadata log can't be written"));
  publish();
  tasks_.spawn("quorum.log", watch_log());
  co_await on_time();
  if (failed_) {
    co_return failure(IoError::Kind::broken, std::string("the metadata log can't be written"));
  }
  tasks_.spawn("quorum.work", work());
  tasks_.spawn("quorum.tick", tick());
  tasks_.spawn("quorum.follow", follow());
  tasks_.spawn("quorum.complain", complain());
  co_return Status();
}

}  // namespace trialog::replication
