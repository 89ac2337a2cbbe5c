#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/env/disk.h"
#include "sim/disk_fault.h"
#include "sim/inode.h"
#include "sim/moment.h"

namespace trialog::sim {

/// How long the calls of a disk take, drawn between the bounds. A call that is not slow does not
/// suspend at all, as one that the page cache answers.
struct DiskSpeed {
  std::uint32_t slow_per_million = 100'000;
  Duration slowest_call = microseconds(300);
  Duration fastest_sync = microseconds(100);
  Duration slowest_sync = milliseconds(3);
  std::uint64_t bytes_per_second = 0;  // 0: no limit.
};

/// The disk of one machine: it survives crashes and restarts. Nothing here takes time or fails by
/// chance; that is `SimDisk`'s part.
class Volume {
 public:
  using Path = Disk::Path;

  explicit Volume(Random random);
  Volume(const Volume&) = delete;

  Result<InodePtr> open(const Path& path, Disk::Open how, WallTime now);
  Result<std::vector<Disk::Entry>> list(const Path& directory) const;
  Status make_directory(const Path& directory, WallTime now);
  Status rename(const Path& from, const Path& to);
  Status remove(const Path& path);
  Status sync_names(const Path& directory);
  InodePtr find(const Path& path) const;
  /// Every file below `directory`, and the directories themselves, in order of name.
  Result<std::vector<InodePtr>> below(const Path& directory) const;
  void sync_names_of(const std::vector<InodePtr>& directories);
  /// How many more bytes fit.
  std::uint64_t room() const;
  Disk::Space space() const;

  bool try_lock(const InodePtr& file) { return locked_.insert(file->id).second; }
  void unlock(std::uint64_t id) { locked_.erase(id); }

  // Faults and settings.
  DiskFaults faults;
  DiskSpeed speed;
  bool read_only = false;
  std::optional<std::uint64_t> capacity;
  Moment stalled_until = beginning;
  Random& random() { return random_; }

  // What happens to the machine.
  /// The power goes: what was not synced is kept, lost, torn or old; every lock is free.
  void crash();
  void wipe();
  /// A copy of everything as it is, for `restore`.
  std::shared_ptr<const Inode> snapshot() { return copy_of(*root_); }
  void restore(const std::shared_ptr<const Inode>& image);
  /// Turns one bit of the file at `path`; false if there is none or it is too short.
  bool rot(const Path& path, std::uint64_t at, unsigned bit);
  /// Paths of all files, in order.
  std::vector<std::string> files() const;

 private:
  /// One change of names, which happens as a whole or not at all: also a rename.
  struct Change {
    InodePtr directory;
    std::string name;
    InodePtr becomes;  // Null: the name goes away.
  };
  using Operation = std::vector<Change>;

  struct Place {
    InodePtr directory;
    std::string name;
  };
  Result<Place> place_of(const Path& path) const;
  InodePtr walk(std::span<const std::string> parts) const;
  InodePtr create(const InodePtr& directory, const std::string& name, bool is_directory,
                  WallTime now);
  void change(Operation operation);
  static void make_durable(const Operation& operation);
  void crash_names();
  void crash_below(Inode& directory);
  InodePtr copy_of(const Inode& inode);

  Random random_;
  std::uint64_t last_id_ = 0;
  InodePtr root_;
  std::vector<Operation> volatile_;  // Not yet durable, in order.
  std::set<std::uint64_t> locked_;
};

}  // namespace trialog::sim
