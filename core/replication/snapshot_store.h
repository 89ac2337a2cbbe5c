#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/env/env.h"
#include "core/replication/snapshot_format.h"

namespace trialog::replication {

/// The snapshots beside the metadata log, whole and checked: one that was damaged is never served,
/// loaded or counted. Two are kept: the newest, and the one before, where the log may begin, so
/// that a replica which is a little behind finds what it lacks in the log.
class SnapshotStore {
 public:
  /// `directory` is that of the metadata log's partition.
  SnapshotStore(Env& env, Disk::Path directory);

  /// Looks at what is there. What is damaged is named in a note and set aside as "*.damaged".
  Task<Status> load();
  std::optional<quorum::SnapshotId> latest() const;
  std::optional<quorum::SnapshotId> oldest() const;
  bool has(const quorum::SnapshotId& id) const { return sizes_.contains(id); }

  Task<Result<SnapshotContents>> read(quorum::SnapshotId id);
  /// Durably; what was there under this id is replaced. `corrupt` if these bytes are none.
  Task<Status> put(quorum::SnapshotId id, Bytes whole);
  /// Removes all but the newest two; of those, the older one stays only if it ends behind 0.
  Task<Status> remove_old();
  /// Removes all that end before `end`.
  Task<Status> remove_before(Offset end);

  struct Part {
    Bytes bytes;
    std::uint64_t size = 0;  // Of the whole.
  };
  /// At most `limit` bytes from `position`. `not_found` if there is no such snapshot, `closed` if
  /// it does not reach there.
  Task<Result<Part>> part(quorum::SnapshotId id, std::uint64_t position, std::size_t limit);

 private:
  Disk::Path path_of(const quorum::SnapshotId& id) const { return directory_ / snapshot_name(id); }
  Task<Status> look_at(quorum::SnapshotId id);
  Task<Result<Bytes>> whole(quorum::SnapshotId id);

  Env& env_;
  Disk::Path directory_;
  std::map<quorum::SnapshotId, std::uint64_t> sizes_;
};

}  // namespace trialog::replication
