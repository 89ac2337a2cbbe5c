#include "core/replication/snapshot_store.h"

#include <algorithm>

namespace trialog::replication {
namespace {

/// Nobody's metadata takes more.
constexpr std::size_t largest = 2u << 30;

}  // namespace

SnapshotStore::SnapshotStore(Env& env, Disk::Path directory)
    : env_(env), directory_(std::move(directory)) {}

Task<Status> SnapshotStore::load() {
  auto listed = co_await env_.disk.list(directory_);
  if (!listed) co_return failure(listed.error());
  for (const auto& entry : *listed) {
    const auto id = snapshot_in_name(entry.name);
    if (!id) continue;
    auto looked = co_await look_at(*id);
    if (!looked) co_return looked;
  }
  co_return Status();
}

Task<Status> SnapshotStore::look_at(quorum::SnapshotId id) {
  auto bytes = co_await whole(id);
  if (!bytes && bytes.error().kind() != IoError::Kind::corrupt) co_return failure(bytes.error());
  const auto contents = bytes ? parse_snapshot(*bytes) : failure(bytes.error());
  if (contents) {
    sizes_[id] = bytes->size();
    co_return Status();
  }
  env_.trace.note(Level::error, "snapshot.damaged",
                  path_of(id).string() + ": " + contents.error().what());
  auto aside = path_of(id);
  aside += ".damaged";
  auto renamed = co_await env_.disk.rename(path_of(id), aside);
  if (!renamed) co_return renamed;
  co_return co_await env_.disk.sync_names(directory_);
}

std::optional<quorum::SnapshotId> SnapshotStore::latest() const {
  return sizes_.empty() ? std::nullopt : std::optional(sizes_.rbegin()->first);
}

std::optional<quorum::SnapshotId> SnapshotStore::oldest() const {
  return sizes_.empty() ? std::nullopt : std::optional(sizes_.begin()->first);
}

Task<Result<Bytes>> SnapshotStore::whole(quorum::SnapshotId id) {
  return read_file(env_.disk, path_of(id), largest);
}

Task<Result<SnapshotContents>> SnapshotStore::read(quorum::SnapshotId id) {
  auto bytes = co_await whole(id);
  if (!bytes) co_return failure(bytes.error());
  co_return parse_snapshot(*bytes);
}

Task<Status> SnapshotStore::put(quorum::SnapshotId id, Bytes whole) {
  const auto contents = parse_snapshot(whole);
  if (!contents) co_return failure(contents.error());
  const auto size = whole.size();
  auto path = path_of(id);
  auto written = co_await replace_file(env_.disk, std::move(path), std::move(whole));
  if (written) sizes_[id] = size;
  co_return written;
}

Task<Status> SnapshotStore::remove_old() {
  while (sizes_.size() > 2 || (sizes_.size() == 2 && oldest()->end == Offset(0))) {
    const auto id = *oldest();
    sizes_.erase(id);
    auto removed = co_await env_.disk.remove(path_of(id));
    if (!removed) co_return removed;
  }
  co_return co_await env_.disk.sync_names(directory_);
}

Task<Status> SnapshotStore::remove_before(Offset end) {
  while (!sizes_.empty() && oldest()->end < end) {
    const auto id = *oldest();
    sizes_.erase(id);
    auto removed = co_await env_.disk.remove(path_of(id));
    if (!removed) co_return removed;
  }
  co_return co_await env_.disk.sync_names(directory_);
}

Task<Result<SnapshotStore::Part>> SnapshotStore::part(quorum::SnapshotId id, std::uint64_t position,
                                                      std::size_t limit) {
  const auto found = sizes_.find(id);
  if (found == sizes_.end()) {
    co_return failure(IoError::Kind::not_found, snapshot_name(id) + " is not here");
  }
  Part part;
  part.size = found->second;
  if (position >= part.size) {
    co_return failure(IoError::Kind::closed, snapshot_name(id) + " is shorter");
  }
  auto file = co_await env_.disk.open(path_of(id), Disk::Open::existing);
  if (!file) co_return failure(file.error());
  Buffer buffer(static_cast<std::size_t>(std::min<std::uint64_t>(limit, part.size - position)));
  auto count = co_await (*file)->read(position, buffer.room());
  if (!count) co_return failure(count.error());
  buffer.filled(*count);
  part.bytes = buffer.slice(0, buffer.size());
  co_return part;
}

}  // namespace trialog::replication
