#include "core/base/check.h"
#include "core/replication/metadata_quorum.h"

namespace trialog::replication {

Task<Result<std::vector<Bytes>>> MetadataQuorum::read_snapshot(quorum::SnapshotId id) {
  auto contents = co_await snapshots_.read(id);
  if (!contents) co_return failure(contents.error());
  co_return std::move(contents->values);
}

Task<Status> MetadataQuorum::write_snapshot(quorum::SnapshotId id, std::vector<Bytes> values,
                                            WallTime last_contained) {
  CHECK(id.end <= seen_.high_watermark);
  const auto before = snapshots_.latest();
  CHECK(!before || id.end > before->end);
  CHECK(log_->epoch_at(Offset(id.end.value - 1)) == id.epoch);
  SnapshotContents contents;
  contents.last_contained = last_contained;
  contents.values = std::move(values);
  const auto& voters = machine_->history().before(id.end);
  if (machine_->history().recorded() && voters.size() > 0) contents.voters = voters;
  auto written = co_await snapshots_.put(id, render_snapshot(id, contents));
  if (written) written = co_await snapshots_.remove_old();
  // A newer one may have come from the leader meanwhile.
  const bool still_there = written && snapshots_.oldest();
  if (still_there && before && before->end > log_->start() && before == snapshots_.oldest()) {
    written = co_await log_->delete_before(before->end);
  }
  if (!written) fail(written.error().what());
  co_return written;
}

Task<Status> write_first_voters(Env& env, Disk::Path metadata_log_dir, quorum::VoterSet voters) {
  CHECK(voters.size() > 0);
  const auto directory = metadata_log_dir / "__cluster_metadata-0";
  auto made = co_await env.disk.make_directory(directory);
  if (made) made = co_await env.disk.sync_names(std::move(metadata_log_dir));
  if (!made) co_return made;
  SnapshotContents contents;
  contents.last_contained = env.clock.wall_now();
  contents.voters = std::move(voters);
  const quorum::SnapshotId first(Offset(0), Epoch(0));
  auto bytes = render_snapshot(first, contents);
  co_return co_await replace_file(env.disk, directory / snapshot_name(first), std::move(bytes));
}

}  // namespace trialog::replication
